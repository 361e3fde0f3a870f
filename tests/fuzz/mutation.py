"""Changes to an input: of its bytes and, where it is JSON, of its values, so that what is read stays readable."""

import json
from collections.abc import Sequence
from random import Random
from typing import Any, Final

_VALUES: Final[tuple[Any, ...]] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    2**31,
    2**53,
    2**63,
    10**400,
    1.5,
    -0.0,
    1e308,
    "",
    " ",
    "0",
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59",
    "2026-01-01T12:00:00",
    "https://[::1]:99999/",
    "https://issuer.example",
    "a\nb\u202e\x1b",
    "\ud800",
    "😀" * 3,
    "x" * 300,
    [],
    {},
    [[]],
    [None],
    {"": {}},
)
_BYTES: Final = (
    b"",
    b"\x00",
    b"\xff",
    b"\r\n",
    b"\n",
    b'"',
    b"\\",
    b",",
    b"=",
    b":",
    b"%",
    b"#",
    b"0",
    b"9" * 20,
    b"\xc3\xa9",
)


def mutated(data: bytes, chance: Random, words: Sequence[bytes], limit: int) -> bytes:
    """Return a changed copy of at most `limit` bytes."""
    for _ in range(chance.choice((1, 1, 2, 4))):
        data = _json(data, chance, words) if chance.random() < 0.6 else _bytes(data, chance, words)
    return data[:limit]


def _bytes(data: bytes, chance: Random, words: Sequence[bytes]) -> bytes:
    start = chance.randint(0, len(data))
    end = min(len(data), start + chance.choice((0, 0, 1, 1, 2, 4, 16, 64)))
    match chance.randrange(5):
        case 0:
            piece = chance.choice(words or _BYTES)
        case 1:
            piece = chance.choice(_BYTES)
        case 2:
            piece = data[start:end] * chance.choice((2, 3, 16))
        case 3:
            other = chance.randint(0, len(data))
            piece = data[other : other + chance.choice((1, 4, 16, 64))]
        case _:
            piece = bytes([chance.randrange(256)])
    return data[:start] + piece + data[end:]


def _json(data: bytes, chance: Random, words: Sequence[bytes]) -> bytes:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return _bytes(data, chance, words)
    places = list(_places(value))
    if not places:
        return _bytes(data, chance, words)
    container, key = chance.choice(places)
    match chance.randrange(7):
        case 0:
            container[key] = chance.choice(_VALUES)
        case 1:
            del container[key]
        case 2:
            container[key] = _text(chance.choice(words or _BYTES))
        case 3:
            other, name = chance.choice(places)
            container[key] = other[name]
        case 4 if isinstance(container, dict):
            container[_text(chance.choice(words or _BYTES))] = container[key]
        case 5:
            container[key] = chance.choice(([container[key]], [container[key]] * 3, {"x": container[key]}))
        case _ if isinstance(container[key], str):
            container[key] = _text(_bytes(container[key].encode("utf-8", "surrogatepass"), chance, words))
        case _:
            container[key] = chance.choice(_VALUES)
    try:
        return json.dumps(value, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):  # What was put into itself.
        return data


def _places(value: Any, depth: int = 0) -> Any:
    """Yield each member of the value as its container and its key."""
    keys: Any = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    if depth < 40:
        for key in keys:
            yield value, key
            yield from _places(value[key], depth + 1)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
