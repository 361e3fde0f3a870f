"""A pass's slot at an issuer, held from before the first preparation of a call until the call is made.

So whoever finds none has prepared nothing in vain, and gives its worker back at once. A write that is held meanwhile
keeps the slot from others for seconds alone.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, Final, TypeVar

from ..errors import CallsSpent
from ..exchange import Answer
from ..issuer.caller import Caller, Tenant
from ..reach import IssuerAddress
from ..token_bucket import TokenBuckets
from .authorization_server_ports import Issuers
from .ports import Clock

LENT: Final = 2.0
"""Seconds for which a slot is held during a step that asks nothing of the issuer. A write takes some hundredths."""
CALLS_AT_ONCE: Final = 10
SECONDS_PER_CALL: Final = 15.0
"""What a resource may call in the long run, whatever happens to its spec and its Secrets meanwhile."""


Taken = TypeVar("Taken")


class Budgets:
    """How much each resource has called lately."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: TokenBuckets[str] = TokenBuckets(rate=1 / SECONDS_PER_CALL, burst=CALLS_AT_ONCE)

    def check(self, uid: str) -> None:
        """Let a resource call.

        Raises:
            CallsSpent: it has called so much that it has to wait.
        """
        wait = self._buckets.wait(uid, self._clock.elapsed())
        if wait > 0:
            # No time is named: it would be another one after every change.
            message = (
                "this resource has called its authorization server often, because it or its Secrets keep changing: "
                f"the next call is made within {SECONDS_PER_CALL:g} s"
            )
            raise CallsSpent(message, retry_after=wait)

    def spend(self, uid: str) -> None:
        """Count a call."""
        self._buckets.take(uid, self._clock.elapsed())


class IssuerSlot:
    """One caller's slot at one issuer; it has to be released."""

    def __init__(self, issuers: Issuers, budgets: Budgets, caller: Caller) -> None:
        self._issuers = issuers
        self._budgets = budgets
        self._caller = caller
        self._held = ExitStack()
        self._issuer: IssuerAddress | None = None
        self._tell: Callable[[Answer], None] | None = None

    def release_for_another(self) -> None:
        """Release the slot, if there is one, for what has one of its own: nobody who waits gets it in between."""
        if self._issuer is not None:
            self._issuers.keep_slot(self._issuer, self._caller)
        self.release()

    @property
    def tenant(self) -> Tenant:
        """On whose account a call is made with it."""
        return self._caller.tenant

    def acquire(self, issuer: IssuerAddress, *, anyway: bool = False, gives_way: bool = False) -> None:
        """Take a slot at the issuer, unless this pass holds one there; `anyway` also where the issuer fails in a row.

        `gives_way` is as a caller's.

        Raises:
            IssuerBusy: there is none.
            IssuerUnavailable: nothing is begun with this issuer for a while.
            CallsSpent: this caller has called too often.
        """
        if self._issuer not in (None, issuer):
            self.release()
        if self._tell is None:
            self._budgets.check(self._caller.uid)
            caller = replace(self._caller, gives_way=gives_way)
            self._tell = self._held.enter_context(self._issuers.slot(issuer, caller, anyway=anyway))
            self._issuer = issuer

    async def lent_during(self, step: Coroutine[Any, Any, Taken]) -> Taken:
        """Await a step that asks nothing of the issuer; where it takes long, others have the slot before it is over.

        An admission webhook may hold each write of a tenant for half a minute, and nobody else would get to the issuer.
        Who has no slot any more then, and finds none for its call, has at least taken that step.
        """
        lapse = asyncio.get_running_loop().call_later(LENT, self.release)
        try:
            return await step
        finally:
            lapse.cancel()

    def saw(self, answer: Answer) -> None:
        """Take what came of a call."""
        self._budgets.spend(self._caller.uid)
        if self._tell is not None:
            self._tell(answer)

    def heard(self, answer: Answer) -> None:
        """Take what came of an exchange that is no call: who waits for the issuer learns of it all the same."""
        if self._tell is not None:
            self._tell(answer)

    def proved(self) -> None:
        """Count a proof, however many exchanges it took, as a call."""
        self._budgets.spend(self._caller.uid)

    def release(self) -> None:
        """Release the slot, if there is one."""
        self._held.close()
        self._issuer = self._tell = None
