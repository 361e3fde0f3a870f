"""The text of a file, YAML or JSON, as documents whose values know their lines; bounded, for anybody may have sent it.

The text is read event by event: nothing is built of it that its own length does not pay for, aliases included.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import yaml

from ...errors import UnreadableManifest
from ...oauth.json_object import JSON
from ...oauth.words import cleaned
from .scalars import plain

MOST_BYTES: Final = 16 * 1024 * 1024
MOST_VALUES: Final = 500_000
"""In one document, those that aliases repeat counted as often as they do."""
MOST_LEVELS: Final = 64

Path = tuple[str | int, ...]

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CHARACTERS: Final = 64
"""So many count as much as a value."""
_MERGE: Final = "<<"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document, the `number`-th of its text, and on which line each of its values begins."""

    number: int
    value: JSON
    lines: Mapping[Path, int] = field(repr=False)

    def line(self, path: Path) -> int:
        """Return the line of a value, or of what it would stand in."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)


def documents(text: str) -> Iterator[Document]:
    """Yield the documents of a text, those that are empty left out.

    Raises:
        UnreadableManifest: from here on it is no YAML, or more than is read.
    """
    try:
        yield from _documents(text)
    except UnreadableManifest as error:
        raise UnreadableManifest(f"{error}{_template(text)}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = text.count("\n", 0, getattr(error, "position", 0) or 0) + 1 if mark is None else mark.line + 1
        why = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be parsed"
        raise UnreadableManifest(f"line {line}: this is no YAML: {cleaned(str(why))}{_template(text)}") from None


def _template(text: str) -> str:
    return "; a template has to be rendered first, e.g. by helm template" if "{{" in text else ""


def _documents(text: str) -> Iterator[Document]:
    events = iter(yaml.parse(text, Loader=_LOADER))
    number = 0
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            number += 1
            reader = _Reader(events)
            value = reader.value(next(events), ())
            if value is not None:
                yield Document(number=number, value=value, lines=reader.lines)


class _Reader:
    """Reads one document."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events
        self._anchors: dict[str, tuple[JSON, int]] = {}
        self._size = 0
        self.lines: dict[Path, int] = {}

    def value(self, event: yaml.Event, path: Path) -> JSON:
        """Return the value that an event begins.

        Raises:
            UnreadableManifest: it is more than is read, or says two things.
        """
        self.lines[path] = _line(event)
        if len(path) > MOST_LEVELS:
            raise _unreadable(event, f"it is nested deeper than {MOST_LEVELS} levels")
        if isinstance(event, yaml.AliasEvent):
            return self._repeated(event)
        before = self._size
        self._grow(event, 1)
        found: JSON
        if isinstance(event, yaml.ScalarEvent):
            self._grow(event, len(event.value) // _CHARACTERS)
            found = plain(event.value) if event.implicit[0] else event.value
        elif isinstance(event, yaml.SequenceStartEvent):
            found = self._sequence(path)
        elif isinstance(event, yaml.MappingStartEvent):
            found = self._mapping(path)
        else:
            raise _unreadable(event, "a value is missing")
        if event.anchor is not None:
            self._anchors[event.anchor] = found, self._size - before
        return found

    def _repeated(self, event: yaml.AliasEvent) -> JSON:
        # What is not finished yet cannot be repeated: nothing holds itself.
        if event.anchor not in self._anchors:
            raise _unreadable(event, "an alias has no anchor before it")
        found, size = self._anchors[event.anchor]
        self._grow(event, size)
        return found

    def _sequence(self, path: Path) -> list[JSON]:
        found: list[JSON] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            found.append(self.value(event, (*path, len(found))))
        return found

    def _mapping(self, path: Path) -> dict[str, JSON]:
        found: dict[str, JSON] = {}
        merged: dict[str, JSON] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise _unreadable(event, "the name of a member is no text")
            name = event.value
            self._grow(event, len(name) // _CHARACTERS)
            value = self.value(next(self._events), (*path, name))
            self.lines[*path, name] = _line(event)
            if name == _MERGE and event.implicit[0]:
                for one in reversed(value if isinstance(value, list) else [value]):
                    merged |= one if isinstance(one, dict) else {}
            elif name in found:
                # kubectl refuses it, too: one reader takes the first, and another the last.
                raise _unreadable(event, f'"{cleaned(name, limit=80)}" is there twice')
            else:
                found[name] = value
        return {**merged, **found}

    def _grow(self, event: yaml.Event, by: int) -> None:
        self._size += by
        if self._size > MOST_VALUES:
            raise _unreadable(event, f"the document has more than {MOST_VALUES} values, aliases followed")


def _unreadable(event: yaml.Event, why: str) -> UnreadableManifest:
    return UnreadableManifest(f"line {_line(event)}: {why}")


def _line(event: yaml.Event) -> int:
    return 1 if event.start_mark is None else event.start_mark.line + 1
