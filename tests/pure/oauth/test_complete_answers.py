"""Complete answers of success, whatever is wrong with their form: taken where a client can be read, said where none can."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.exchange import Answer, Incomplete, Response
from oauthclient_operator.oauth import lenient_json, rfc7591, rfc7592
from oauthclient_operator.oauth.judgement import LONGER
from oauthclient_operator.oauth.outcome import Ambiguous, Committed, NotUnderstood, Outcome, Rejected
from tests.pure.oauth.test_outcomes import CREDENTIALS, EVERY_CALL, WITH_ANSWER
from tests.pure.oauth.transcripts import NODE_201, RFC7592_3, response

WHOLE = json.dumps(NODE_201).encode()
LATIN = {**NODE_201, "client_name": "Caf\u00e9"}


@WITH_ANSWER
@pytest.mark.parametrize(
    ("body", "members", "flaw"),
    [
        pytest.param(
            WHOLE[:-1] + b', "client_name": "b"}', {**NODE_201, "client_name": "b"}, lenient_json.TWICE, id="twice"
        ),
        pytest.param(b"\n)]}',\n" + WHOLE + b"\n<!-- node 7 -->", NODE_201, lenient_json.AROUND, id="text around it"),
        pytest.param(json.dumps([NODE_201]).encode(), NODE_201, lenient_json.AROUND, id="a list of one"),
        pytest.param(json.dumps(NODE_201).encode("utf-16"), NODE_201, lenient_json.NOT_UTF8, id="UTF-16"),
        pytest.param(
            json.dumps(LATIN, ensure_ascii=False).encode("latin-1"),
            {n: v for n, v in NODE_201.items() if n != "client_name"},
            lenient_json.NOT_UTF8,
            id="Latin-1, what is no text left out",
        ),
        pytest.param(
            json.dumps({**NODE_201, "x": "y" * 200_000}).encode(), NODE_201, lenient_json.LEFT_OUT, id="too large"
        ),
        pytest.param(WHOLE[:-1] + b', "x": NaN}', {**NODE_201, "x": None}, lenient_json.NOT_A_NUMBER, id="NaN"),
        pytest.param(
            WHOLE[:-1] + b', "x": "\x01"}', {**NODE_201, "x": "\x01"}, lenient_json.CHARACTERS, id="a control"
        ),
    ],
)
def test_committed_a_whole_object_with_a_client_id_whatever_else_is_wrong_with_it(
    call: Callable[[Answer], Outcome], body: bytes, members: dict[str, Any], flaw: str
) -> None:
    outcome = call(response(201, body=body))
    assert isinstance(outcome, Committed)
    assert (outcome.members, outcome.flaws[0]) == (members, flaw)
    assert "sp7yW8Yh" not in repr(outcome)


@pytest.mark.parametrize("call", [rfc7591.judge, lambda a: rfc7592.judge_update(a, "7")], ids=["POST", "PUT"])
def test_committed_a_number_where_the_identifier_belongs(call: Callable[[Answer], Outcome]) -> None:
    outcome = call(response(201, {**NODE_201, "client_id": 7, "client_secret": 1234567}))
    assert isinstance(outcome, Committed)
    assert outcome.members == {**NODE_201, "client_id": "7", "client_secret": "1234567"}
    assert outcome.flaws == ("a client_id that is a number", "a client_secret that is a number")


@WITH_ANSWER
@pytest.mark.parametrize("number", [b"15000000000", b"15000000000.0", b"1.5e10", b"150E8"])
def test_committed_a_whole_number_however_it_is_written(call: Callable[[Answer], Outcome], number: bytes) -> None:
    body = WHOLE[:-1] + b', "registration_access_token": %b}' % number
    outcome = call(response(201, body=body))
    assert isinstance(outcome, Committed)
    assert outcome.members["registration_access_token"] == "15000000000"


@WITH_ANSWER
def test_committed_with_another_member_that_is_a_number_nobody_reads(call: Callable[[Answer], Outcome]) -> None:
    outcome = call(response(201, body=WHOLE[:-1] + b', "x": %b}' % (b"9" * 5000)))
    assert outcome == Committed(members=NODE_201, flaws=(lenient_json.LEFT_OUT,))


@WITH_ANSWER
def test_committed_what_goes_on_beyond_its_length(call: Callable[[Answer], Outcome]) -> None:
    outcome = call(Response(status=201, body=WHOLE[:-9], beyond=WHOLE[-9:]))
    assert outcome == Committed(members=NODE_201, flaws=(LONGER,))
    outcome = call(Response(status=201, body=WHOLE, beyond=b"{}"))
    assert outcome == Committed(members=NODE_201)


TOO_MUCH = "the response is larger than 256 KiB"


@WITH_ANSWER
def test_not_understood_more_than_is_read(call: Callable[[Answer], Outcome]) -> None:
    """The same would come again, and be no more of an answer."""
    for partial in (b"", WHOLE[:-1], b'{"x": "' + b"y" * 9000):
        outcome = call(Incomplete(cause=TOO_MUCH, status=201, partial=partial, too_much=True))
        assert isinstance(outcome, NotUnderstood)
        assert outcome.cause == f"HTTP 201 in more than is read: {TOO_MUCH}"
        assert ("client_id" in outcome.salvage) == (partial == WHOLE[:-1])


@WITH_ANSWER
def test_committed_a_whole_object_before_more_than_is_read(call: Callable[[Answer], Outcome]) -> None:
    outcome = call(Incomplete(cause=TOO_MUCH, status=201, partial=WHOLE + b" " * 9000, too_much=True))
    assert outcome == Committed(members=NODE_201, flaws=(TOO_MUCH,))


def test_committed_a_deletion_whose_answer_is_more_than_is_read() -> None:
    outcome = rfc7592.judge_deletion(Incomplete(cause=TOO_MUCH, status=200, partial=b"done; ", too_much=True))
    assert outcome == Committed(members={})


def test_ambiguous_a_page_of_more_than_is_read_to_a_deletion() -> None:
    outcome = rfc7592.judge_deletion(Incomplete(cause=TOO_MUCH, status=200, partial=b"<html>", too_much=True))
    assert isinstance(outcome, Ambiguous)


@EVERY_CALL
def test_rejected_with_more_than_is_read(call: Callable[[Answer], Outcome]) -> None:
    outcome = call(Incomplete(cause=TOO_MUCH, status=403, partial=b"<html>", too_much=True))
    assert outcome == Rejected(status=403, error=None, description=None, retry_after=None)


@EVERY_CALL
@pytest.mark.parametrize("status", [None, 408, 500, 503])
def test_ambiguous_more_than_is_read_of_what_does_not_say_that_it_was_done(
    call: Callable[[Answer], Outcome], status: int | None
) -> None:
    assert isinstance(call(Incomplete(cause=TOO_MUCH, status=status, too_much=True)), Ambiguous)


@WITH_ANSWER
def test_committed_says_what_of_its_form_was_not_http(call: Callable[[Answer], Outcome]) -> None:
    outcome = call(Response(status=200, body=WHOLE, flaws=("a header line that is not HTTP",)))
    assert outcome == Committed(members=NODE_201, flaws=("a header line that is not HTTP",))


@WITH_ANSWER
@pytest.mark.parametrize(
    "cause",
    ["the connection broke before the response was complete: unexpected eof", "no complete response within 20 s"],
)
def test_committed_a_whole_object_whose_end_nobody_said(call: Callable[[Answer], Outcome], cause: str) -> None:
    outcome = call(Incomplete(cause=cause, status=201, partial=WHOLE))
    assert outcome == Committed(members=NODE_201, flaws=(cause,))


@EVERY_CALL
def test_rejected_a_whole_error_whose_end_nobody_said(call: Callable[[Answer], Outcome]) -> None:
    answer = Incomplete(cause="reset", status=400, headers={"retry-after": "7"}, partial=b'{"error": "invalid_token"}')
    outcome = call(answer)
    assert isinstance(outcome, Rejected)
    assert (outcome.error, outcome.retry_after) == ("invalid_token", 7)


@EVERY_CALL
@pytest.mark.parametrize("status", [200, 201, 202])
@pytest.mark.parametrize("code", ["invalid_redirect_uri", "invalid_client_metadata", "access_denied", "invalid_token"])
def test_rejected_an_oauth_error_with_a_status_of_success(
    call: Callable[[Answer], Outcome], status: int, code: str
) -> None:
    outcome = call(response(status, {"error": code, "error_description": "no"}))
    assert outcome == Rejected(status=status, error=code, description="no", retry_after=None, json=True)


@WITH_ANSWER
def test_committed_an_error_beside_a_client(call: Callable[[Answer], Outcome]) -> None:
    assert isinstance(call(response(200, {**NODE_201, "error": "invalid_client_metadata"})), Committed)


@WITH_ANSWER
@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        pytest.param(response(204), "HTTP 204 without a body", id="204"),
        pytest.param(response(200), "HTTP 200 without a body", id="empty"),
        pytest.param(
            response(201, body=b"<html>Created</html>", content_type="text/html; charset=utf-8"),
            "HTTP 201 with a body that is no JSON object (text/html)",
            id="a page",
        ),
        pytest.param(response(200, body=b"null"), "HTTP 200 with a body that is no JSON object", id="null"),
        pytest.param(
            response(200, body=WHOLE[:-9]),
            "HTTP 200 with a body that is no JSON object to its end",
            id="cut, to its end",
        ),
        pytest.param(
            Response(status=201, body=b"\x1b\x2c", flaws=("a compressed body",)),
            "HTTP 201 with a body that is no JSON object; the answer had a compressed body",
            id="what cannot be unpacked",
        ),
        pytest.param(
            response(201, {"data": NODE_201, "status": "ok"}),
            'HTTP 201 with a JSON object without a client_id; it has "data", "status"',
            id="another member around it",
        ),
        pytest.param(response(200, {}), "HTTP 200 with a JSON object without a client_id", id="an empty object"),
        pytest.param(response(200, {"client_id": ""}), 'client_id; it has "client_id"', id="an empty client_id"),
        pytest.param(response(200, {"client_id": None}), 'client_id; it has "client_id"', id="null for a client_id"),
        pytest.param(
            response(201, body=b'{"client_id": 1.5}'),
            "client_id is neither a text nor a whole number",
            id="a fraction for a client_id",
        ),
        pytest.param(
            response(201, body=b'{"client_id": 1.5e16}'),
            "client_id is neither a text nor a whole number",
            id="a number for a client_id whose last digits are not certain",
        ),
        pytest.param(
            response(201, body=b'{"client_id": %b}' % (b"9" * 5000)),
            "client_id is too large, too deep or no text",
            id="a number for a client_id that nobody reads",
        ),
        pytest.param(
            response(201, body=b'{"client_id": "a\\ud800"}'),
            "client_id is too large, too deep or no text",
            id="half a character in a client_id",
        ),
        pytest.param(
            response(201, {"client_id": ["c"]}),
            "client_id is neither a text nor a whole number",
            id="a list of client_ids",
        ),
        pytest.param(
            response(200, {"error": "server_error", "error_description": "try again\u202e"}),
            'without a client_id; the server says "server_error", "try again"',
            id="an error that does not say that nothing was done",
        ),
    ],
)
def test_not_understood_a_complete_success_in_which_no_client_can_be_read(
    call: Callable[[Answer], Outcome], answer: Response, cause: str
) -> None:
    outcome = call(answer)
    assert isinstance(outcome, NotUnderstood)
    assert outcome.status == answer.status
    assert outcome.cause.endswith(cause)
    assert "sp7yW8Yh" not in repr(outcome)


def test_not_understood_shows_no_echo_of_the_token() -> None:
    outcome = rfc7591.judge(response(200, {"message": "bad token a-secret"}), presented=Confidential("a-secret"))
    assert isinstance(outcome, NotUnderstood)
    assert "a-secret" not in outcome.cause


def test_committed_as_deep_as_a_record_can_hold_it_again() -> None:
    def nested(levels: int) -> dict[str, Any]:
        return {} if levels == 1 else {"x": nested(levels - 1)}

    assert rfc7591.judge(response(201, {"client_id": "c", "x": nested(23)})) == Committed(
        members={"client_id": "c", "x": nested(23)}
    )
    assert rfc7591.judge(response(201, {"client_id": "c", "x": nested(24)})) == Committed(
        members={"client_id": "c"}, flaws=(lenient_json.LEFT_OUT,)
    )


@pytest.mark.parametrize("cut", [1, 60])
def test_not_understood_what_an_unreadable_success_holds_is_salvaged(cut: int) -> None:
    outcome = rfc7591.judge(response(201, body=WHOLE[:-cut]))
    assert isinstance(outcome, NotUnderstood)
    whole = {**CREDENTIALS, "registration_client_uri": NODE_201["registration_client_uri"]}
    found = {n: v for n, v in outcome.salvage.items() if n in whole}
    assert found == {n: v for n, v in whole.items() if cut == 1 or n != "registration_access_token"}


@pytest.mark.parametrize("judge", [rfc7592.judge_read, rfc7592.judge_update], ids=["GET", "PUT"])
def test_not_understood_an_answer_about_another_client_is_not_ours(judge: Callable[[Answer, str], Outcome]) -> None:
    outcome = judge(response(200, RFC7592_3), "another")
    assert isinstance(outcome, NotUnderstood)
    assert outcome.cause == "HTTP 200 with the client information of another client"
    assert outcome.salvage["registration_access_token"] == RFC7592_3["registration_access_token"]


@WITH_ANSWER
@pytest.mark.parametrize("status", [202, 203, 204, 205, 206, 226])
def test_committed_another_2xx_with_a_whole_answer(call: Callable[[Answer], Outcome], status: int) -> None:
    """A client that exists is not to be asked for again because of a status code."""
    outcome = call(response(status, NODE_201))
    assert outcome == Committed(members=NODE_201, flaws=(f"HTTP {status} in place of 200 or 201",))
