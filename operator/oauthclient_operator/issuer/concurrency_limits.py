"""How many exchanges with issuers go on at once; nobody who has to wait for one keeps a worker meanwhile.

A *slot* is the right to talk to an issuer. Who finds none free is told so at once and queued; when one is released, it
is reserved for the next in the queue, and that one is woken. The queue is fair: tenants take turns, and each tenant's
issuers do, so that no tenant is behind all of another's, however many issuers that one declares.

Three limits hold: for one issuer, so that it is not overrun; for one tenant (a namespace), so that whoever declares
many issuers that never answer does not take the slots of all others; and in all, which is how many workers can be
kept by issuers that hang. For what a tenant's deleted resources left behind the last two are others, and small: nobody
waits for it, and it must not stand in front of what somebody waits for.
"""

from collections import Counter, OrderedDict
from typing import Final

from ..errors import IssuerBusy
from ..resource.key import Key, Kind
from .caller import Caller, Wake

IN_ALL: Final = 256
PER_TENANT: Final = 64
LEFT_BEHIND_IN_ALL: Final = 16
LEFT_BEHIND_PER_TENANT: Final = 1

_Tenant = tuple[Kind, str]
_Flow = tuple[str, _Tenant]
"""An issuer, and a tenant that wants to talk to it: its callers wait in one queue, first come, first served."""


class ConcurrencyLimits:
    """Who holds a slot and who waits for one; no I/O and no time.

    `wake` is called when a slot is reserved for a key, whose caller then acquires it.
    """

    def __init__(self, wake: Wake, *, per_issuer: int, per_tenant: int = PER_TENANT, in_all: int = IN_ALL) -> None:
        self._wake = wake
        self._per_issuer = per_issuer
        self._per_tenant = {Kind.OAUTH_CLIENT: per_tenant, Kind.RECORD: LEFT_BEHIND_PER_TENANT}
        self._in_all = {Kind.OAUTH_CLIENT: in_all, Kind.RECORD: LEFT_BEHIND_IN_ALL}
        # Slots that are held or reserved, by issuer, by tenant and by kind.
        self._at: Counter[str] = Counter()
        self._of: Counter[_Tenant] = Counter()
        self._of_kind: Counter[Kind] = Counter()
        self._queues: OrderedDict[_Tenant, OrderedDict[_Flow, dict[Key, None]]] = OrderedDict()
        self._queued: dict[Key, _Flow] = {}
        self._reserved: dict[Key, _Flow] = {}

    def acquire(self, issuer: str, caller: Caller) -> None:
        """Take a slot, which has to be released.

        Raises:
            IssuerBusy: there is none now; a caller that queues is in the queue.
        """
        flow, key = (issuer, caller.tenant), caller.queued_as
        if key is not None:
            if self._reserved.get(key) == flow:
                del self._reserved[key]
                return
            if self._queued.get(key) != flow:
                self.withdraw(key)
        if self._has_slot(flow):
            if key is not None:
                self._dequeue(key)
            self._count(flow, 1)
            return
        if key is not None and key not in self._queued:
            self._queues.setdefault(caller.tenant, OrderedDict()).setdefault(flow, {})[key] = None
            self._queued[key] = flow
        raise IssuerBusy("all slots at the issuer are taken")

    def release(self, issuer: str, caller: Caller) -> None:
        """Give a slot back."""
        self._count((issuer, caller.tenant), -1)
        self._reserve()

    def withdraw(self, key: Key) -> None:
        """Take a key out of the queue, or give up the slot that is reserved for it: it does not want one any more."""
        self._dequeue(key)
        flow = self._reserved.pop(key, None)
        if flow is not None:
            self._count(flow, -1)
            self._reserve()

    def _has_slot(self, flow: _Flow) -> bool:
        issuer, tenant = flow
        return (
            self._at[issuer] < self._per_issuer
            and self._of[tenant] < self._per_tenant[tenant[0]]
            and self._of_kind[tenant[0]] < self._in_all[tenant[0]]
        )

    def _reserve(self) -> None:
        """Reserve what is free for those whose turn it is, and wake them."""
        reserved = True
        while reserved:
            reserved = False
            for tenant in list(self._queues):
                flows = self._queues[tenant]
                flow = next(filter(self._has_slot, flows), None)
                if flow is None:
                    continue
                key = next(iter(flows[flow]))
                # Issuer and tenant have had their turn: they go behind the others, before an emptied queue is removed.
                flows.move_to_end(flow)
                self._queues.move_to_end(tenant)
                self._dequeue(key)
                self._reserved[key] = flow
                self._count(flow, 1)
                self._wake(key)
                reserved = True

    def _dequeue(self, key: Key) -> None:
        flow = self._queued.pop(key, None)
        if flow is not None:
            _, tenant = flow
            flows = self._queues[tenant]
            del flows[flow][key]
            if not flows[flow]:
                del flows[flow]
            if not flows:
                del self._queues[tenant]

    def _count(self, flow: _Flow, change: int) -> None:
        issuer, tenant = flow
        self._of_kind[tenant[0]] += change
        self._at[issuer] += change
        self._of[tenant] += change
        # What is zero is forgotten: tenants choose the names.
        if not self._at[issuer]:
            del self._at[issuer]
        if not self._of[tenant]:
            del self._of[tenant]
