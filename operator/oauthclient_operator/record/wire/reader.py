"""Reading stored JSON member by member: what is absent or of another type is refused, or has a default."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar

from ...confidential import Confidential
from ...errors import NotClientInformation, UnreadableRecord
from ...oauth.client_information import ClientInformation
from ...oauth.json_object import JSON
from ...resource.times import moment

_MOST_SECONDS: Final = 2**53

T = TypeVar("T")
Word = TypeVar("Word", bound=StrEnum)


class Reader:
    """One JSON object at a place that errors name; every member that is asked for is noted as known."""

    def __init__(self, value: JSON, place: str) -> None:
        if not isinstance(value, dict):
            raise UnreadableRecord(f"{place} is not an object")
        self._members: Mapping[str, JSON] = value
        self._known: set[str] = set()
        self._children: list[Reader] = []
        self.place = place

    def has(self, name: str) -> bool:
        """Whether the member is there and not null."""
        self._known.add(name)
        return self._members.get(name) is not None

    def text(self, name: str) -> str:
        """Return a string."""
        return self._typed(name, str)

    def text_or_none(self, name: str) -> str | None:
        """Return a string, or None."""
        return self.text(name) if self.has(name) else None

    def secret_or_none(self, name: str) -> Confidential | None:
        """Return a credential, or None."""
        return Confidential(self.text(name)) if self.has(name) else None

    def number(self, name: str, default: int | None = None) -> int:
        """Return a whole number."""
        return default if default is not None and not self.has(name) else self._typed(name, int)

    def seconds_or_none(self, name: str) -> float | None:
        """Return a number of seconds, or None."""
        if not self.has(name):
            return None
        value = self._members[name]
        # Of more digits than a float has it is no number of seconds, and cannot be made one.
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > _MOST_SECONDS:
            raise self._refusal(name)
        return float(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return true or false."""
        return self._typed(name, bool) if self.has(name) else default

    def moment(self, name: str) -> datetime:
        """Return a time (RFC 3339); one of no time zone cannot be compared."""
        found = moment(self.text(name))
        if found is None:
            raise self._refusal(name)
        return found

    def moment_or_none(self, name: str) -> datetime | None:
        """Return a time, or None."""
        return self.moment(name) if self.has(name) else None

    def word(self, name: str, kind: type[Word]) -> Word:
        """Return one of the words of a kind."""
        try:
            return kind(self.text(name))
        except ValueError:
            raise self._refusal(name) from None

    def words_of(self, name: str, kind: type[Word]) -> tuple[Word, ...]:
        """Return a list of words of a kind."""
        try:
            return tuple(kind(word) for word in self.words(name))
        except ValueError:
            raise self._refusal(name) from None

    def object(self, name: str) -> Mapping[str, JSON]:
        """Return an object as it is, empty where there is none."""
        return self._typed(name, dict) if self.has(name) else {}

    def object_or_none(self, name: str) -> Mapping[str, JSON] | None:
        """Return an object as it is, or None."""
        return self._typed(name, dict) if self.has(name) else None

    def texts(self, name: str) -> dict[str, str]:
        """Return an object of strings."""
        found = self.object(name)
        if not all(isinstance(value, str) for value in found.values()):
            raise self._refusal(name)
        return {key: str(value) for key, value in found.items()}

    def information(self, name: str) -> ClientInformation:
        """Return a server's answer."""
        try:
            return ClientInformation.parse(self._typed(name, dict))
        except NotClientInformation:
            raise self._refusal(name) from None

    def child(self, name: str) -> "Reader":
        """Return the reader of a member that is an object."""
        return self._child(self._typed(name, dict), f"{self.place}.{name}")

    def child_or_none(self, name: str) -> "Reader | None":
        """Return the reader of a member that is an object, or None."""
        return self.child(name) if self.has(name) else None

    def items(self, name: str, read: Callable[["Reader"], T]) -> tuple[T, ...]:
        """Return a list of objects, each read."""
        found = self._list(name)
        return tuple(read(self._child(value, f"{self.place}.{name}[{i}]")) for i, value in enumerate(found))

    def words(self, name: str) -> tuple[str, ...]:
        """Return a list of strings."""
        found = self._list(name)
        if not all(isinstance(value, str) for value in found):
            raise self._refusal(name)
        return tuple(str(value) for value in found)

    def numbers(self, name: str) -> tuple[int, ...]:
        """Return a list of whole numbers."""
        found = self._list(name)
        numbers = tuple(value for value in found if type(value) is int)
        if len(numbers) != len(found):
            raise self._refusal(name)
        return numbers

    def rest(self) -> dict[str, JSON]:
        """Return the members that nobody asked for."""
        return {name: value for name, value in self._members.items() if name not in self._known}

    def end(self) -> None:
        """Refuse members that nobody asked for, at any depth: what is not understood is not changed."""
        if self.rest():
            raise UnreadableRecord(f"{self.place} has members that this schema does not know")
        self.end_below()

    def end_below(self) -> None:
        """Refuse such members below this object alone."""
        for child in self._children:
            child.end()

    def _child(self, value: JSON, place: str) -> "Reader":
        child = Reader(value, place)
        self._children.append(child)
        return child

    def _list(self, name: str) -> list[JSON]:
        return self._typed(name, list) if self.has(name) else []

    def _typed(self, name: str, kind: type[T]) -> T:
        self._known.add(name)
        value = self._members.get(name)
        if type(value) is not kind:
            raise self._refusal(name)
        return value

    def _refusal(self, name: str) -> UnreadableRecord:
        return UnreadableRecord(f"{self.place}.{name} is missing or of another type")
