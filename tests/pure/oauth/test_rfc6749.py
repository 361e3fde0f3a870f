"""The token endpoint's request and everything that it can answer."""

from typing import Any

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.exchange import Incomplete, NotSent, Response
from oauthclient_operator.oauth.outcome import Rejected
from oauthclient_operator.oauth.rfc6749 import (
    NoTokenResponse,
    TokenResponse,
    form_encoded,
    judge_token,
    token_request,
)
from tests.parts.misbehaving import response as written

TOKEN = {"access_token": "2YotnFZFEjr1zCsicMWpAA", "token_type": "Bearer"}


def answer(status: int, members: Any = None, *, body: bytes | None = None, **headers: str) -> Response:
    content = written(status, members, body=body).partition(b"\r\n\r\n")[2]
    return Response(status=status, headers={n.replace("_", "-"): v for n, v in headers.items()}, body=content)


def test_the_encoding_of_appendix_b() -> None:
    assert form_encoded(" %&+£€") == "+%25%26%2B%C2%A3%E2%82%AC"


def test_a_token_request_is_a_form() -> None:
    request = token_request("https://idp.example.com/token?x=1", {"grant_type": "client_credentials", "scope": "a ü"})
    assert (request.method, request.url) == ("POST", "https://idp.example.com/token?x=1")
    assert request.body == b"grant_type=client_credentials&scope=a+%C3%BC"
    assert request.media_type == "application/x-www-form-urlencoded"
    with pytest.raises(ValueError, match="needs a grant_type"):
        token_request("https://idp.example.com/token", {"scope": "a"})


def test_the_response_of_section_5_1() -> None:
    members = {
        **TOKEN,
        "expires_in": 3600,
        "refresh_token": "tGzv3JOkF0XG5Qx2TlKWIA",
        "scope": "a b",
        "example_parameter": "example_value",
    }
    found = judge_token(answer(200, members, content_type="application/json;charset=UTF-8"))
    assert isinstance(found, TokenResponse)
    assert found.access_token.reveal() == "2YotnFZFEjr1zCsicMWpAA"
    assert found.token_type == "bearer"
    assert (found.expires_in, found.scope) == (3600, "a b")
    assert found.refresh_token is not None
    assert found.refresh_token.reveal() == "tGzv3JOkF0XG5Qx2TlKWIA"
    assert found.members == members
    assert "2Yotn" not in repr(found)
    assert "tGzv3" not in repr(found)


@pytest.mark.parametrize(
    ("members", "attribute", "value"),
    [
        ({"token_type": "DPOP"}, "token_type", "dpop"),
        ({}, "expires_in", None),
        ({"expires_in": "3600"}, "expires_in", 3600),
        ({"expires_in": 59.9}, "expires_in", 59),
        ({"expires_in": 0}, "expires_in", 0),
        ({"expires_in": -1}, "expires_in", None),
        ({"expires_in": True}, "expires_in", None),
        ({"expires_in": "soon"}, "expires_in", None),
        ({"expires_in": 10**30}, "expires_in", None),
        ({"scope": None}, "scope", None),
        ({"scope": ["a"]}, "scope", None),
        ({"refresh_token": ""}, "refresh_token", None),
    ],
)
def test_what_may_be_missing_or_odd(members: dict[str, Any], attribute: str, value: object) -> None:
    found = judge_token(answer(200, {**TOKEN, **members}, content_type="text/plain"))
    assert isinstance(found, TokenResponse)
    assert getattr(found, attribute) == value


@pytest.mark.parametrize(
    ("status", "members", "body", "cause"),
    [
        (200, None, b'{"', "cannot be read: it is not JSON"),
        (200, [], None, "cannot be read: it is not a JSON object"),
        (200, {"token_type": "bearer"}, None, "no access_token"),
        (200, {**TOKEN, "access_token": ""}, None, "no access_token"),
        (200, {**TOKEN, "access_token": 1}, None, "no access_token"),
        (200, {"access_token": "canary"}, None, "no token_type"),
        (200, {**TOKEN, "access_token": "c" * (16 * 1024 + 1)}, None, "longer than 16 KiB"),
        (200, {**TOKEN, "token_type": "N_A"}, None, 'of type "N_A", which is not understood'),
        (201, TOKEN, None, "HTTP 201 and not 200"),
    ],
)
def test_a_token_that_cannot_be_used(status: int, members: Any, body: bytes | None, cause: str) -> None:
    found = judge_token(answer(status, members, body=body))
    assert isinstance(found, NoTokenResponse)
    assert cause in found.cause
    assert found.status == status
    assert "canary" not in repr(found)


@pytest.mark.parametrize("secret", ["hunter2", "2YotnFZFEjr1zCsicMWpAA", "refresh-me"])
def test_a_type_that_repeats_what_was_sent_or_issued_is_not_shown(secret: str) -> None:
    members = {**TOKEN, "refresh_token": "refresh-me", "token_type": f"of {secret}"}
    found = judge_token(answer(200, members), Confidential("hunter2"))
    assert isinstance(found, NoTokenResponse)
    assert found.cause == 'the access token is of type "of …", which is not understood'


def test_an_error_response_is_told_in_its_own_words() -> None:
    refused = answer(
        401, {"error": "invalid_client", "error_description": "no such secret: hunter2", "x": 1}, retry_after="5"
    )
    found = judge_token(refused, Confidential("hunter2"))
    assert isinstance(found, Rejected)
    assert (found.status, found.error, found.description) == (401, "invalid_client", "no such secret: …")
    assert found.retry_after == 5


@pytest.mark.parametrize("status", [302, 400, 404, 429, 500, 503])
def test_every_other_complete_answer_is_a_refusal(status: int) -> None:
    found = judge_token(answer(status, {"error": "temporarily_unavailable"}))
    assert isinstance(found, Rejected)
    assert (found.status, found.error) == (status, "temporarily_unavailable")


def test_an_exchange_without_a_response() -> None:
    not_sent = NotSent(cause="refused", refused=True)
    assert judge_token(not_sent) is not_sent
    found = judge_token(Incomplete(cause="timeout", status=200, partial=b'{"access_token": "canary"'))
    assert found == NoTokenResponse(cause="timeout", status=200)
