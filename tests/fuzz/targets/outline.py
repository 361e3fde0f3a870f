"""Objects of the API server, of which those that are large or deep are read by their outline.

The input is JSON text. What follows a NUL in it is put many times in the place of `HERE` before that, so that a few
bytes are a large object; of a piece with a bar the part before the bar opens what the part behind it closes.
"""

import json
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from oauthclient_operator.cluster.json_text import LEVELS, MANY, Extent, is_too_deep
from oauthclient_operator.cluster.kept import OVERSIZED, TOO_DEEP
from oauthclient_operator.cluster.list_reader import ListReader
from oauthclient_operator.cluster.outline import LARGE as BOUND
from oauthclient_operator.cluster.outline import outline, outlined, parse
from oauthclient_operator.oauth.metadata_rules import MOST_BYTES
from tests.fuzz.properties import refused
from tests.fuzz.target import Target

LARGE: Final = 200 * 1024
"""Characters of what is made large: more than client metadata may ever have."""
LARGEST_MEMBER: Final = 3 * MOST_BYTES
UNCERTAIN: Final = 8
"""Levels beyond those that are read which something may have and be read all the same."""
OPENED: Final = ("", "/metadata", "/object", "/object/metadata", "/object/spec", "/spec")
"""Objects whose members are looked at one by one; whatever else is large or deep is passed over whole."""
UNREAD: Final = ("labels", "managedFields")
HOLE: Final = "HERE"


def run(data: bytes) -> None:
    text = _filled(data.decode("utf-8", "replace"))
    whole = _whole(text)
    counting = _Counting(text)
    counting.looks = counting.characters = 0
    _read_as_it_is(lambda _: outline(counting), text, whole)
    _little_work(counting, _members(whole) if isinstance(whole, dict) else text.count(":"))
    for read in (parse,) if len(text) > BOUND else (outlined, parse):
        _read_as_it_is(read, text, whole)
    if isinstance(whole, dict):
        for size in (64 * 1024, 1000):
            _read_as_it_is(partial(_listed, size=size), text, whole)


def _read_as_it_is(read: Callable[[str], Any], text: str, whole: Any) -> None:
    """Hold what a reader makes of a text to what that is, whole."""
    try:
        found = read(text)
    except ValueError as error:
        refused(error)
        assert whole is _NO_JSON or whole is _NOT_COMPARED, "JSON is refused"
        return
    if whole is _NO_JSON:
        assert _may_be_passed_over(text), "what is no JSON is read"
    elif whole is not _NOT_COMPARED:
        _same(found, whole, text)


def _filled(text: str) -> str:
    template, _, piece = text.partition("\0")
    opening, _, closing = piece.partition("|")
    times = LARGE // max(len(piece), 1) if piece else 0
    return template.replace(HOLE, opening * times + closing * times, 1)


_NO_JSON: Final = object()
_NOT_COMPARED: Final = object()


def _whole(text: str) -> Any:
    """Return what Python's parser reads; or that it refuses the text, or that nothing is said of it.

    That is of one that is too deep for that parser, and of one in which a name stands twice: the API server writes none.
    """
    twice = False

    def once(members: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal twice
        found = dict(members)
        twice = twice or len(found) < len(members)
        return found

    try:
        value = json.loads(text, object_pairs_hook=once)
    except ValueError:
        return _NO_JSON
    except RecursionError:
        return _NOT_COMPARED
    return _NOT_COMPARED if twice else value


def _listed(text: str, size: int) -> Any:
    """Read it as the one item of a list that comes in parts of that size."""
    items: list[Any] = []
    reader = ListReader(items.append)
    raw = f'{{"metadata":{{}},"items":[{text}]}}'.encode()
    for begin in range(0, len(raw), size):
        reader.feed(raw[begin : begin + size])
    reader.end()
    (item,) = items
    return item


def _same(found: Any, whole: Any, text: str, path: str = "", name: str | None = None) -> None:
    """Hold what is read of a value to what is there, but where that is beyond a bound: then to what marks that."""
    if path in OPENED and isinstance(whole, dict):
        assert isinstance(found, dict), f"{path or 'all'} is lost"
        assert found.keys() <= whole.keys()
        for member, value in whole.items():
            if member in found:
                _same(found[member], value, text, f"{path}/{member}", member)
            else:
                assert member in UNREAD, f"{path}/{member} is lost"
                assert _is_large(text) or _depth(value) > LEVELS, f"{path}/{member} is lost, and is in the bounds"
        return
    depth = _depth(whole)
    may_be_there = depth <= LEVELS + UNCERTAIN or _brackets(text) <= MANY
    if may_be_there and json.dumps(found) == json.dumps(whole):
        return
    if name == "clientMetadata":
        is_deep, is_large = depth > LEVELS, depth > 0 and _is_large(text)
        assert (found == TOO_DEEP and is_deep) or (found == OVERSIZED and is_large), f"{path} is another"
    else:
        # What is no object is nothing.
        assert found is None, f"{path} is another"
        assert name is None or depth > LEVELS, f"{path} is lost, and is in the bounds"


def _is_large(text: str) -> bool:
    """Whether something in it may be as large as is not read; six characters may stand for one."""
    return len(text) - 5 * text.count("\\u") > LARGEST_MEMBER


def _may_be_passed_over(text: str) -> bool:
    """Whether something may be in it that is not looked into, so that it may be anything."""
    return _brackets(text) > LEVELS or len(text) > LARGEST_MEMBER or not text.lstrip(" \t\r\n").startswith("{")


def _brackets(text: str) -> int:
    return text.count("[") + text.count("{")


def _depth(value: Any) -> int:
    levels, layer = 0, [value]
    while containers := [inner for inner in layer if isinstance(inner, (dict, list))]:
        levels += 1
        layer = [v for found in containers for v in (found.values() if isinstance(found, dict) else found)]
    return levels


def _members(value: dict[str, Any], path: str = "") -> int:
    """Count the members that are looked at one by one."""
    inner = ((f"{path}/{name}", v) for name, v in value.items())
    return len(value) + sum(_members(v, at) for at, v in inner if at in OPENED and isinstance(v, dict))


class _Counting(str):
    """A text that counts how often something is taken out of it or looked for in it, and in how many characters."""

    __slots__ = ("characters", "looks")
    characters: int
    looks: int

    def __getitem__(self, place: Any) -> str:
        part = super().__getitem__(place)
        self._saw(len(part))
        return part

    def count(self, *sought: Any) -> int:
        begin, end = sought[1:] or (0, len(self))
        self._saw((len(self) if end is None else end) - begin)
        return super().count(*sought)

    def _saw(self, characters: int) -> None:
        self.looks += 1
        self.characters += characters


def _little_work(text: _Counting, members: int) -> None:
    """Hold the work to the bytes and to the members that are looked at: no look for each bracket, nothing read twice."""
    assert text.looks <= len(text) / 1000 + 40 * (members + 3), f"{text.looks} looks at {len(text)} characters"
    most = 8 * len(text) + 1024 * (members + 3)
    assert text.characters <= most, f"{text.characters} characters of {len(text)} are looked at"


TARGET: Final = Target(
    name="outline",
    run=run,
    parsers=(outline, outlined, parse, is_too_deep, Extent.end, ListReader.feed, ListReader.end),
    words=(
        b'"clientMetadata":',
        b'"labels":',
        b'"managedFields":',
        b'"metadata":{',
        b'"object":{',
        b'"spec":{',
        b"HERE",
        b"\0[],",
        b"\0[|]",
        b'\0{"a":|}',
        b'\0"",',
        b"\\u003c",
        b'\\"',
        b"\\\\",
        b"[" * 80,
        b"]" * 80,
        b"NaN",
    ),
    limit=2048,
)
