"""JSON text of a peer, read so that nothing in it can mean two things; the rest is refused in fixed words."""

import json
import math
from typing import Final, NoReturn, TypeAlias

from ..errors import MalformedJSON

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"

MAX_DEPTH: Final = 32
_DIGITS: Final = 4000


def decode(body: bytes, *, limit: int, depth: int = MAX_DEPTH) -> dict[str, JSON]:
    """Read a JSON object (RFC 8259) of at most `limit` bytes and `depth` levels.

    Raises:
        MalformedJSON: it is larger or deeper, not UTF-8 or not JSON, not an object, names a member twice, or holds
            a number or a character that cannot be written again.
    """
    found = _read(body, limit, depth)
    if isinstance(found, str):
        # Not raised where it was found: its context would be the decoder's exception, which holds the whole text.
        raise MalformedJSON(found)
    return found


def objection(value: JSON, depth: int) -> str | None:
    """Return why a JSON value cannot be kept and written again, in fixed words, or None if it can."""
    level: list[JSON] = [value]
    for left in range(depth, -1, -1):
        if not all(is_text(s) for v in level for s in _strings(v)):
            return "it holds half a surrogate pair, which is no character"
        if any(isinstance(v, float) and not math.isfinite(v) for v in level):
            return "it holds a number that is too large"
        containers = [v for v in level if isinstance(v, dict | list)]
        if not containers:
            return None
        if left:
            level = [inner for v in containers for inner in _inner(v)]
    return "it is nested too deeply"


def integer(digits: str) -> int | float:
    """Read an integer; one of more digits than Python reads becomes infinite, and so what cannot be kept."""
    return int(digits) if len(digits) <= _DIGITS else math.inf


def _read(body: bytes, limit: int, depth: int) -> dict[str, JSON] | str:
    if len(body) > limit:
        return "it is too large"
    try:
        # A byte order mark is ignored (RFC 8259 section 8.1 allows it).
        text = body.decode("utf-8-sig")
        value: JSON = json.loads(text, object_pairs_hook=_unambiguous, parse_constant=_refuse)
    except MalformedJSON as refusal:
        return str(refusal)
    except (ValueError, RecursionError):
        return "it is not JSON"
    if not isinstance(value, dict):
        return "it is not a JSON object"
    return objection(value, depth) or value


def _unambiguous(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    # Of two members of one name, one reader takes the first and another the last (RFC 8259 section 4).
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedJSON("it names a member twice")
    return members


def _refuse(_: str) -> NoReturn:
    raise MalformedJSON("it holds NaN or Infinity, which are not JSON")


def _strings(value: JSON) -> list[str]:
    if isinstance(value, dict):
        return list(value)
    return [value] if isinstance(value, str) else []


def _inner(container: dict[str, JSON] | list[JSON]) -> list[JSON]:
    return list(container.values()) if isinstance(container, dict) else container


def is_text(value: str) -> bool:
    """Say whether a string can be written as UTF-8: it holds no half of a surrogate pair."""
    return value.isascii() or not any("\ud800" <= c <= "\udfff" for c in value)
