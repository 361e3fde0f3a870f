"""Registration (RFC 7591): the request (C2, C3, C6, C19) and what is read from the answer (P1 to P4, P7)."""

import json
from typing import Any

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.errors import NotClientInformation
from oauthclient_operator.oauth.client_metadata import DEFAULTS, ClientMetadata
from oauthclient_operator.oauth.outcome import Committed
from oauthclient_operator.oauth.rfc7591 import (
    ClientInformation,
    judge,
    registration_request,
    token_endpoint_auth_method,
)
from oauthclient_operator.oauth.rfc7592 import deletion_request
from tests.pure.oauth.transcripts import (
    CANAILLE_PUT_200,
    HYDRA_PUT_200,
    NODE_201,
    RFC7591_3_1,
    RFC7591_3_2_1,
    RFC7592_3,
    response,
)

ENDPOINT = "https://server.example.com/register"
ANSWERS: dict[str, dict[str, Any]] = {
    "RFC 7591 section 3.2.1": RFC7591_3_2_1,
    "RFC 7592 section 3": RFC7592_3,
    "node": NODE_201,
    "Canaille": CANAILLE_PUT_200,
    "Hydra": HYDRA_PUT_200,
}


def request(members: dict[str, Any], token: Confidential | None = None) -> Any:
    return registration_request(ENDPOINT, ClientMetadata.parse(members), token)


def test_C2_a_post_with_the_metadata_as_top_level_members() -> None:
    built = request(RFC7591_3_1)
    assert (built.method, built.url) == ("POST", ENDPOINT)
    assert json.loads(built.body) == RFC7591_3_1
    assert list(json.loads(built.body)) == list(RFC7591_3_1)


def test_C2_the_body_is_utf_8() -> None:
    assert "クライアント名".encode() in request(RFC7591_3_1).body


def test_C3_the_initial_access_token_is_the_bearer_and_nowhere_else() -> None:
    built = request(RFC7591_3_1, Confidential("iat-9"))
    assert built.credentials == Confidential("iat-9")
    assert b"iat-9" not in built.body
    assert "iat-9" not in repr(built)


def test_C3_without_a_token_registration_is_open() -> None:
    assert request(RFC7591_3_1).credentials is None


def test_C6_C19_only_what_is_written_is_sent() -> None:
    assert json.loads(request({"redirect_uris": ["https://a.example/cb"], "scope": None}).body) == {
        "redirect_uris": ["https://a.example/cb"]
    }


@pytest.mark.parametrize(
    ("member", "default"),
    [
        ("token_endpoint_auth_method", "client_secret_basic"),
        ("grant_types", ["authorization_code"]),
        ("response_types", ["code"]),
        ("application_type", "web"),
        ("id_token_signed_response_alg", "RS256"),
        ("require_auth_time", False),
    ],
)
def test_C6_the_defaults_are_known_for_reading(member: str, default: Any) -> None:
    assert DEFAULTS[member] == default


@pytest.mark.parametrize("status", [201, 200])
def test_P1_201_is_a_success_and_200_is_taken_for_one(status: int) -> None:
    answer = response(
        status, RFC7591_3_2_1, content_type="application/json", cache_control="no-store", pragma="no-cache"
    )
    assert judge(answer) == Committed(members=RFC7591_3_2_1)


def test_P1_an_answer_that_may_be_cached_is_taken_too() -> None:
    assert judge(response(201, RFC7591_3_2_1, cache_control="max-age=60")) == Committed(members=RFC7591_3_2_1)


def test_P2_the_client_identifier_is_read_as_it_is() -> None:
    odd = "client_ !#$%&'()*+,-./:;<=>?@[]^_`{|}~ü"
    assert ClientInformation.parse({"client_id": odd}).client_id == odd


@pytest.mark.parametrize("client_id", [..., None, "", 7, ["c"]])
def test_P2_without_a_client_identifier_it_is_no_client_information(client_id: Any) -> None:
    members: dict[str, Any] = {} if client_id is ... else {"client_id": client_id}
    with pytest.raises(NotClientInformation):
        ClientInformation.parse({**members, "client_secret": "s"})


@pytest.mark.parametrize(
    ("members", "secret", "expiry"),
    [
        ({}, None, 0),
        ({"client_secret": "s", "client_secret_expires_at": 0}, "s", 0),
        ({"client_secret": "s"}, "s", 0),
        ({"client_secret": "s", "client_secret_expires_at": 1893456000}, "s", 1893456000),
        ({"client_secret": "s", "client_secret_expires_at": "1893456000"}, "s", 1893456000),
        ({"client_secret": "s", "client_secret_expires_at": 1893456000.5}, "s", 1893456000),
        ({"client_secret": "s", "client_secret_expires_at": None}, "s", 0),
        ({"client_secret": "s", "client_secret_expires_at": True}, "s", 0),
        ({"client_secret": "s", "client_secret_expires_at": -1}, "s", 0),
        ({"client_secret": "s", "client_secret_expires_at": 10**14}, "s", 0),
        ({"client_secret": "s", "client_secret_expires_at": "9" * 5000}, "s", 0),
        ({"client_secret": "s", "client_secret_expires_at": "2030-01-01"}, "s", 1893456000),
        ({"client_secret_expires_at": 1893456000}, None, 0),
        ({"client_secret": None}, None, 0),
        ({"client_secret": ""}, None, 0),
        ({"client_secret": 7}, None, 0),
    ],
    ids=lambda value: str(value)[:60],
)
def test_P3_the_secret_and_when_it_expires(members: dict[str, Any], secret: str | None, expiry: int) -> None:
    information = ClientInformation.parse({"client_id": "c", **members})
    assert information.client_secret == (None if secret is None else Confidential(secret))
    assert information.client_secret_expires_at == expiry


@pytest.mark.parametrize("issued_at", [1893456000, "yesterday", None, ...])
def test_P4_when_it_was_issued_is_kept_and_not_needed(issued_at: Any) -> None:
    members: dict[str, Any] = {"client_id": "c", **({} if issued_at is ... else {"client_id_issued_at": issued_at})}
    assert ClientInformation.parse(members).to_members() == members


@pytest.mark.parametrize(
    ("members", "manageable"),
    [
        ({"registration_access_token": "rat", "registration_client_uri": "https://h/c"}, True),
        ({"registration_access_token": "rat"}, False),
        ({"registration_client_uri": "https://h/c"}, False),
        ({"registration_access_token": "", "registration_client_uri": "https://h/c"}, False),
        ({"registration_access_token": "a\r\nb", "registration_client_uri": "https://h/c"}, False),
        ({"registration_access_token": "rat\x7f", "registration_client_uri": "https://h/c"}, False),
        ({"registration_access_token": "rat\u00e9", "registration_client_uri": "https://h/c"}, False),
        ({"registration_access_token": None, "registration_client_uri": None}, False),
        ({}, False),
    ],
)
def test_P7_a_client_is_managed_with_both_or_not_at_all(members: dict[str, Any], manageable: bool) -> None:
    information = ClientInformation.parse({"client_id": "c", **members})
    if manageable:
        assert deletion_request(information).credentials == Confidential("rat")
    else:
        with pytest.raises(ValueError, match="not managed"):
            deletion_request(information)


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_is_kept_whole(answer: dict[str, Any]) -> None:
    information = ClientInformation.parse(answer)
    assert information.to_members() == answer
    assert ClientInformation.parse(information.to_members()) == information


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_P10_an_answer_shows_nothing_of_itself(answer: dict[str, Any]) -> None:
    shown = repr(ClientInformation.parse(answer)) + repr(judge(response(201, answer)))
    assert all(str(answer[n]) not in shown for n in ("client_secret", "registration_access_token") if n in answer)


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_an_identity_says_which_client_it_is_and_opens_nothing(answer: dict[str, Any]) -> None:
    expected = {n: answer[n] for n in ("client_id", "registration_client_uri") if n in answer}
    assert ClientInformation.parse(answer).identity().to_members() == expected


def test_the_metadata_of_an_answer_are_what_the_server_did_not_issue() -> None:
    metadata = ClientInformation.parse(CANAILLE_PUT_200).metadata
    assert metadata == {
        "application_type": "web",
        "client_name": "a",
        "default_acr_values": [],
        "grant_types": ["authorization_code"],
        "id_token_signed_response_alg": "RS256",
        "redirect_uris": ["https://a.example/cb2"],
        "request_uris": [],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_basic",
    }


def test_another_registration_access_token_takes_the_place_of_the_first() -> None:
    information = ClientInformation.parse(RFC7592_3).with_registration_access_token(Confidential("new"))
    assert information.to_members() == {**RFC7592_3, "registration_access_token": "new"}


@pytest.mark.parametrize(
    ("asked", "answered", "method"),
    [
        ({"token_endpoint_auth_method": "client_secret_post"}, "client_secret_basic", "client_secret_basic"),
        ({"token_endpoint_auth_method": "client_secret_post"}, None, "client_secret_post"),
        ({"token_endpoint_auth_method": "none"}, "", "none"),
        ({}, "none", "none"),
        ({}, None, "client_secret_basic"),
    ],
)
def test_C6_the_method_is_what_was_answered_then_asked_then_the_default(
    asked: dict[str, Any], answered: str | None, method: str
) -> None:
    information = ClientInformation.parse({"client_id": "c", "token_endpoint_auth_method": answered})
    assert token_endpoint_auth_method(ClientMetadata.confirmed(asked), information) == method
