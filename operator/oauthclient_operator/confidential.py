"""A string that must not be seen: its repr hides it, and it is put into no text unless it is revealed."""

from dataclasses import dataclass
from typing import Final, NoReturn, Self, SupportsIndex

_NO_TEXT: Final = "it is confidential and put into no text: reveal() it where it is sent or stored"


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

    def __str__(self) -> NoReturn:
        """Refuse to be put into a text: a mask in a header or a file is a mistake that nobody sees."""
        raise TypeError(_NO_TEXT)

    def __format__(self, format_spec: str) -> NoReturn:
        """Refuse to be put into an f-string, as into any other text."""
        raise TypeError(_NO_TEXT)
