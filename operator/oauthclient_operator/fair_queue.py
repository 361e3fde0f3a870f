"""A fair queue: the group that used least is next; in it its subgroups take turns, and there first come, first served.

It is start-time fair queueing: each group has a clock of its own that what it used moves on, and whose is behind goes
first. So a thousand keys of one group, or ten that each take long, delay another group's key by one key's time. A group
that comes anew begins where the others are: nobody saves time up, and no debt is forgotten by a pause.
"""

import heapq
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

LEAST: Final = 0.001
"""Seconds that each key counts for at least, and until it is known how long it took."""
_FORGIVEN: Final = 1.0
"""Seconds of debt that may be forgotten with a group that has nothing here."""
_FEW: Final = 64


@dataclass(slots=True)
class _Group(Generic[Key]):
    clock: float
    subgroups: OrderedDict[Hashable, dict[Key, None]] = field(default_factory=OrderedDict)
    in_work: int = 0
    queued: bool = False
    """Whether it has an entry in the heap."""


class FairQueue(Generic[Key]):
    """Keys that wait, each once, and keys that were taken out and are in work, of one group `at_once` at most."""

    def __init__(self, *, at_once: int = 1 << 30) -> None:
        self._at_once = at_once
        self._groups: dict[Hashable, _Group[Key]] = {}
        self._heap: list[tuple[float, int, Hashable]] = []
        self._waiting: set[Key] = set()
        self._in_work: dict[Key, Hashable] = {}
        self._now = 0.0
        self._numbers = 0
        self._tidy_at = _FEW

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, key: Key) -> bool:
        return key in self._waiting

    @property
    def has_next(self) -> bool:
        """Whether there is a key whose turn it is: of groups with as much in work as they may have there is none."""
        return bool(self._heap)

    def add(self, key: Key, group: Hashable, subgroup: Hashable) -> None:
        """Put in a key that does not wait yet."""
        self._waiting.add(key)
        found = self._groups.get(group)
        if found is None:
            found = self._groups[group] = _Group(self._now)
        if not found.subgroups:
            # Nothing of it waited: what it did not use meanwhile is not saved up, whatever it has in work.
            found.clock = max(found.clock, self._now)
        found.subgroups.setdefault(subgroup, {})[key] = None
        self._queue(group, found)
        self._tidy()

    def next(self) -> Key:
        """Take out the key whose turn it is; there has to be one. It is in work until `done`."""
        key = self.next_of(lambda _group: True)
        if key is None:
            raise LookupError("it is no key's turn")
        return key

    def next_of(self, may: Callable[[Hashable], bool]) -> Key | None:
        """Take out the key whose turn it is of the groups that may have one, or return None where there is none."""
        first = self._first(may)
        if first is None:
            return None
        group, found = first
        subgroup, keys = next(iter(found.subgroups.items()))
        key = next(iter(keys))
        del keys[key]
        # The subgroup has had its turn: it goes behind the others, or away where none of its keys waits.
        found.subgroups.move_to_end(subgroup)
        if not keys:
            del found.subgroups[subgroup]
        self._waiting.discard(key)
        self._in_work[key] = group
        found.in_work += 1
        found.clock += LEAST
        self._queue(group, found)
        return key

    def done(self, key: Key, used: float) -> None:
        """Take back a key that was in work, and count what it used, in seconds."""
        group = self._in_work.pop(key)
        found = self._groups[group]
        found.in_work -= 1
        found.clock += max(0.0, used - LEAST)
        self._queue(group, found)

    def clear(self) -> None:
        """Forget all that waits."""
        for group in self._groups.values():
            group.subgroups.clear()
            group.queued = False
        self._heap.clear()
        self._waiting.clear()

    def _first(self, may: Callable[[Hashable], bool]) -> tuple[Hashable, _Group[Key]] | None:
        """Take the group out whose clock is behind all others' that may."""
        passed_over: list[Hashable] = []
        try:
            while self._heap:
                at, _, group = heapq.heappop(self._heap)
                found = self._groups[group]
                found.queued = False
                if found.clock > at:
                    # It used more since it was put in.
                    self._queue(group, found)
                elif may(group):
                    self._now = max(self._now, at)
                    return group, found
                else:
                    passed_over.append(group)
            return None
        finally:
            for group in passed_over:
                self._queue(group, self._groups[group])

    def _queue(self, group: Hashable, found: _Group[Key]) -> None:
        if found.subgroups and not found.queued and found.in_work < self._at_once:
            found.queued = True
            self._numbers += 1
            heapq.heappush(self._heap, (found.clock, self._numbers, group))

    def _tidy(self) -> None:
        """Forget groups that have nothing here and owe nothing: tenants choose their names."""
        if len(self._groups) < self._tidy_at:
            return
        self._groups = {
            name: group
            for name, group in self._groups.items()
            if group.subgroups or group.in_work or group.clock > self._now + _FORGIVEN
        }
        self._tidy_at = _FEW + 2 * len(self._groups)
