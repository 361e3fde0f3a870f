"""The queue and the reconciler together: each key is worked on, and again when its pass said that it is due."""

import time
from collections.abc import Callable, Hashable
from typing import Final, assert_never

from ..issuer.concurrency_limits import IN_ALL, LEFT_BEHIND_IN_ALL, PER_TENANT
from ..resource.key import Key, Kind
from ..workqueue import WorkQueue
from .issuer_ports import IssuerReconciler, Unattended
from .ports import Chance, Clock
from .reconciler import Reconciler

WORKERS: Final = IN_ALL + LEFT_BEHIND_IN_ALL + 64
"""Keys in work at once. Whoever waits for an issuer has one of its slots, so these 64 never wait for one."""
LASTING: Final = 5.0
"""Seconds after which a pass counts among its tenant's alone: an admission webhook may hold each write of some tenants
for half a minute, and theirs would be all those in work then."""
WOKEN_WITHIN: Final = 300.0
"""Seconds after which a key that waits to be woken looks by itself."""


class Work:
    """What a process has to do, from when it begins to lead until it is told to stop.

    `issuer_of` tells which issuer a resource declares, by its namespace and name; by `computing`, a clock in seconds,
    tenants are charged with what their resources have the process compute. While requests to the API server wait for
    their turns (`is_behind`), passes last for that, and no more are begun in their place.
    """

    def __init__(
        self,
        *,
        issuer_of: Callable[[str, str], str],
        clock: Clock,
        chance: Chance,
        observe: Callable[[float], None] = lambda _seconds: None,
        is_behind: Callable[[], bool] = lambda: False,
        computing: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._issuer_of = issuer_of
        self._clock = clock
        self._observe = observe
        self._reconciler: Reconciler | None = None
        self._issuers: IssuerReconciler = Unattended()
        self._queue: WorkQueue[Key] = WorkQueue(
            self._look_at,
            workers=WORKERS,
            per_group=PER_TENANT + 32,
            lasting=LASTING,
            unless=is_behind,
            groups=self._groups,
            chance=chance.fraction,
            clock=computing,
        )

    def __len__(self) -> int:
        """Count what waits or is in work."""
        return len(self._queue)

    def add(self, key: Key, because: Hashable = None) -> None:
        """Have a key looked at soon, if this process acts."""
        if self._reconciler is not None:
            self._queue.add(key, because)

    def disregard(self, key: Key, because: Hashable) -> None:
        """Do not look again for that reason: the pass that is under way knows of it."""
        self._queue.disregard(key, because)

    def add_after(self, key: Key, delay: float) -> None:
        """Have a key looked at in `delay` seconds, unless it is due before, if this process acts."""
        if self._reconciler is not None:
            self._queue.add_after(key, delay)

    def begin(self, reconciler: Reconciler, issuers: IssuerReconciler | None = None) -> None:
        """Take keys in from now on."""
        self._reconciler, self._issuers = reconciler, issuers or Unattended()

    async def run(self) -> None:
        """Work until stopped, and return when what is in work has ended."""
        await self._queue.run()

    def stop(self) -> None:
        """Take nothing in any more, and begin nothing with an issuer."""
        if self._reconciler is not None:
            self._reconciler.stop()
        self._queue.stop()

    def _groups(self, key: Key) -> tuple[str, str]:
        # By tenant, and each tenant's by issuer: what fails over and over must not stand in front of what goes well.
        match key.kind:
            case Kind.OAUTH_CLIENT:
                return key.namespace, self._issuer_of(key.namespace, key.name)
            case Kind.RECORD:
                return key.namespace, ""
            case Kind.CLUSTER_ISSUER:
                # All issuers are one group, which is no tenant's.
                return "", key.name
            case _:
                assert_never(key.kind)

    async def _look_at(self, key: Key) -> None:
        if self._reconciler is None:
            raise AssertionError("nothing is queued before there is a reconciler")
        began = time.monotonic()
        of_issuer = key.kind is Kind.CLUSTER_ISSUER
        due = await (self._issuers.reconcile(key) if of_issuer else self._reconciler.reconcile(key))
        self._observe(time.monotonic() - began)
        if due.is_woken:
            self._queue.add_within(key, WOKEN_WITHIN)
        elif due.backoff:
            self._queue.add_after(key, self._queue.backoff(key))
        else:
            self._queue.forget(key)
            if due.at is not None:
                self._queue.add_after(key, (due.at - self._clock.now()).total_seconds())
