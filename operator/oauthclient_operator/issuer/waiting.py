"""Which keys wait at which issuers, or for what of theirs, until they are called, or let go."""

from collections.abc import Hashable
from typing import Final, Generic, TypeVar

from ..resource.key import Key

PLACES: Final = 8
"""Where one key waits at most; with one more it waits no longer where it came first. Its tenant chooses the issuers."""

Place = TypeVar("Place", bound=Hashable)


class WaitingKeys(Generic[Place]):
    """Keys by place, in the order in which they came; a resource may have clients at several issuers, and wait at each.

    A place is an issuer's address, or where its metadata are found.
    """

    def __init__(self) -> None:
        self._at: dict[Place, dict[Key, None]] = {}
        self._by_key: dict[Key, dict[Place, None]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._at.values()))

    def add(self, key: Key, place: Place) -> None:
        """Have a key wait somewhere."""
        self._at.setdefault(place, {})[key] = None
        places = self._by_key.setdefault(key, {})
        places[place] = None
        if len(places) > PLACES:
            self.let_go(key, next(iter(places)))

    def at(self, place: Place) -> tuple[Key, ...]:
        """Return who waits there."""
        return tuple(self._at.get(place, ()))

    def of(self, key: Key) -> tuple[Place, ...]:
        """Return where a key waits."""
        return tuple(self._by_key.get(key, ()))

    def let_go(self, key: Key, place: Place) -> None:
        """Let a key wait there no more."""
        if place not in self._by_key.get(key, ()):
            return
        del self._at[place][key], self._by_key[key][place]
        if not self._at[place]:
            del self._at[place]
        if not self._by_key[key]:
            del self._by_key[key]

    def forget(self, key: Key) -> None:
        """Let a key wait nowhere any more."""
        for place in self.of(key):
            self.let_go(key, place)
