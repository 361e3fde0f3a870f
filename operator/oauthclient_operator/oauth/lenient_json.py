"""A peer's JSON object, read as well as it can be: for an answer that tells of a client and does not come twice."""

import json
from dataclasses import dataclass, field
from typing import Final

from ..errors import MalformedJSON
from .json_object import JSON, decode, integer, is_text, objection
from .salvage import ISSUED

TWICE: Final = "a member that is named twice, of which the last one holds"
NOT_UTF8: Final = "text that is not UTF-8"
AROUND: Final = "more than a JSON object"
NOT_A_NUMBER: Final = "a number that JSON does not have"
LEFT_OUT: Final = "members that are too large, too deep or no text, which are left out"
CHARACTERS: Final = "control characters in its text"


@dataclass(frozen=True, slots=True)
class Whole:
    """A JSON object that came whole, as far as it can be kept.

    `flaws` name what was wrong with it, `left_out` members that could not be kept.
    """

    members: dict[str, JSON] = field(repr=False)
    flaws: tuple[str, ...] = ()
    left_out: frozenset[str] = field(default=frozenset(), repr=False)


def read(body: bytes, *, limit: int, depth: int) -> Whole | None:
    """Read the JSON object that a body is, or that it holds; None where there is none, or not to its end.

    What the server issued is kept before anything else, for `limit` bytes are kept of all of it.
    """
    try:
        return Whole(decode(body, limit=limit, depth=depth))
    except MalformedJSON:
        return _read(body, limit, depth)


def _read(body: bytes, limit: int, depth: int) -> Whole | None:
    text, flaws = _text(body)
    place = text.find("{")

    def pairs(found: list[tuple[str, JSON]]) -> dict[str, JSON]:
        # RFC 8259 section 4: "Many implementations report the last name/value pair only."
        members = dict(found)
        if len(members) != len(found):
            flaws.append(TWICE)
        return members

    def constant(_: str) -> None:
        flaws.append(NOT_A_NUMBER)

    decoder = json.JSONDecoder(object_pairs_hook=pairs, parse_constant=constant, parse_int=integer, strict=False)
    try:
        members, end = decoder.raw_decode(text, max(place, 0))
    except (ValueError, RecursionError):
        return None
    if not isinstance(members, dict):
        return None
    if text[:place].strip() or text[end:].strip():
        flaws.append(AROUND)
    kept = _kept(members, limit, depth)
    if len(kept) < len(members):
        flaws.append(LEFT_OUT)
    return Whole(kept, tuple(dict.fromkeys(flaws)) or (CHARACTERS,), frozenset(members).difference(kept))


def _text(body: bytes) -> tuple[str, list[str]]:
    encoding = json.detect_encoding(body)
    if not encoding.startswith("utf-8"):
        return body.decode(encoding, errors="replace"), [NOT_UTF8]
    try:
        return body.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        # Bytes that are no UTF-8 become surrogates, and what holds one is left out.
        return body.decode("utf-8-sig", errors="surrogateescape"), [NOT_UTF8]


def _kept(members: dict[str, JSON], limit: int, depth: int) -> dict[str, JSON]:
    kept: dict[str, JSON] = {}
    for name in sorted(members, key=lambda n: n not in ISSUED):
        if not is_text(name) or objection(members[name], depth - 1) is not None:
            continue
        size = len(json.dumps({name: members[name]}, ensure_ascii=False).encode())
        if size <= limit:
            kept[name], limit = members[name], limit - size
    return {name: kept[name] for name in members if name in kept}
