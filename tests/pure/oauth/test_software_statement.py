"""A software statement on its way (RFC 7591 sections 2.3 and 3.1.1): into the request, back from the server, unseen."""

import json
from typing import Any

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.exchange import Response
from oauthclient_operator.oauth.client_information import ClientInformation
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.oauth.json_object import JSON
from oauthclient_operator.oauth.outcome import Committed, Rejected
from oauthclient_operator.oauth.rfc7591 import judge, registration_request, returned_statement
from oauthclient_operator.oauth.rfc7592 import UpdateForm, judge_update, update_members

HEADER = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9"
STATEMENT = f"{HEADER}.eyJpc3MiOiJodHRwczovL3ZvdWNoZXIuZXhhbXBsZSJ9.c2lnbmF0dXJlMTIzNDU2Nzg5MA"
TOKEN = f"{HEADER}.eyJqdGkiOiJpYXQtNDcxMSJ9.dG9rZW5zaWduYXR1cmUxMjM0NTY3"
"""A JWT, too, as Keycloak's are: it begins like the statement."""
WEB: dict[str, JSON] = {"redirect_uris": ["https://shop.example/cb"]}
NOT_SHOWN = Confidential(STATEMENT)


def answer(members: dict[str, Any], status: int = 201) -> Response:
    return Response(status=status, body=json.dumps(members).encode())


def test_it_is_a_member_of_the_request_unmodified_beside_the_metadata() -> None:
    metadata = ClientMetadata.parse(WEB)
    request = registration_request("https://idp.example/register", metadata, None, NOT_SHOWN)
    assert json.loads(request.body or b"") == {**WEB, "software_statement": STATEMENT}
    assert "software_statement" not in metadata.members
    assert STATEMENT not in repr(request)


def test_what_the_server_returns_of_it_is_kept_also_beside_tokens_that_begin_alike() -> None:
    issued = {
        "client_id": "c1",
        "client_secret": "s1",
        "registration_access_token": TOKEN,
        "registration_client_uri": "https://idp.example/register/c1",
    }
    outcome = judge(
        answer({**WEB, **issued, "software_statement": STATEMENT}),
        presented=Confidential(TOKEN),
        asked=WEB,
        statement=NOT_SHOWN,
    )
    assert isinstance(outcome, Committed)
    assert outcome.members["software_statement"] == STATEMENT
    assert outcome.flaws == ()
    updated = judge_update(
        answer({**WEB, **issued, "software_statement": STATEMENT}, 200),
        "c1",
        presented=Confidential(TOKEN),
        statement=NOT_SHOWN,
    )
    assert isinstance(updated, Committed)
    assert updated.members["software_statement"] == STATEMENT


@pytest.mark.parametrize("said", [STATEMENT, f"hello {STATEMENT}", STATEMENT[:40], STATEMENT.replace("", " ")])
def test_in_another_member_it_is_not_kept(said: str) -> None:
    outcome = judge(answer({"client_id": "c1", "client_name": said}), asked=WEB, statement=NOT_SHOWN)
    assert isinstance(outcome, Committed)
    assert outcome.members["client_name"] == "…"


def test_a_token_in_its_place_is_not_kept() -> None:
    outcome = judge(answer({"client_id": "c1", "software_statement": TOKEN}), presented=Confidential(TOKEN), asked=WEB)
    assert isinstance(outcome, Committed)
    assert outcome.members["software_statement"] == "…"


@pytest.mark.parametrize(
    "said", [STATEMENT, f"not approved: {STATEMENT}", STATEMENT[3:20], "-".join(STATEMENT), f"x{STATEMENT[-12:]}"]
)
def test_no_piece_of_it_is_in_the_words_of_a_refusal(said: str) -> None:
    refusal = answer({"error": "invalid_software_statement", "error_description": said}, 400)
    for outcome in (judge(refusal, statement=NOT_SHOWN), judge_update(refusal, "c1", statement=NOT_SHOWN)):
        assert isinstance(outcome, Rejected)
        assert (outcome.error, outcome.description) == ("invalid_software_statement", outcome.description)
        assert not any(STATEMENT[i : i + 8] in str(outcome.description) for i in range(len(STATEMENT) - 8))


@pytest.mark.parametrize(
    ("members", "found"),
    [
        pytest.param({"software_statement": STATEMENT}, STATEMENT, id="as it was sent"),
        pytest.param({}, None, id="the server does not return it"),
        pytest.param({"software_statement": "…"}, None, id="it was hidden"),
        pytest.param({"software_statement": {"iss": "x"}}, None, id="another thing"),
    ],
)
def test_what_a_client_was_registered_with(members: dict[str, Any], found: str | None) -> None:
    told = returned_statement(ClientInformation.parse({"client_id": "c1", **members}))
    assert (None if told is None else told.reveal()) == found


def test_an_update_says_it_again_as_the_server_returned_it() -> None:
    # RFC 7592 section 2.2: "This request MUST include all client metadata fields as returned to the client".
    information = ClientInformation.parse({"client_id": "c1", **WEB, "software_statement": STATEMENT})
    asks = ClientMetadata.parse({**WEB, "client_name": "Shop"})
    said = update_members(information, asks, [*WEB], UpdateForm.FULL)
    assert said["software_statement"] == STATEMENT
    assert "software_statement" not in update_members(information, asks, [*WEB], UpdateForm.ASKED)
