"""What many would do at once, told apart by their names, and for each the same whenever it is asked."""

import zlib
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def spread(name: str) -> float:
    """Return a number in [0, 1), evenly over names, and the same for a name each time and in every process."""
    return zlib.crc32(name.encode()) / 2**32


def paced(things: Iterable[T], *, per_second: float) -> Iterator[tuple[T, float]]:
    """Yield each thing, in an order by its name, with the seconds after which it has its turn: so many in each."""
    for place, thing in enumerate(sorted(things, key=lambda thing: spread(str(thing)))):
        yield thing, place / per_second
