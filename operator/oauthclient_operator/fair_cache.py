"""A cache that tenants fill: bounded by weight in all and for each tenant, and whoever fills it loses its own first."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


@dataclass(slots=True)
class _Entry(Generic[Value]):
    value: Value
    weight: int
    users: dict[Hashable, None] = field(default_factory=dict)


class FairCache(Generic[Key, Value]):
    """Values by key, each charged with its whole weight to every tenant that used it, and kept while one of them pays.

    Whoever has more than `per_tenant` gives up its own oldest; where all together weigh more than `in_all`, whoever has
    most does. Giving up takes a value from nobody else: it goes with its last user. What many share is counted once in
    all, and `per_user` for each further one. What weighs more than a share is not kept.
    """

    def __init__(self, *, per_tenant: int, in_all: int, per_user: int = 1) -> None:
        self._per_tenant = per_tenant
        self._in_all = in_all
        self._per_user = per_user
        self._entries: dict[Key, _Entry[Value]] = {}
        self._of: dict[Hashable, OrderedDict[Key, None]] = {}
        self._charged: dict[Hashable, int] = {}
        self._weight = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def weight(self) -> int:
        """What all values weigh, and all who use what others use, too."""
        return self._weight

    def get(self, key: Key) -> Value | None:
        """Return a value, which stays as old as it is."""
        entry = self._entries.get(key)
        return None if entry is None else entry.value

    def use(self, key: Key, tenant: Hashable) -> Value | None:
        """Return a value; from now on it is charged to that tenant, too, as its newest."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._charge(key, entry, tenant)
        self._keep_to_bounds(tenant)
        return entry.value

    def put(self, key: Key, value: Value, tenant: Hashable, weight: int = 1) -> None:
        """Keep a value as a tenant's newest; who used the one before it under that key is charged with this one."""
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = _Entry(value, weight)
            self._weight += weight - self._per_user
        grown, entry.value, entry.weight = weight - entry.weight, value, weight
        self._weight += grown
        for user in entry.users:
            self._charged[user] += grown
        self._charge(key, entry, tenant)
        for user in tuple(entry.users):
            if weight > self._per_tenant or (user != tenant and self._charged[user] > self._per_tenant):
                # It grew by another's doing: that costs this user nothing else.
                self._give_up(key, user)
        self._keep_to_bounds(tenant)

    def pop(self, key: Key) -> None:
        """Forget a value, if it is there."""
        entry = self._entries.get(key)
        for user in tuple(entry.users) if entry is not None else ():
            self._give_up(key, user)

    def _charge(self, key: Key, entry: _Entry[Value], tenant: Hashable) -> None:
        if tenant in entry.users:
            self._of[tenant].move_to_end(key)
            return
        entry.users[tenant] = None
        self._of.setdefault(tenant, OrderedDict())[key] = None
        self._charged[tenant] = self._charged.get(tenant, 0) + entry.weight
        self._weight += self._per_user

    def _keep_to_bounds(self, tenant: Hashable) -> None:
        while self._charged.get(tenant, 0) > self._per_tenant:
            self._give_up_oldest(tenant)
        while self._weight > self._in_all:
            self._give_up_oldest(max(self._charged, key=self._charged.__getitem__))

    def _give_up_oldest(self, tenant: Hashable) -> None:
        self._give_up(next(iter(self._of[tenant])), tenant)

    def _give_up(self, key: Key, tenant: Hashable) -> None:
        entry = self._entries[key]
        del entry.users[tenant], self._of[tenant][key]
        self._charged[tenant] -= entry.weight
        self._weight -= self._per_user
        # Who has nothing is forgotten: tenants choose their names.
        if not self._of[tenant]:
            del self._of[tenant], self._charged[tenant]
        if not entry.users:
            del self._entries[key]
            self._weight -= entry.weight - self._per_user
