"""For whom a JWT of somebody else's is, as far as it can be read without a key."""

import base64
import json
from typing import Any

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.oauth.rfc7519 import LIMIT, audiences


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def jwt(claims: Any) -> Confidential:
    return Confidential(f"{part({'alg': 'RS256'})}.{part(claims)}.c2lnbmF0dXJl")


@pytest.mark.parametrize(
    ("token", "found"),
    [
        pytest.param(jwt({"aud": "https://idp.example"}), {"https://idp.example"}, id="one, as a string"),
        pytest.param(jwt({"aud": ["https://idp.example"]}), {"https://idp.example"}, id="one, in a list"),
        pytest.param(jwt({"aud": ["a", "b"]}), {"a", "b"}, id="two"),
        pytest.param(jwt({}), None, id="it does not say"),
        pytest.param(jwt({"aud": []}), None, id="an empty list"),
        pytest.param(jwt({"aud": ""}), None, id="an empty string"),
        pytest.param(jwt({"aud": ["a", 7]}), None, id="what is no string beside one"),
        pytest.param(jwt({"aud": {"a": "b"}}), None, id="an object"),
        pytest.param(jwt(["aud"]), None, id="claims that are no object"),
        pytest.param(Confidential("a.b.c"), None, id="what is no base64 of JSON"),
        pytest.param(Confidential("a.ü.c"), None, id="what is no ASCII"),
        pytest.param(Confidential("opaque-token"), None, id="no JWT"),
        pytest.param(Confidential(".".join("abcde")), None, id="an encrypted one"),
        pytest.param(jwt({"aud": "a", "x": "y" * LIMIT}), None, id="one that is too long"),
        pytest.param(Confidential(""), None, id="nothing"),
    ],
)
def test_it_is_for(token: Confidential, found: set[str] | None) -> None:
    assert audiences(token) == found
