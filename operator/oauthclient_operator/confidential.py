"""A string that must not be seen: its repr and str hide it, so that no log, traceback or message shows it."""

from dataclasses import dataclass
from typing import NoReturn, Self, SupportsIndex


class NotPickled:
    """A value that does not change and holds what is confidential: a copy is the value itself."""

    __slots__ = ()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        """Refuse to be pickled: caches and queues do it unasked, and all can be read in what they keep."""
        raise TypeError("it holds what is confidential and is not pickled: reveal() what is to be stored")


@dataclass(frozen=True, slots=True, repr=False)
class Confidential(NotPickled):
    """A client secret or an access token; `reveal()` where it is sent or stored, and nowhere else."""

    _value: str

    def reveal(self) -> str:
        """Return the string itself."""
        return self._value

    def __repr__(self) -> str:
        return "Confidential(…)"

    __str__ = __repr__
