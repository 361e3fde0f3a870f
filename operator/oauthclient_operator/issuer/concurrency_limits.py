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
from ..reach import IssuerAddress
from ..resource.key import Key, Kind
from .caller import Caller, Tenant, Wake

IN_ALL: Final = 256
PER_TENANT: Final = 64
LEFT_BEHIND_IN_ALL: Final = 16
LEFT_BEHIND_PER_TENANT: Final = 1
OF_ISSUERS: Final = 16
"""For what is reported of ClusterOAuthIssuers, which no client waits for."""
PROOFS_PER_ISSUER: Final = 2
"""Proofs of credentials at once: they are many where a whole fleet is in doubt, and registrations go on beside them."""

_Flow = tuple[IssuerAddress, Tenant]
"""An issuer, and a tenant that wants to talk to it: its callers wait in one queue, first come, first served."""


class ConcurrencyLimits:
    """Who holds a slot and who waits for one; no I/O and no time.

    `wake` is called when a slot is reserved for a key, whose caller then acquires it.
    """

    def __init__(self, wake: Wake, *, per_issuer: int, per_tenant: int = PER_TENANT, in_all: int = IN_ALL) -> None:
        self._wake = wake
        self._per_issuer = per_issuer
        self._per_tenant = {
            Kind.OAUTH_CLIENT: per_tenant,
            Kind.RECORD: LEFT_BEHIND_PER_TENANT,
            Kind.CLUSTER_ISSUER: OF_ISSUERS,
        }
        self._in_all = {
            Kind.OAUTH_CLIENT: in_all,
            Kind.RECORD: LEFT_BEHIND_IN_ALL,
            Kind.CLUSTER_ISSUER: OF_ISSUERS,
        }
        # Slots that are held or reserved, by issuer, by tenant and by kind.
        self._at: Counter[IssuerAddress] = Counter()
        self._of: Counter[Tenant] = Counter()
        self._of_kind: Counter[Kind] = Counter()
        self._queues: OrderedDict[Tenant, OrderedDict[_Flow, dict[Key, None]]] = OrderedDict()
        self._queues_at: dict[IssuerAddress, OrderedDict[Tenant, None]] = {}
        self._queued: dict[Key, _Flow] = {}
        self._reserved: dict[Key, _Flow] = {}
        self._kept: dict[Key, _Flow] = {}

    def acquire(self, issuer: IssuerAddress, caller: Caller) -> None:
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
        if key is not None:
            self._enqueue(flow, key)
        raise IssuerBusy("all slots at the issuer are taken")

    def request(self, issuer: IssuerAddress, caller: Caller) -> None:
        """Reserve a slot for a caller that queues, now or when it is its turn; it is woken then."""
        flow, key = (issuer, caller.tenant), caller.key
        if self._reserved.get(key) == flow:
            self._wake(key)
            return
        if self._queued.get(key) != flow:
            self.withdraw(key)
        self._enqueue(flow, key)
        self._reserve_at(issuer)

    def release(self, issuer: IssuerAddress, caller: Caller) -> None:
        """Give a slot back, to the next one in the queue, or to the caller itself (`keep`)."""
        flow = (issuer, caller.tenant)
        if self._kept.pop(caller.key, None) != flow:
            self._give_back(flow)
            return
        self.withdraw(caller.key)
        self._reserved[caller.key] = flow

    def keep(self, issuer: IssuerAddress, caller: Caller) -> None:
        """Have the slot that a caller holds reserved for itself when it gives it back: it wants another one at once.

        Were it given to the next one, which finds that it has to do the same first, all would go round for ever.
        """
        if caller.queues:
            self._kept[caller.key] = (issuer, caller.tenant)

    def withdraw(self, key: Key) -> None:
        """Take a key out of the queue, or give up the slot that is reserved for it: it does not want one any more."""
        self._dequeue(key)
        flow = self._reserved.pop(key, None)
        if flow is not None:
            self._give_back(flow)

    def _enqueue(self, flow: _Flow, key: Key) -> None:
        if key not in self._queued:
            self._queues.setdefault(flow[1], OrderedDict()).setdefault(flow, {})[key] = None
            self._queued[key] = flow
            self._queues_at.setdefault(flow[0], OrderedDict())[flow[1]] = None

    def _has_slot(self, flow: _Flow) -> bool:
        issuer, tenant = flow
        return (
            self._at[issuer] < self._per_issuer
            and self._of[tenant] < self._per_tenant[tenant[0]]
            and self._of_kind[tenant[0]] < self._in_all[tenant[0]]
        )

    def _give_back(self, flow: _Flow) -> None:
        """Reserve what is free now for those whose turn it is: only whom this slot kept waiting has to be looked at."""
        issuer, tenant = flow
        were_all_taken = self._of_kind[tenant[0]] >= self._in_all[tenant[0]]
        self._count(flow, -1)
        if were_all_taken:
            # It kept everybody waiting. The walk ends with the first tenant that can take it.
            waiting = (next(filter(self._has_slot, flows), None) for flows in self._queues.values())
            if (first := next(filter(None, waiting), None)) is not None:
                self._reserve(first)
        self._reserve_at(issuer)
        self._reserve_of(tenant)

    def _reserve_at(self, issuer: IssuerAddress) -> None:
        while self._at[issuer] < self._per_issuer:
            waiting = ((issuer, tenant) for tenant in self._queues_at.get(issuer, ()))
            flow = next(filter(self._has_slot, waiting), None)
            if flow is None:
                return
            self._reserve(flow)

    def _reserve_of(self, tenant: Tenant) -> None:
        while (flow := next(filter(self._has_slot, self._queues.get(tenant, ())), None)) is not None:
            self._reserve(flow)

    def _reserve(self, flow: _Flow) -> None:
        issuer, tenant = flow
        key = next(iter(self._queues[tenant][flow]))
        # Issuer and tenant have had their turn: they go behind the others, before an emptied queue is removed.
        self._queues[tenant].move_to_end(flow)
        self._queues.move_to_end(tenant)
        self._queues_at[issuer].move_to_end(tenant)
        self._dequeue(key)
        self._reserved[key] = flow
        self._count(flow, 1)
        self._wake(key)

    def _dequeue(self, key: Key) -> None:
        flow = self._queued.pop(key, None)
        if flow is not None:
            issuer, tenant = flow
            flows = self._queues[tenant]
            del flows[flow][key]
            if not flows[flow]:
                del flows[flow], self._queues_at[issuer][tenant]
                if not self._queues_at[issuer]:
                    del self._queues_at[issuer]
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
