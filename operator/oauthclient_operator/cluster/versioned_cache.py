"""The newest copy of each object that was seen, whatever the order in which copies arrive.

Copies come from lists, from watches and from the answers to our own writes, and each may be late. One rule decides:
the higher resourceVersion wins, also over an object of another UID that had the name before. What was removed leaves a
tombstone, which is its version remembered for a while, or a late copy would bring it back for good.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from .metadata import Key

Value = TypeVar("Value")
_MOST_TOMBSTONES = 4096
"""Kept of them; copies are late by seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy(Generic[Value]):
    """One copy of an object."""

    uid: str
    version: int
    value: Value
    order: int = field(default=0, compare=False)
    """How many copies had been taken when this one was, itself included."""


class VersionedCache(Generic[Value]):
    """The newest copies by namespace and name."""

    def __init__(self) -> None:
        self._copies: dict[Key, Copy[Value]] = {}
        self._tombstones: OrderedDict[Key, int] = OrderedDict()
        self._count = 0

    def get(self, key: Key) -> Value | None:
        """Return the newest copy's value."""
        copy = self._copies.get(key)
        return None if copy is None else copy.value

    def reached(self, key: Key) -> int | None:
        """Return the version at which an object, or its end, was seen last, where that is remembered."""
        known = self._copies.get(key)
        return self._tombstones.get(key) if known is None else known.version

    def version(self, key: Key) -> str | None:
        """Return what tells the newest copy from all others, its UID and its version."""
        known = self._copies.get(key)
        return None if known is None else f"{known.uid}/{known.version}"

    def uid(self, key: Key, *, until: int | None = None) -> str | None:
        """Return the UID of the newest copy; None where that is later than `until`."""
        known = self._copies.get(key)
        return None if known is None or (until is not None and known.version > until) else known.uid

    def keys(self, namespace: str | None = None) -> Iterator[Key]:
        """Iterate over the keys of all that there is, in a namespace or everywhere."""
        return (key for key in self._copies if namespace in (None, key[0]))

    def items(self) -> Iterator[tuple[Key, Value]]:
        """Iterate over all that there is."""
        return ((key, copy.value) for key, copy in self._copies.items())

    def wants(self, key: Key, version: int) -> bool:
        """Tell whether a copy of that version is newer than what is known."""
        known = self._copies.get(key)
        return version > self._tombstones.get(key, -1) and (known is None or version > known.version)

    def offer(self, key: Key, copy: Copy[Value]) -> bool:
        """Take a copy if it is newer than what is known; return whether it was taken."""
        if not self.wants(key, copy.version):
            return False
        self._put(key, copy)
        return True

    def remove(self, key: Key, uid: str, version: int) -> bool:
        """Forget the object of that UID, which was gone at `version`; return whether it was known."""
        self._leave_tombstone(key, version)
        known = self._copies.get(key)
        if known is None or known.uid != uid or known.version > version:
            return False
        del self._copies[key]
        return True

    def mark(self) -> int:
        """Return a mark to be taken before a list is asked for; see `replace`."""
        return self._count

    def replace(
        self, namespace: str | None, copies: Mapping[Key, Copy[Value]], version: int, *, since: int
    ) -> list[Key]:
        """Make a complete list the truth about a namespace, or about all; return the keys that changed.

        The list shows the state at `version`. Only a copy that was offered after the mark `since`, when the list was
        asked for, can be newer than that: whatever else is not in the list is gone, also where its version seems
        higher (the cluster's storage was restored from a backup).
        """
        changed = []
        for key in [key for key in self._tombstones if namespace in (None, key[0])]:
            del self._tombstones[key]
        for key in [key for key in self._copies if namespace in (None, key[0]) and key not in copies]:
            if not self._offered_later(key, version, since):
                del self._copies[key]
                self._leave_tombstone(key, version)
                changed.append(key)
        for key, copy in copies.items():
            if not self._offered_later(key, version, since) and self._copies.get(key) != copy:
                self._put(key, copy)
                changed.append(key)
        return changed

    def _offered_later(self, key: Key, version: int, since: int) -> bool:
        copy = self._copies.get(key)
        return copy is not None and copy.order > since and copy.version > version

    def _put(self, key: Key, copy: Copy[Value]) -> None:
        self._count += 1
        self._copies[key] = replace(copy, order=self._count)
        self._tombstones.pop(key, None)

    def _leave_tombstone(self, key: Key, version: int) -> None:
        self._tombstones[key] = max(version, self._tombstones.get(key, -1))
        self._tombstones.move_to_end(key)
        while len(self._tombstones) > _MOST_TOMBSTONES:
            self._tombstones.popitem(last=False)
