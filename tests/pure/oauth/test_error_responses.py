"""How a refusal is read, in every form in which servers write one: checklist P8 and P9, and what P10 forbids to show."""

from typing import Any

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.exchange import Response
from oauthclient_operator.oauth.outcome import Rejected
from oauthclient_operator.oauth.rfc7591 import judge
from oauthclient_operator.oauth.rfc7592 import judge_deletion, says_gone
from tests.pure.oauth.transcripts import response

TOKEN = "sp7yW8Yh-j0B-xJzoivZIZ6nyHnsjFI3vBS32o-OKQU"


def rejected(answer: Response, presented: Confidential | None = None) -> Rejected:
    outcome = judge(answer, presented=presented)
    assert isinstance(outcome, Rejected)
    return outcome


@pytest.mark.parametrize(
    "code",
    ["invalid_redirect_uri", "invalid_client_metadata", "invalid_software_statement", "unapproved_software_statement"],
)
def test_P8_the_four_codes_are_read_and_other_members_ignored(code: str) -> None:
    answer = response(400, {"error": code, "error_description": "Not allowed.", "error_uri": "https://x", "extra": [1]})
    outcome = rejected(answer)
    assert (outcome.error, outcome.description) == (code, "Not allowed.")


def test_P8_the_description_is_optional() -> None:
    assert rejected(response(400, {"error": "invalid_request"})).description is None


@pytest.mark.parametrize(
    ("answer", "error", "description"),
    [
        pytest.param(
            response(401, {"error": "invalid_token", "error_description": "no access token provided"}),
            "invalid_token",
            "no access token provided",
            id="node: no access token",
        ),
        pytest.param(
            response(400, {"error": "access_denied", "error_description": "The resource owner denied the request"}),
            "access_denied",
            "The resource owner denied the request",
            id="Canaille: bad token",
        ),
        pytest.param(
            response(401, {"error": "The request could not be authorized"}),
            None,
            "The request could not be authorized",
            id="Hydra: a sentence for a code",
        ),
        pytest.param(
            response(400, {"error": 'Unrecognized field "x" (class Client), not marked'}),
            None,
            "Unrecognized field 'x' (class Client), not marked",
            id="Keycloak: a sentence for a code",
        ),
        pytest.param(
            response(403, {"errorCode": "E0000006", "errorSummary": "You do not have permission"}),
            None,
            None,
            id="Okta: another vendor's object",
        ),
        pytest.param(response(405, body=b"<!doctype html><h1>Method Not Allowed</h1>"), None, None, id="Flask: a page"),
        pytest.param(response(403), None, None, id="MITREid: nothing"),
        pytest.param(response(404, body=b"Not Found", content_type="text/plain"), None, None, id="node: text"),
        pytest.param(
            response(401, www_authenticate='Bearer realm="x", error="invalid_token", error_description="expired"'),
            "invalid_token",
            "expired",
            id="RFC 6750: in the challenge alone",
        ),
        pytest.param(response(401, www_authenticate='Bearer realm="error=fake"'), None, None, id="a realm is no error"),
        pytest.param(response(400, ["invalid_request"]), None, None, id="a list"),
        pytest.param(response(400, {"error": {"code": "x"}, "error_description": 7}), None, None, id="other types"),
        pytest.param(response(400, {"error": "x" * 65}), None, "x" * 65, id="a code that is too long"),
        pytest.param(response(400, {"error": "", "error_description": " "}), None, None, id="empty"),
    ],
)
def test_P8_P9_a_refusal_is_read_whatever_its_form(
    answer: Response, error: str | None, description: str | None
) -> None:
    outcome = rejected(answer)
    assert (outcome.error, outcome.description) == (error, description)


def test_P8_the_words_are_cleaned_and_cut() -> None:
    said = 'line one\r\nline two\t\u202egnirts\u2066\x1b[31m "quoted" ' + "and on " * 1000
    description = rejected(response(400, {"error": "invalid_request", "error_description": said})).description
    assert description is not None
    assert description.startswith("line one line two gnirts [31m 'quoted' and on")
    assert description.endswith("…")
    assert len(description) <= 301


@pytest.mark.parametrize(
    "said",
    [
        f"token {TOKEN} is unknown",
        f"token={TOKEN}",
        f"Bearer {TOKEN}\n",
        "client_secret c290f7dfac519be422f3663627b254cf52685b369ce103b6 is wrong",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9",
        "short-9 was refused",
        "short-9",
    ],
)
def test_P10_a_token_that_a_server_echoes_is_not_kept(said: str) -> None:
    answer = response(
        401, {"error": said, "error_description": said}, www_authenticate=f'Bearer error="{said.strip()}"'
    )
    shown = repr(rejected(answer, presented=Confidential("short-9")))
    assert "sp7yW8Yh" not in shown
    assert "c290f7" not in shown
    assert "eyJ" not in shown
    assert "short-9" not in shown


@pytest.mark.parametrize("said", ["the token it's-a-token is unknown", 'the token it"s-a-token is unknown'])
def test_P10_what_is_shown_does_not_become_the_token_by_being_cleaned(said: str) -> None:
    outcome = rejected(response(401, {"error_description": said}), presented=Confidential("it's-a-token"))
    assert outcome.description is not None
    assert "it's-a-token" not in outcome.description


def test_P10_the_names_of_members_and_urls_stay_readable() -> None:
    said = (
        "token_endpoint_auth_signing_alg must fit https://shop.example.com/callback (id_token_encrypted_response_alg)"
    )
    assert rejected(response(400, {"error": "invalid_client_metadata", "error_description": said})).description == said


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "120"}, 120),
        ({"retry_after": " 7 "}, 7),
        ({"retry_after": "0"}, 0),
        ({"retry_after": "86400"}, 3600),
        ({"retry_after": "9" * 400}, 3600),
        ({"retry_after": "-1"}, None),
        ({"retry_after": "1.5"}, None),
        ({"retry_after": "soon"}, None),
        ({"retry_after": "٣"}, None),
        ({"retry_after": ""}, None),
        ({}, None),
        ({"retry_after": "Fri, 31 Dec 1999 23:59:59 GMT", "date": "Fri, 31 Dec 1999 23:58:59 GMT"}, 60),
        ({"retry_after": "Fri, 31 Dec 1999 23:59:59 GMT", "date": "Sat, 01 Jan 2000 23:59:59 GMT"}, 0),
        ({"retry_after": "Fri, 31 Dec 2049 23:59:59 GMT", "date": "Fri, 31 Dec 1999 23:59:59 GMT"}, 3600),
        ({"retry_after": "Friday, 31-Dec-99 23:59:59 GMT", "date": "Fri, 31 Dec 1999 23:58:59 GMT"}, 60),
        ({"retry_after": "Fri, 31 Dec 1999 23:59:59 GMT"}, None),
        ({"retry_after": "Fri, 99 Dec 1999 99:59:59 GMT", "date": "Fri, 31 Dec 1999 23:59:59 GMT"}, None),
    ],
    ids=str,
)
def test_retry_after_is_seconds_or_a_date_and_an_hour_at_most(headers: dict[str, Any], seconds: float | None) -> None:
    assert rejected(response(429, {"error": "too_many_requests"}, **headers)).retry_after == seconds


@pytest.mark.parametrize(
    ("answer", "gone"),
    [
        (response(401, {"error": "invalid_token"}), True),
        (response(401), True),
        (response(404, {"error": "invalid_client"}), True),
        (response(404, body=b"Not Found"), True),
        (response(400, {"error": "access_denied"}), True),
        (response(400, {"error": "invalid_request"}), False),
        (response(403), False),
        (response(403, {"error": "access_denied"}), False),
        (response(405), False),
        (response(410), False),
    ],
)
def test_M6_M14_what_servers_say_of_a_client_that_is_gone(answer: Response, gone: bool) -> None:
    outcome = judge_deletion(answer)
    assert isinstance(outcome, Rejected)
    assert says_gone(outcome) == gone
