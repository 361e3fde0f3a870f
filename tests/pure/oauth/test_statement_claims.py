"""What a software statement claims, as far as it can be read in one way (RFC 7591 section 2.3)."""

import base64
import json
from typing import Any

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.oauth.statement_claims import claimed_metadata


def part(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def claiming(payload: str) -> str:
    return f"{part('{}')}.{part(payload)}.c2ln"


def statement(claims: Any) -> Confidential:
    return Confidential(claiming(json.dumps(claims)))


def test_what_is_about_the_client_is_there_and_what_is_about_the_statement_is_not() -> None:
    claims = {
        "iss": "https://voucher.example",
        "iat": 1,
        "jti": "x",
        "aud": "y",
        "redirect_uris": ["https://a.example/"],
    }
    assert claimed_metadata(statement(claims)) == {"redirect_uris": ["https://a.example/"]}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("a.b", id="two parts"),
        pytest.param(claiming("{}").removesuffix("c2ln"), id="no signature"),
        pytest.param("e30..c2ln", id="no claims"),
        pytest.param("a.b.c.d.e", id="an encrypted one"),
        pytest.param(claiming("[]"), id="a list"),
        pytest.param(claiming("{"), id="no JSON"),
        pytest.param("e30.a.c2ln", id="one letter, which is no byte"),
        pytest.param("e30.e30=.c2ln", id="padding"),
        pytest.param(claiming(claiming("{}")), id="a statement as what it claims"),
        pytest.param(claiming('{"scope": "a", "scope": "b"}'), id="a claim that is there twice"),
        pytest.param(claiming('{"software_statement": "x"}'), id="a statement within it"),
        pytest.param(claiming('{"a": ' + "[" * 20 + "]" * 20 + "}"), id="too deep"),
        pytest.param(claiming('{"a": "' + "x" * 16384 + '"}'), id="too long"),
        pytest.param(claiming("{}") + "\n", id="a line break"),
        pytest.param("e30.e30.ｃ", id="a full-width letter"),
    ],
)
def test_what_cannot_be_read_in_one_way(text: str) -> None:
    assert claimed_metadata(Confidential(text)) is None
