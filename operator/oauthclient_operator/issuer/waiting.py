"""Which keys wait at which issuers, or for what of theirs, until they are called, or let go."""

import itertools
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
        self._numbers = itertools.count(1)
        self._turns: dict[Key, int] = {}

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

    def called(self, place: Place, most: int | None = None) -> tuple[Key, ...]:
        """Let go who waits there, the first so many of them, and return them; each has another turn then."""
        keys = self.at(place)[:most]
        for key in keys:
            self.let_go(key, place)
            self._turns[key] = next(self._numbers)
        return keys

    def turn(self, key: Key) -> object:
        """Return a value that is another one once a key was called."""
        return self._turns.get(key)

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
        """Let a key wait nowhere any more, and take leave of it."""
        for place in self.of(key):
            self.let_go(key, place)
        self._turns.pop(key, None)
