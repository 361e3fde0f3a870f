"""JSON of a peer: read strictly, refused in fixed words, and never with another exception."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthclient_operator.errors import MalformedJSON
from oauthclient_operator.oauth.json_object import decode

LIMIT = 1000
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        pytest.param(b"", "not JSON", id="empty"),
        pytest.param(b"{", "not JSON", id="truncated"),
        pytest.param(b'{"a": 1} x', "not JSON", id="trailing bytes"),
        pytest.param(b'{"a": "\xff"}', "not JSON", id="not UTF-8"),
        pytest.param('{"a": 1}'.encode("utf-16"), "not JSON", id="UTF-16"),
        pytest.param(b'{"a": 1, "a": 2}', "twice", id="a member twice"),
        pytest.param(b'{"b": [{"a": 1, "a": 1}]}', "twice", id="a member twice further down"),
        pytest.param(b'{"a": NaN}', "not JSON", id="NaN"),
        pytest.param(b'{"a": -Infinity}', "not JSON", id="Infinity"),
        pytest.param(b'{"a": 1e999}', "too large", id="a number that becomes Infinity"),
        pytest.param(rb'{"a": "\ud800"}', "surrogate", id="half a surrogate pair"),
        pytest.param(rb'{"\udfff": 1}', "surrogate", id="half a surrogate pair in a name"),
        pytest.param(b"[]", "object", id="a list"),
        pytest.param(b'"x"', "object", id="a string"),
        pytest.param(b"null", "object", id="null"),
        pytest.param(b'{"a": "' + b"x" * LIMIT + b'"}', "too large", id="too large"),
        pytest.param(b'{"a":' * 40 + b"1" + b"}" * 40, "nested", id="40 levels"),
        pytest.param(b"[" * 900, "JSON", id="900 levels, unclosed"),
    ],
)
def test_what_could_be_misread_is_refused_without_showing_it(body: bytes, why: str) -> None:
    with pytest.raises(MalformedJSON, match=why) as refusal:
        decode(body, limit=LIMIT)
    assert refusal.value.__context__ is None
    assert refusal.value.__cause__ is None


def test_a_bound_is_the_last_that_is_taken() -> None:
    assert decode(b'{"a": 1}', limit=8) == {"a": 1}
    assert decode(b'{"a":' * 31 + b"{}" + b"}" * 31, limit=LIMIT)
    assert decode(b'{"a": [1]}', limit=LIMIT, depth=2) == {"a": [1]}
    for body in (b'{"a": [[1]]}', b'{"a": [[]]}'):
        with pytest.raises(MalformedJSON, match="nested"):
            decode(body, limit=LIMIT, depth=2)


def test_a_byte_order_mark_is_ignored() -> None:
    assert decode(b'\xef\xbb\xbf{"a": "\xc3\xa9"}', limit=LIMIT) == {"a": "é"}


def test_a_surrogate_pair_is_a_character() -> None:
    assert decode(rb'{"a": "\ud83d\ude00"}', limit=LIMIT) == {"a": "😀"}


def test_a_number_of_more_digits_than_anything_has_is_refused() -> None:
    with pytest.raises(MalformedJSON):
        decode(b'{"a": ' + b"9" * 5000 + b"}", limit=1 << 20)


def test_deep_nesting_does_not_exhaust_the_stack() -> None:
    with pytest.raises(MalformedJSON):
        decode(b'{"a":' + b"[" * 100_000, limit=1 << 20)


@given(st.dictionaries(st.text(), VALUES, max_size=5))
def test_an_object_survives(members: dict[str, Any]) -> None:
    assert decode(json.dumps(members).encode(), limit=1 << 20) == members


@given(st.binary(max_size=200) | st.text(alphabet='{}[]":,\\ud80019eE+-.ntf ', max_size=60).map(str.encode))
def test_bytes_are_an_object_or_refused(body: bytes) -> None:
    try:
        found = decode(body, limit=LIMIT)
    except MalformedJSON:
        return
    assert isinstance(found, dict)
    json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
