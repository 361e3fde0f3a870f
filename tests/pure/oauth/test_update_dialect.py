"""What an update says to servers that take it otherwise than RFC 7592 section 2.2 has it."""

import json
from typing import Any

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.exchange import Response
from oauthclient_operator.oauth.client_information import ClientInformation
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.oauth.outcome import Committed, Rejected
from oauthclient_operator.oauth.rfc7592 import UpdateDialect, UpdateForm, judge_update, said_secret, update_request
from tests.pure.oauth.test_rfc7592 import ISSUED
from tests.pure.oauth.transcripts import CANAILLE_PUT_200

MERGES = UpdateDialect(nulls=True)
WITH_SECRET = UpdateDialect(client_secret=True)
SECRET = "q7Zt2mK9xLw4Vb8N"


def sent(
    answered: dict[str, Any],
    desired: dict[str, Any],
    before: tuple[str, ...] = (),
    form: UpdateForm = UpdateForm.FULL,
    *,
    dialect: UpdateDialect,
) -> dict[str, Any]:
    information = ClientInformation.parse({**ISSUED, **answered})
    built = update_request(information, ClientMetadata.confirmed(desired), before, form, dialect)
    members: dict[str, Any] = json.loads(built.body or b"")
    return members


@pytest.mark.parametrize(
    ("answered", "before", "cleared"),
    [
        pytest.param({"logo_uri": "https://a/l"}, ("logo_uri",), ["logo_uri"], id="asked for before, and answered"),
        pytest.param({"x_server": 1}, ("logo_uri",), [], id="not answered any more"),
        pytest.param({"logo_uri": "", "contacts": []}, ("logo_uri", "contacts"), [], id="answered as empty"),
        pytest.param({"logo_uri": None}, ("logo_uri",), [], id="answered as null"),
        pytest.param({"client_name": "a"}, ("client_name",), [], id="still asked for"),
        pytest.param({"x_server": 1}, (), [], id="the server's own"),
        pytest.param({"client_name#ja-jp": "x"}, ("client_name#ja-JP",), ["client_name#ja-jp"], id="another case"),
    ],
)
@pytest.mark.parametrize("form", UpdateForm)
def test_a_server_that_keeps_what_is_left_out_is_told_null(
    answered: dict[str, Any], before: tuple[str, ...], cleared: list[str], form: UpdateForm
) -> None:
    members = sent(answered, {"client_name": "b"}, before, form, dialect=MERGES)
    assert [name for name, value in members.items() if value is None] == cleared
    assert members["client_name"] == "b"


def test_by_the_rfc_the_same_is_left_out() -> None:
    members = sent({"logo_uri": "https://a/l"}, {"client_name": "b"}, ("logo_uri",), dialect=UpdateDialect())
    assert members == {"client_id": "c", "client_name": "b"}


def test_canaille_gets_null_for_what_it_would_keep() -> None:
    answered = {**CANAILLE_PUT_200, "tos_uri": "https://a/tos"}
    members = sent(answered, {"client_name": "b"}, ("tos_uri",), dialect=MERGES)
    assert [name for name, value in members.items() if value is None] == ["tos_uri"]


def test_what_is_not_sent_is_neither_sent_back_nor_null() -> None:
    dialect = UpdateDialect(nulls=True, omits=frozenset({"scope"}))
    members = sent({"scope": "openid", "x_server": 1}, {"client_name": "b"}, ("scope",), dialect=dialect)
    assert members == {"client_id": "c", "client_name": "b", "x_server": 1}


@pytest.mark.parametrize("form", UpdateForm)
def test_where_a_server_wants_it_the_client_secret_is_said_and_not_shown(form: UpdateForm) -> None:
    information = ClientInformation.parse({**ISSUED, "client_secret": SECRET})
    wanted = ClientMetadata.confirmed({"client_name": "b"})
    built = update_request(information, wanted, (), form, WITH_SECRET)
    assert json.loads(built.body or b"")["client_secret"] == SECRET
    assert said_secret(information, WITH_SECRET) == Confidential(SECRET)
    assert SECRET not in repr(built)


@pytest.mark.parametrize(
    ("answered", "dialect"),
    [({}, UpdateDialect()), ({"client_secret": None}, WITH_SECRET), ({}, MERGES)],
    ids=["nobody says it", "there is none", "another dialect"],
)
def test_otherwise_none_is_said(answered: dict[str, Any], dialect: UpdateDialect) -> None:
    assert "client_secret" not in sent(answered, {"client_name": "b"}, dialect=dialect)


def test_no_echo_of_a_client_secret_that_was_said_is_shown() -> None:
    body = {"error": "invalid_client_metadata", "error_description": f"{SECRET} does not match"}
    refused = judge_update(Response(status=400, body=json.dumps(body).encode()), "c", secret=Confidential(SECRET))
    assert isinstance(refused, Rejected)
    assert SECRET not in (refused.description or "")
    answered = {"client_id": "c", "client_secret": "another", "x_before": SECRET}
    taken = judge_update(Response(status=200, body=json.dumps(answered).encode()), "c", secret=Confidential(SECRET))
    assert isinstance(taken, Committed)
    assert SECRET not in json.dumps(taken.members)
    assert taken.members["client_secret"] == "another"
