"""What a server echoes of a credential is not taken into what is recorded, shown and sent back; the rest is."""

import json
from typing import Any

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.exchange import Incomplete, Response
from oauthclient_operator.oauth.client_information import ClientInformation
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.oauth.echoes import ECHO
from oauthclient_operator.oauth.outcome import Ambiguous, Committed, NotUnderstood, Outcome, Rejected
from oauthclient_operator.oauth.rfc7591 import insufficiency, judge
from oauthclient_operator.oauth.rfc7592 import UpdateForm, judge_update, update_members

TOKEN = "iat-4f9c2b7e81d05a36-Zq8Lr2Tn6Vw1Xy5"
ASKED: dict[str, Any] = {"client_name": "web", "redirect_uris": ["https://shop.example/cb"]}
ISSUED = {
    "client_id": "c-1",
    "client_secret": "secret-1",
    "registration_access_token": "rat-51c0ffee51c0ffee",
    "registration_client_uri": "https://issuer.example/register/c-1?token=rat-51c0ffee51c0ffee",
}


def judged(token: str = TOKEN, asked: dict[str, Any] = ASKED, **members: Any) -> Outcome:
    body = json.dumps({**ISSUED, **asked, **members}).encode()
    return judge(Response(status=201, body=body), presented=Confidential(token), asked=asked)


def taken(outcome: Outcome) -> dict[str, Any]:
    assert isinstance(outcome, Committed)
    return dict(outcome.members)


@pytest.mark.parametrize(
    ("member", "value", "kept"),
    [
        ("token_endpoint_auth_method", TOKEN, "…"),
        ("token_endpoint_auth_method", "secret-1", "…"),
        ("x_note", "your secret is secret-1.", "your secret is secret-1."),
        ("x_note", "your token is rat 51c0ffee51 c0ffee", "…"),
        ("grant_types", ["authorization_code", " ".join(TOKEN)], ["authorization_code", "…"]),
        ("x_deep", {"a": [{"b": TOKEN, TOKEN: 1, "c": "x"}]}, {"a": [{"b": "…", "c": "x"}]}),
    ],
)
def test_a_text_that_holds_a_credential_is_not_taken(member: str, value: Any, kept: Any) -> None:
    outcome = judged(**{member: value})
    assert taken(outcome)[member] == kept
    assert isinstance(outcome, Committed)
    assert outcome.flaws == ((ECHO,) if kept != value else ())


def test_what_was_issued_is_taken_as_it_came_and_so_is_all_that_is_no_credential() -> None:
    members: dict[str, Any] = {
        "x_numbers": [1, 2.5, None, True],
        "jwks": {"keys": [{"kid": "a1b2c3d4e5f6", "n": "x" * 300}]},
    }
    assert taken(judged(**members)) == {**ISSUED, **ASKED, **members}


def test_a_member_whose_name_is_a_credential_is_left_out() -> None:
    assert TOKEN not in taken(judged(TOKEN, ASKED, **{TOKEN: "x"}))


@pytest.mark.parametrize(
    ("token", "asked", "members"),
    [
        ("shop1-example-token", {"redirect_uris": ["https://shop1.example/cb"]}, {}),
        (
            "shop1-example-token",
            {"redirect_uris": ["https://shop1.example"]},
            {"redirect_uris": ["https://shop1.example/"]},
        ),
        ("dev-client-secret-token", {}, {"token_endpoint_auth_method": "client_secret_basic"}),
    ],
)
def test_what_was_asked_for_is_no_credential_nor_is_a_word(
    token: str, asked: dict[str, Any], members: dict[str, Any]
) -> None:
    assert taken(judged(token, asked, **members)) == {**ISSUED, **asked, **members}


@pytest.mark.parametrize("client_id", [TOKEN, f"client {TOKEN.upper()}", f"{TOKEN[4:20]}/{TOKEN[21:]}"])
def test_an_identifier_that_gives_the_presented_token_away_names_no_client(client_id: str) -> None:
    outcome = judged(client_id=client_id)
    assert isinstance(outcome, NotUnderstood)
    assert outcome.cause == (
        "HTTP 201 with a client_id that holds the token that was presented, and is neither shown nor used"
    )
    assert outcome.salvage.keys() == ISSUED.keys() - {"client_id"}


@pytest.mark.parametrize(
    "token", ["c-4f9c2b7e81d0.Zq8Lr2Tn6Vw1Xy5Hj3Km", "registration-token-for-c-4f9c2b7e81d0-Lr2Tn6Vw1"]
)
def test_an_identifier_that_its_token_names_beside_its_secret_is_one(token: str) -> None:
    assert taken(judged(token, client_id="c-4f9c2b7e81d0"))["client_id"] == "c-4f9c2b7e81d0"


def test_an_identifier_in_the_registration_access_token_is_no_echo() -> None:
    members = {**ISSUED, "client_id": "4f9c2b7e81d05a36", "sub": "client:4f9c2b7e81d05a36"}
    rat = Confidential("4f9c2b7e81d05a36.x")
    outcome = judge_update(Response(status=200, body=json.dumps(members).encode()), "4f9c2b7e81d05a36", presented=rat)
    assert taken(outcome) == members


def test_an_address_whose_host_gives_a_credential_away_is_none() -> None:
    for host in (TOKEN.lower(), "rat-51c0ffee51c0ffee", TOKEN[4:20] + "." + TOKEN[21:]):
        assert "registration_client_uri" not in taken(judged(registration_client_uri=f"https://{host}.example/x"))
    for url in ("https://[", f"https://issuer.example/{TOKEN}"):
        assert taken(judged(registration_client_uri=url))["registration_client_uri"] == url


def test_half_an_answer_names_no_client_by_a_credential() -> None:
    for status, kind in ((201, Ambiguous), (500, Ambiguous), (400, Rejected)):
        body = json.dumps({**ISSUED, "client_id": TOKEN}).encode()
        answer = (
            Incomplete(cause="reset", status=201, partial=body[:-1])
            if status == 201
            else Response(status=status, body=body)
        )
        outcome = judge(answer, presented=Confidential(TOKEN), asked=ASKED)
        assert isinstance(outcome, kind)
        assert outcome.salvage.keys() == ISSUED.keys() - {"client_id"}


@pytest.mark.parametrize("status", [200, 400])
def test_words_beside_issued_credentials_do_not_show_them(status: int) -> None:
    issued = {"client_secret": "9fQ2-secret", "registration_access_token": "rat-51c0ffee51c0ffee"}
    said = "your secret is 9fQ2-secret, your token rat/51c0ffee/51c0ffee"
    body = json.dumps({**issued, "error_description": said}).encode()
    outcome = judge(Response(status=status, body=body))
    assert isinstance(outcome, NotUnderstood | Rejected)
    shown = outcome.cause if isinstance(outcome, NotUnderstood) else outcome.sentence()
    assert "9fQ2" not in shown
    assert "c0ffee" not in shown


def test_what_was_taken_out_is_insufficient_and_not_sent_back() -> None:
    members = taken(judged(token_endpoint_auth_method=TOKEN, x_list=[TOKEN], x_kept="x"))
    information = ClientInformation.parse(members)
    requested = ClientMetadata.confirmed(ASKED)
    assert insufficiency(requested, information) == 'token_endpoint_auth_method is "…"'
    assert update_members(information, requested, (), UpdateForm.FULL) == {"client_id": "c-1", "x_kept": "x", **ASKED}


def test_a_method_that_is_the_secret_of_now_is_not_shown() -> None:
    # Recorded by an earlier version, or told by an update whose answer left the secret out.
    information = ClientInformation({**ISSUED, "token_endpoint_auth_method": "secret-1"})
    assert insufficiency(ClientMetadata.confirmed(ASKED), information) == 'token_endpoint_auth_method is "…"'
