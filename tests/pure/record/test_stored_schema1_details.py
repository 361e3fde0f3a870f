"""What single records of version 0.1.0 say beside what is known of all of them."""

import json

import pytest

from oauthclient_operator import names
from oauthclient_operator.errors import NewerSchema
from oauthclient_operator.oauth.json_object import JSON
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.clients import NamedByStatus, Registered
from oauthclient_operator.record.envelope import read
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.summary import annotations
from oauthclient_operator.record.wire import decode
from tests.pure.record import stored_secrets
from tests.pure.record.known import (
    answer_of,
    attempt_numbers,
    call_numbers,
    confirmed,
    credential_of,
    endpoints,
    kept,
    refusal_of,
)

METADATA: dict[str, JSON] = {
    "client_name": "Web shop",
    "redirect_uris": ["https://shop.example/callback"],
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "client_secret_basic",
    "scope": "openid profile",
}


def record_of(name: str) -> Record:
    return stored_secrets.stored(name).record


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("register-rejected", ("The redirect URI https://shop.example/callback is not allowed here.", 120)),
        ("register-rejected-too-many-requests", (None, 30)),
        ("suspect-asked-to-wait", ("the answer was HTTP 503, which does not say whether the request took effect", 60)),
        ("suspect-abandoned", ("the operator stopped or was interrupted before it could record an answer", None)),
        ("update-rejected", ("scope openid: nicht erlaubt für diesen Client", None)),
        ("register-not-sent", ("connection refused", None)),
    ],
)
def test_the_words_about_a_call_and_the_time_to_wait(name: str, said: tuple[str | None, float | None]) -> None:
    assert refusal_of(record_of(name)) == said


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("registered", (None, None, None, False)),
        (
            "register-open-with-initial-access-token",
            ("fb52451d-90e7-41a1-9db1-dfdc357f0a64/1", "e1f064d6f227d4de", None, False),
        ),
        (
            "registered-with-initial-access-token",
            ("1eb95739-b8ac-4d81-a522-ff4674b7061c/1", "e1f064d6f227d4de", None, False),
        ),
        (
            "register-rejected-for-its-nonce",
            (
                "0d1f0a7f-d0fc-4922-95be-263b0253dc8c/1",
                "e1f064d6f227d4de",
                "ey2r0OfCUPuU8KXQL6xQ2FCOqFzQFIi5gy5_zAMjWkU",
                False,
            ),
        ),
        (
            "register-open-with-proof",
            (
                "efa2ce12-8c83-4848-91fb-a56e300a2187/1",
                "e1f064d6f227d4de",
                "ey2r0OfCUPuU8KXQL6xQ2FCOqFzQFIi5gy5_zAMjWkU",
                True,
            ),
        ),
        (
            "registered-with-proof",
            (
                "0d1f0a7f-d0fc-4922-95be-263b0253dc8c/1",
                "e1f064d6f227d4de",
                "ey2r0OfCUPuU8KXQL6xQ2FCOqFzQFIi5gy5_zAMjWkU",
                True,
            ),
        ),
        ("update-open", (None, "5edc4d0cfcf55c23", None, False)),
    ],
)
def test_what_a_call_was_made_with(name: str, shown: tuple[str | None, str | None, str | None, bool]) -> None:
    assert credential_of(record_of(name)) == shown


def test_members_that_the_server_kept_are_named() -> None:
    assert kept(record_of("updated-members-kept"), "client-1") == ("grant_types", "scope")


def test_a_client_at_rest_is_confirmed_with_its_endpoints() -> None:
    record = record_of("registered")
    assert confirmed(record, "client-1") == METADATA
    assert endpoints(record, "client-1") == {
        "authorization_endpoint": "https://issuer.example/authorize",
        "token_endpoint": "https://issuer.example/token",
        "userinfo_endpoint": "https://issuer.example/userinfo",
        "jwks_uri": "https://issuer.example/jwks",
    }


def test_a_client_secret_that_expires_is_due_then() -> None:
    record = record_of("registered-secret-expires")
    assert answer_of(record, "client-1")["client_secret_expires_at"] == 1774915200
    assert annotations(record)[names.DUE_ANNOTATION] == "2026-03-31T00:00:00+00:00"


def test_language_tags_and_members_of_the_server_are_kept_as_they_came() -> None:
    record = record_of("registered-language-tags-and-extensions")
    asked: dict[str, JSON] = {
        "client_name#ja": "ウェブ店",
        "client_name#de-CH": "Web-Lädeli",
        "x_server_extension": {"tier": "gold", "quotas": [1, 2.5], "strict": True},
        "default_max_age": 3600,
    }
    assert confirmed(record, "client-1") == {**METADATA, **asked}
    issued: dict[str, JSON] = {
        "tenant": {"name": "Zürich", "id": 7, "limits": [1.5, None, True]},
        "registered_by": None,
    }
    answer = answer_of(record, "client-1")
    assert {**answer, **METADATA, **asked, **issued} == answer


def test_of_a_client_that_is_gone_its_identity_stays() -> None:
    record = record_of("surplus-deregistered-compact")
    uri = "https://issuer.example/register/client-1"
    assert answer_of(record, "client-1") == {"client_id": "client-1", "registration_client_uri": uri}


def test_of_many_calls_and_attempts_the_newest_stay_and_what_is_unresolved() -> None:
    record = record_of("calls-compacted")
    assert call_numbers(record) == [12, 13, *range(17, 33)]
    assert attempt_numbers(record) == list(range(5, 13))
    assert attempt_numbers(record_of("attempts-compacted")) == list(range(4, 12))


@pytest.mark.parametrize("name", stored_secrets.NEWER)
def test_a_newer_schema_is_left_alone(name: str) -> None:
    with pytest.raises(NewerSchema):
        read(stored_secrets.secret(name))


def test_an_answer_that_a_newer_record_could_not_take_stands_beside_it() -> None:
    (line,) = stored_secrets.shown("raw-answer")["data"][names.RAW_ANSWER_KEY].splitlines()
    entry = json.loads(line)
    assert entry["call"] == 1
    assert entry["answer"]["registration_access_token"] == "rat-1"


@pytest.mark.parametrize(
    ("status", "flag", "unsupported"),
    [
        pytest.param(404, True, True, id="a 404 that was no JSON"),
        pytest.param(404, False, False, id="a 404 in the protocol's words"),
        pytest.param(405, True, True, id="a 405"),
        pytest.param(400, True, False, id="a later refusal of another kind"),
    ],
)
def test_what_an_update_said_of_being_supported_is_told_by_its_call(status: int, flag: bool, unsupported: bool) -> None:
    members = stored_secrets.shown("update-unsupported")["data"]["record"]
    members["closed"][-1]["status"] = status
    members["clients"][0]["update_unsupported"] = flag
    last = decode(members).last(CallKind.UPDATE, 1)
    assert last is not None
    assert last.unsupported is unsupported


def test_that_an_update_was_answered_with_a_page_says_nothing_of_a_deregistration() -> None:
    members = stored_secrets.shown("deregister-refused")["data"]["record"]
    members["closed"][-1]["status"] = 404
    members["clients"][0]["update_unsupported"] = True
    last = decode(members).last(CallKind.DEREGISTER, 1)
    assert last is not None
    assert last.said.json


def test_a_client_that_was_registered_is_not_taken_for_one_that_the_status_named() -> None:
    members = stored_secrets.shown("surplus-deregistered-compact")["data"]["record"]
    del members["clients"][0]["information"]["registration_client_uri"]
    assert isinstance(decode(members).clients[0].origin, Registered)
    assert isinstance(record_of("name-lost").clients[0].origin, NamedByStatus)
