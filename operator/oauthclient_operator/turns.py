"""A line in which everybody has a turn: by group, in each group by subgroup, and there first come, first served.

So a thousand keys of one group are one key's delay to another group, not a thousand's.
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Turns(Generic[Key]):
    """Keys that wait, each once."""

    def __init__(self) -> None:
        self._groups: OrderedDict[Hashable, OrderedDict[Hashable, dict[Key, None]]] = OrderedDict()
        self._waiting: set[Key] = set()

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, key: Key) -> bool:
        return key in self._waiting

    def add(self, key: Key, group: Hashable, subgroup: Hashable) -> None:
        """Let a key wait that does not yet."""
        self._waiting.add(key)
        self._groups.setdefault(group, OrderedDict()).setdefault(subgroup, {})[key] = None

    def next(self) -> Key:
        """Take out the key whose turn it is; there has to be one."""
        group, subgroups = next(iter(self._groups.items()))
        subgroup, keys = next(iter(subgroups.items()))
        key = next(iter(keys))
        del keys[key]
        self._waiting.discard(key)
        # Whose turn it was goes to the end, or goes.
        subgroups.move_to_end(subgroup)
        self._groups.move_to_end(group)
        if not keys:
            del subgroups[subgroup]
        if not subgroups:
            del self._groups[group]
        return key

    def clear(self) -> None:
        """Forget all."""
        self._groups.clear()
        self._waiting.clear()
