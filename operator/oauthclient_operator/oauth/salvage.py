"""What the server issued, scanned out of a body that cannot be read whole: a credential must not be lost to a comma."""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from .json_object import JSON, integer, objection

ISSUED: Final = (
    "client_id",
    "client_secret",
    "client_id_issued_at",
    "client_secret_expires_at",
    "registration_access_token",
    "registration_client_uri",
)
"""The members that the authorization server issues (RFC 7591 section 3.2.1, RFC 7592 section 3)."""

_NUMBERS: Final = frozenset({"client_id_issued_at", "client_secret_expires_at"})
_SPACE: Final = " \t\r\n"
_decoder: Final = json.JSONDecoder(parse_int=integer)


def salvage(body: bytes) -> dict[str, JSON]:
    """Return the issued members that a body holds complete: all that comes before its first fault."""
    text = body.decode("utf-8", errors="surrogateescape")
    return issued(dict(_members(text)))


def issued(members: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return the issued members among some, as far as they are of the right type and not empty."""
    return {name: members[name] for name in ISSUED if name in members and _is_usable(name, members[name])}


def _is_usable(name: str, value: JSON) -> bool:
    if name in _NUMBERS and isinstance(value, int | float):
        return not isinstance(value, bool) and objection(value, 1) is None
    # Some servers write a time as a text. Bytes that are no UTF-8 have become surrogates: such a string is not what the
    # server issued.
    return isinstance(value, str) and value != "" and objection(value, 1) is None


def _members(text: str) -> Iterator[tuple[str, JSON]]:
    """Walk the members of the first object in a text until one is incomplete."""
    place = text.find("{") + 1
    while place:
        try:
            place = _skip(text, place)
            name, place = _decoder.raw_decode(text, place)
            place = _skip(text, place)
            if not isinstance(name, str) or text[place] != ":":
                return
            value, place = _decoder.raw_decode(text, _skip(text, place + 1))
            place = _skip(text, place)
            if isinstance(value, int | float) and text[place : place + 1] not in (",", "}"):
                return  # The number may go on in what did not come: as digits, as a fraction or as an exponent.
            yield name, value
            if text[place] != ",":
                return
            place += 1
        except (ValueError, IndexError, RecursionError):
            return


def _skip(text: str, place: int) -> int:
    while place < len(text) and text[place] in _SPACE:
        place += 1
    return place
