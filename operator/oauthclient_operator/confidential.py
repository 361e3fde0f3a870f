"""A string that must not be seen: its repr and str hide it, so that no log, traceback or message shows it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False)
class Confidential:
    """A client secret or an access token; `reveal()` where it is sent or stored, and nowhere else."""

    _value: str

    def reveal(self) -> str:
        """Return the string itself."""
        return self._value

    def __repr__(self) -> str:
        return "Confidential(…)"

    __str__ = __repr__
