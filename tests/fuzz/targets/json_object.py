"""JSON of a peer: read so that it can be written again, or refused; and what is salvaged where it is refused."""

import json
import re
from typing import Final

from oauthclient_operator.errors import MalformedJSON
from oauthclient_operator.oauth.json_object import JSON, decode
from oauthclient_operator.oauth.salvage import ISSUED, issued, salvage
from tests.fuzz.properties import refused
from tests.fuzz.target import Target

LIMIT: Final = 4096
_NUMBER: Final = re.compile(rb"[:,\[]\s*+-?+[0-9][0-9.eE+-]{0,20}")


def run(data: bytes) -> None:
    saved = salvage(data)
    assert saved.keys() <= set(ISSUED)
    try:
        found = decode(data, limit=LIMIT - 8, depth=24)
    except MalformedJSON as error:
        refused(error, limit=60)
        return
    assert decode(json.dumps(found, ensure_ascii=False).encode(), limit=1 << 20, depth=24) == found
    assert saved == issued(found), "what is whole is salvaged otherwise than it is read"
    _cut(data, saved)


def _cut(data: bytes, whole: dict[str, JSON]) -> None:
    """Of an answer that was cut nothing is read that the whole one does not say."""
    evenly = range(0, len(data), 1 + len(data) // 64)
    in_numbers = (end for number in _NUMBER.finditer(data) for end in range(*number.span()))
    for end in (*evenly, *in_numbers):
        for name, value in salvage(data[:end]).items():
            assert name in whole, f"{name} is read from an answer that was cut"
            assert whole[name] == value, f"{name} is another in an answer that was cut"


TARGET: Final = Target(
    name="json_object",
    run=run,
    parsers=(decode, salvage, issued),
    words=(
        *(f'"{name}"'.encode() for name in ISSUED),
        *(
            b"1e999",
            b"NaN",
            b"-0",
            b"1.",
            b"1e",
            b'"\\ud83d\\ude00"',
            b'"\\ud800"',
            b"\xef\xbb\xbf",
            b"[" * 40,
            b'{"a":',
        ),
    ),
    limit=LIMIT,
)
