"""A state's fingerprint: equal for states that differ only in the names that were given out and in what time it is."""

import functools
import json
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.exploration import messages, recorded, settings
from tests.exploration.issuer import Issuer
from tests.exploration.run import Call, Failure, Value
from tests.exploration.store import Body

_NAME = re.compile(
    r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:\+00:00|Z))"
    r"|(\b(?:(?:rv|uid|holder|client|hand|sec|rat|iat)\d+|nonce\d+x\d+)\b"
    # Of keys: their names and numbers, and the whole of a private one.
    r"|(?<![\w-])[\w-]{43}(?![\w-])|-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----)"
)
_STAMP = re.compile(r"\b17[67]\d{7}\b")
"""When a client secret expires, in seconds since 1970."""
_BEARER = re.compile(r'(?<="bearer": ")([0-9a-f]{16})(?=")')
_AGES = (1.0, 5.0, 26.0, 60.0, 300.0, 900.0, 3600.0, 86400.0)
"""How long ago is told roughly: what is decided by the past is decided by its being past enough."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Something with its names and times taken out, and those, each once, in the order in which they occur in it."""

    rest: int
    names: tuple[str | float, ...] = ()

    def with_all(self, others: Sequence["Shape"]) -> "Shape":
        """Return the shape of this followed by others."""
        if not others:
            return self
        places = {name: place for place, name in enumerate(self.names)}
        found: list[int] = [self.rest]
        for other in others:
            found.append(other.rest)
            found += [places.setdefault(name, len(places)) for name in other.names]
        return Shape(hash(tuple(found)), tuple(places))


EMPTY = Shape(0)


def mark(shapes: Iterator[Shape], now: float) -> int:
    """Return the fingerprint of shapes at a time."""
    places: dict[str, int] = {}
    found: list[object] = []
    for shape in shapes:
        found.append(shape.rest)
        for name in shape.names:
            if type(name) is float:
                found.append(ago(now, name))
            else:
                found.append(places.setdefault(name, len(places)))  # type: ignore[arg-type] # no float
    return hash(tuple(found))


@functools.lru_cache(maxsize=50_000)
def of_text(text: str) -> Shape:
    """Return the shape of a text."""
    parts = _NAME.split(_STAMP.sub(lambda found: _stamp(found[0]), text))
    if len(parts) == 1:
        return Shape(hash(text))
    places: dict[str | float, int] = {}
    for place in range(1, len(parts), 3):
        moment, name = parts[place], parts[place + 1]
        key = name if moment is None else _seconds(moment)
        parts[place], parts[place + 1] = "", str(places.setdefault(key, len(places)))
    return Shape(hash("\0".join(parts)), tuple(places))


def of_body(body: Body) -> Shape:
    """Return the shape of an object; what follows from the rest of it is left out."""
    return body.kept(_body)


def of_entry(entry: Any) -> Shape | None:
    """Return the shape of what a port said; the time that it told is none."""
    match entry:
        case Value(value=value):
            return of_entry(value) or EMPTY
        case Failure(kind=kind):
            return Shape(hash(kind))
        case Body():
            return of_body(entry)
        case float():
            return None
        case tuple():
            return EMPTY.with_all([shape for part in entry if (shape := of_entry(part)) is not None])
        case _:
            body = getattr(entry, "body", None) or getattr(entry, "partial", None)
            return of_text(repr(entry) + (body.decode() if body else ""))


def of_issuer(issuer: Issuer) -> Shape:
    """Return the shape of the authorization server."""
    clients = [
        (
            (c.client_id, c.issuer, c.secret, c.token, sorted(c.metadata.items(), key=repr)),
            settings.at(c.expires_at).isoformat() if c.expires_at else None,
        )
        for c in issuer.clients.values()
    ]
    return of_text(repr((clients, issuer.dialect, sorted(issuer.tokens))))


def of_call(call: Call) -> Shape:
    """Return the shape of a call that is on its way."""
    return of_text(repr(messages.wire(call.arguments[0]) if call.verb == "exchange" else call.arguments))


def ago(now: float, moment: float) -> float:
    """Return how far away a moment is: what is to come exactly, what is past roughly."""
    return round(moment - now, 1) if moment > now else -float(bisect_left(_AGES, now - moment))


def _body(body: Body) -> Shape:
    metadata, data = dict(body["metadata"]), body.get("data", {})
    if metadata.get("namespace") == settings.RECORDS:
        metadata = {k: v for k, v in metadata.items() if k not in ("labels", "annotations")}
        data = recorded.record_members(body)
    elif data:
        data = {k: recorded.decoded(v) for k, v in data.items()}
    text = json.dumps({**body, "metadata": metadata, "data": data}, sort_keys=True, default=str)
    return of_text(_BEARER.sub(lambda found: _tokens().get(found[1], found[1]), text))


def _stamp(seconds: str) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).isoformat()


@functools.cache
def _tokens() -> dict[str, str]:
    """Return tokens by what the program writes down of them."""
    tokens = (f"{kind}{number}" for kind in ("rat", "iat") for number in range(1, 500))
    return {recorded.token_name(token): token for token in tokens}


@functools.lru_cache(maxsize=100_000)
def _seconds(text: str) -> float:
    return settings.seconds(datetime.fromisoformat(text))
