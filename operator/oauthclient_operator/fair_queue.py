"""A fair queue: groups take turns (round robin), in each group its subgroups do, and there first come, first served.

So a thousand keys of one group delay another group's key by one key's time, not by a thousand's.
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class FairQueue(Generic[Key]):
    """Keys that wait, each once."""

    def __init__(self) -> None:
        self._groups: OrderedDict[Hashable, OrderedDict[Hashable, dict[Key, None]]] = OrderedDict()
        self._waiting: set[Key] = set()

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, key: Key) -> bool:
        return key in self._waiting

    def add(self, key: Key, group: Hashable, subgroup: Hashable) -> None:
        """Put in a key that does not wait yet."""
        self._waiting.add(key)
        self._groups.setdefault(group, OrderedDict()).setdefault(subgroup, {})[key] = None

    def next(self) -> Key:
        """Take out the key whose turn it is; there has to be one."""
        group, subgroups = next(iter(self._groups.items()))
        subgroup, keys = next(iter(subgroups.items()))
        key = next(iter(keys))
        del keys[key]
        self._waiting.discard(key)
        # Group and subgroup have had their turn: they go behind the others, or away where none of their keys waits.
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
