"""The right to act: one Lease, held by one process at a time.

The library's own election does not serve: its requests have no deadline of their own, it reads the wall clock, writes
local time as if it were UTC, needs two requests per renewal and keeps the Lease when the process ends.

The holder counts from before the request that renewed it; the others count from when they saw that request's result.
So the holder stops before another begins, however slow the network is, and no two clocks are compared.
"""

import asyncio
import logging
import math
import secrets
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from .. import names
from ..errors import AlreadyExists, ClusterError, Conflict, NamespaceMissing, NotFound
from ..oauth.json_object import JSON
from .connection import Connection
from .elapsed import elapsed
from .events import micro_time
from .target import LEASES, Target

_LOG = logging.getLogger(__name__)
_TIMEOUT = 5.0
_PAUSE: Final = 2.0
"""Seconds between two looks at another's Lease, and between two tries after a failure."""


def new_holder() -> str:
    """Return an identity that no other process has had."""
    return f"{socket.gethostname()}_{secrets.token_hex(8)}"


class Lease:
    """One Lease; `duration` and `renewal` (how often it is renewed) are seconds."""

    def __init__(
        self,
        connection: Connection,
        *,
        namespace: str,
        holder: str,
        duration: float,
        renewal: float,
        name: str = names.OPERATOR,
    ) -> None:
        self._connection = connection
        self._target = Target(api=LEASES, resource="leases", namespace=namespace, name=name)
        self._holder = holder
        self._duration = duration
        self._renewal = renewal
        self._until = 0.0
        self._asked = False
        """Whether our last write may have made the Lease ours, also where its answer was lost."""
        self._body: dict[str, JSON] | None = None
        self._seen: tuple[Mapping[str, JSON], float] = ({}, 0.0)

    def remaining(self) -> float:
        """Return for how many seconds nobody else acts; 0 where that is not sure."""
        return max(0.0, self._until - elapsed())

    async def acquire(self) -> None:
        """Wait until the Lease is ours."""
        waited_for = None
        while True:
            try:
                if await self._claim():
                    _LOG.info("lease acquired", extra={"holder": self._holder})
                    return
                holder = self._spec().get("holderIdentity")
                if holder != waited_for:
                    waited_for = holder
                    _LOG.info("lease is held by another process", extra={"holder": str(holder)})
            except ClusterError as error:
                _LOG.warning("lease not acquired", extra={"error": str(error)})
            await asyncio.sleep(min(_PAUSE, self._renewal))

    async def acquire_unless_renewed(self) -> str | None:
        """Wait until the Lease is ours, or until another process takes or renews it; return who that is.

        A Lease that a process left when it was killed is waited for, as long as it says.
        """
        before: Mapping[str, JSON] | None = None
        while not await self._claim():
            spec = self._spec()
            holder = spec.get("holderIdentity")
            if before is not None and spec != before and holder and holder != self._holder:
                return str(holder)
            before = spec
            await asyncio.sleep(min(_PAUSE, self._renewal))
        return None

    async def keep(self) -> None:
        """Renew the Lease until another process holds it; `remaining` says meanwhile what is sure."""
        pause, failed = self._renewal, False
        while True:
            await asyncio.sleep(pause)
            pause = min(_PAUSE, self._renewal)
            try:
                # One request, without reading first: it carries the resourceVersion that our last write got.
                if await self._write(holder=self._holder) or await self._claim():
                    pause = self._renewal
                    if failed:
                        # Who reads the log afterwards sees nothing else of it.
                        _LOG.info("lease renewed again", extra={"holder": self._holder})
                    failed = False
                elif self._spec().get("holderIdentity") not in (None, "", self._holder):
                    self._until, self._asked = 0.0, False
                    return
            except ClusterError as error:
                failed = True
                _LOG.warning("lease not renewed", extra={"error": str(error), "remaining": round(self.remaining())})

    async def release(self) -> None:
        """Give the Lease up, so that the next process need not wait; call it when nothing is in flight any more."""
        asked, self._asked, self._until = self._asked, False, 0.0
        if not asked:
            return
        try:
            if not (self._is_ours() and await self._write(holder=None)):
                await self._read()
                if self._is_ours():
                    await self._write(holder=None)
        except ClusterError as error:
            _LOG.warning("lease not released", extra={"error": str(error)})

    async def _claim(self) -> bool:
        """Read the Lease and take it if it is free; return whether it is ours."""
        await self._read()
        return self._free() and await self._write(holder=self._holder)

    def _free(self) -> bool:
        spec = self._spec()
        holder, seconds = spec.get("holderIdentity"), spec.get("leaseDurationSeconds")
        if not holder or holder == self._holder:
            return True
        # The other one's time is counted from when we saw its last renewal, by our clock, and lasts as long as it says.
        _, at = self._seen
        return elapsed() - at > (seconds if isinstance(seconds, int) else self._duration)

    async def _read(self) -> None:
        try:
            self._body = await self._connection.request("GET", self._target, within=_TIMEOUT, urgent=True)
        except NotFound:
            self._body = None
        if self._spec() != self._seen[0]:
            self._seen = (self._spec(), elapsed())

    async def _write(self, *, holder: str | None) -> bool:
        """Write the Lease if it is still as we know it; return False if it is not."""
        before, now = self._spec(), micro_time(datetime.now(UTC))
        spec: dict[str, JSON] = {
            "holderIdentity": holder,
            "leaseDurationSeconds": math.ceil(self._duration),
            "acquireTime": before.get("acquireTime"),
            "renewTime": now,
            "leaseTransitions": before.get("leaseTransitions", 0),
        }
        if before.get("holderIdentity") != holder and holder is not None:
            transitions = before.get("leaseTransitions")
            spec |= {"acquireTime": now, "leaseTransitions": transitions + 1 if isinstance(transitions, int) else 0}
        began = elapsed()
        self._asked = self._asked or holder is not None
        try:
            self._body = await self._send(spec)
        except NamespaceMissing:
            raise  # Nobody else has the Lease: that there can be none is to be said.
        except (Conflict, AlreadyExists, NotFound):
            return False
        self._until = began + self._duration if holder is not None else 0.0
        return True

    async def _send(self, spec: dict[str, JSON]) -> dict[str, JSON]:
        query = {"fieldManager": names.OPERATOR}
        head: dict[str, JSON] = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease"}
        if self._body is None:
            head["metadata"] = {"name": self._target.name, "namespace": self._target.namespace}
            everywhere = Target(api=LEASES, resource="leases", namespace=self._target.namespace)
            return await self._connection.request(
                "POST", everywhere, query=query, body=head | {"spec": spec}, within=_TIMEOUT, urgent=True
            )
        body = self._body | {"spec": spec}
        return await self._connection.request("PUT", self._target, query=query, body=body, within=_TIMEOUT, urgent=True)

    def _is_ours(self) -> bool:
        return self._spec().get("holderIdentity") == self._holder

    def _spec(self) -> Mapping[str, JSON]:
        spec = self._body.get("spec") if self._body is not None else None
        return spec if isinstance(spec, dict) else {}
