"""An object of the API server that is large or deep, read without what nobody reads of it; pure.

To read a megabyte of brackets takes a second and a hundred times its bytes, for each event and at each start, on the
loop that does everybody's work. So of such an object only what is kept is read (`kept`), and the rest is passed over.
"""

import json
import re
from typing import Final

from ..oauth.json_object import JSON
from ..oauth.metadata_rules import MOST_BYTES
from .json_text import LEVELS, Extent, is_too_deep
from .kept import OVERSIZED, TOO_DEEP

LARGE: Final = 128 * 1024
"""Characters of an object beyond which it is read so; one that is neither too large nor hung with labels is smaller."""
_LARGE_MEMBER: Final = 3 * MOST_BYTES
"""Characters of client metadata that are too large whatever is in them: members that are null do not count there."""
_SMALL: Final = 256
"""Characters of an object or a list that is read without a look for its end."""
_OPENED: Final = frozenset({"/object", "/object/metadata", "/object/spec", "/metadata", "/spec"})
"""Objects that are read member by member; the first ones in a watch's event."""
_UNREAD: Final = frozenset({"managedFields", "labels"})
"""Members of which nothing is kept, or, as the labels of records, only where they are few."""
_DECODER: Final = json.JSONDecoder()
_SPACE: Final = re.compile(r"[ \t\n\r]*+")


def parse(text: str) -> JSON:
    """Return what a JSON text holds, but for what is nested too deeply.

    Raises:
        ValueError: it is not JSON.
    """
    # Python goes as deep as its stack, of which each caller has another rest; the API server goes a good deal deeper.
    return outline(text) if is_too_deep(text) else json.loads(text)


def outlined(text: str) -> JSON:
    """Return what a JSON text holds, but, where it is large, for what nobody reads.

    Raises:
        ValueError: it is not JSON.
    """
    return outline(text) if len(text) > LARGE else parse(text)


def outline(text: str) -> JSON:
    """Return an object, or a watch's event with one, without what is not kept of it; null where it is no object.

    Client metadata that are too large or too deep are marked as such. Anything else that is too deep is null.

    Raises:
        ValueError: it is not JSON.
    """
    begin = _beyond_space(text, 0)
    if text[begin : begin + 1] != "{":
        return None
    value, end = _members(text, begin, "")
    if _beyond_space(text, end) != len(text):
        raise ValueError("no JSON object")
    return value


def _members(text: str, at: int, path: str) -> tuple[dict[str, JSON], int]:
    """Read the object that begins there; return it and where it ends."""
    found: dict[str, JSON] = {}
    mark = "{"
    while mark != "}":
        at = _beyond_space(text, at + 1)
        if mark == "{" and text[at : at + 1] == "}":
            break
        # Only a name is read here: brackets in its place would be read as deep as they go.
        if text[at : at + 1] != '"':
            raise ValueError("no JSON object")
        name, at = _DECODER.raw_decode(text, at)
        at = _beyond_space(text, at)
        if text[at : at + 1] != ":":
            raise ValueError("no JSON object")
        at = _beyond_space(text, at + 1)
        inner = f"{path}/{name}"
        if inner in _OPENED and text[at : at + 1] == "{":
            found[name], at = _members(text, at, inner)
        elif text[at : at + 1] in ("{", "["):
            at = _put(found, name, text, at)
        else:
            found[name], at = _DECODER.raw_decode(text, at)
        at = _beyond_space(text, at)
        mark = text[at : at + 1]
        if mark not in (",", "}"):
            raise ValueError("no JSON object")
    return found, at + 1


def _put(members: dict[str, JSON], name: str, text: str, at: int) -> int:
    """Put what is read of an object or a list among the members, and return where it ends."""
    if (small := _small(text, at)) is not None:
        members[name], end = small
        return end
    extent = Extent()
    end, is_whole = extent.end(text, at)
    if not is_whole:
        raise ValueError("no JSON object")
    is_deep = extent.deepest > LEVELS
    # Six characters may stand for one.
    is_large = end - at - 5 * text.count("\\u", at, end) > _LARGE_MEMBER
    if name in _UNREAD and (is_deep or is_large):
        return end
    if name == "clientMetadata" and (is_deep or is_large):
        members[name] = {**(OVERSIZED if is_large else TOO_DEEP)}
    else:
        members[name] = None if is_deep else json.loads(text[at:end])
    return end


def _small(text: str, at: int) -> tuple[JSON, int] | None:
    """Read the object or list that begins there, if it is small and not deep, and return where it ends."""
    part = text[at : at + _SMALL]
    if part.count("[") + part.count("{") > LEVELS:
        return None
    try:
        value, length = _DECODER.raw_decode(part)
    except ValueError:
        return None  # Its end is not here.
    return value, at + length


def _beyond_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return at if match is None else match.end()
