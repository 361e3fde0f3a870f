"""The table of outcomes, row by row, for the four calls: what an answer says about whether the server did it."""

from collections.abc import Callable
from typing import Any

import pytest

from oauthclient_operator.exchange import Answer, Incomplete, NotSent, Response
from oauthclient_operator.oauth import rfc7591, rfc7592
from oauthclient_operator.oauth.outcome import Ambiguous, Committed, Outcome, Rejected
from tests.pure.oauth.transcripts import NODE_201, response

CREDENTIALS = {n: NODE_201[n] for n in ("client_id", "client_secret", "registration_access_token")}


def judge_update(answer: Answer) -> Outcome:
    return rfc7592.judge_update(answer, str(NODE_201["client_id"]))


def judge_read(answer: Answer) -> Outcome:
    return rfc7592.judge_read(answer, str(NODE_201["client_id"]))


CALLS: dict[str, Callable[[Answer], Outcome]] = {
    "POST": rfc7591.judge,
    "GET": judge_read,
    "PUT": judge_update,
    "DELETE": rfc7592.judge_deletion,
}
EVERY_CALL = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
WITH_ANSWER = pytest.mark.parametrize("call", [rfc7591.judge, judge_read, judge_update], ids=["POST", "GET", "PUT"])


@EVERY_CALL
@pytest.mark.parametrize("refused", [True, False])
def test_not_sent_no_byte_of_the_request_was_written(call: Callable[[Answer], Outcome], refused: bool) -> None:
    answer = NotSent(cause="the connection was refused", refused=refused)
    assert call(answer) is answer


@EVERY_CALL
@pytest.mark.parametrize(
    "status", [300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 451]
)
def test_rejected_a_complete_3xx_or_4xx(call: Callable[[Answer], Outcome], status: int) -> None:
    outcome = call(response(status, {"error": "invalid_client_metadata", "error_description": "no"}))
    assert outcome == Rejected(
        status=status, error="invalid_client_metadata", description="no", retry_after=None, json=True
    )


@EVERY_CALL
def test_ambiguous_408(call: Callable[[Answer], Outcome]) -> None:
    assert isinstance(call(response(408)), Ambiguous)


@pytest.mark.parametrize("call", [judge_read, judge_update, rfc7592.judge_deletion], ids=["GET", "PUT", "DELETE"])
def test_rejected_501_to_a_get_put_or_delete(call: Callable[[Answer], Outcome]) -> None:
    outcome = call(response(501, body=b"<html>"))
    assert isinstance(outcome, Rejected)
    assert outcome.status in rfc7592.UNSUPPORTED


def test_ambiguous_501_to_a_post() -> None:
    assert isinstance(rfc7591.judge(response(501)), Ambiguous)


@WITH_ANSWER
@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize("content_type", ["application/json", "text/html", "application/json; charset=utf-8"])
def test_committed_a_complete_200_or_201_with_a_client_id(
    call: Callable[[Answer], Outcome], status: int, content_type: str
) -> None:
    outcome = call(response(status, NODE_201, content_type=content_type, cache_control="no-store"))
    assert outcome == Committed(members=NODE_201)


@pytest.mark.parametrize(
    "answer",
    [
        response(204),
        response(200),
        response(200, {"client_id": "c"}),
        response(200, {"error": None}),
        response(200, body=b"ok"),
        response(200, body=b"deleted", content_type="text/html"),
    ],
)
def test_committed_204_or_200_to_a_delete(answer: Response) -> None:
    assert rfc7592.judge_deletion(answer) == Committed(members={})


@pytest.mark.parametrize(
    ("body", "what"),
    [
        pytest.param(b"<html>Back soon</html>", "a page", id="a page"),
        pytest.param(b"\xef\xbb\xbf\r\n <!DOCTYPE html>", "a page", id="a page after a mark and spaces"),
        pytest.param(b'{"error": "maintenance"}', "an error", id="an error of no RFC's"),
        pytest.param(b'{"error": {"code": 7}}', "an error", id="an error that is an object"),
    ],
)
def test_ambiguous_200_to_a_delete_with_the_words_of_another(body: bytes, what: str) -> None:
    outcome = rfc7592.judge_deletion(response(200, body=body, content_type="text/html"))
    cause = f"the answer was HTTP 200 with {what}, which does not say that the client is gone"
    assert outcome == Ambiguous(cause=cause)
    assert rfc7592.judge_deletion(response(204, body=body)) == Committed(members={})


@EVERY_CALL
@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 599])
def test_ambiguous_any_other_5xx(call: Callable[[Answer], Outcome], status: int) -> None:
    outcome = call(response(status, body=b"<html>Bad gateway</html>", retry_after="30"))
    assert isinstance(outcome, Ambiguous)
    assert f"HTTP {status}" in outcome.cause
    assert "gateway" not in outcome.cause
    assert outcome.retry_after == 30
    assert outcome.salvage == {}


@EVERY_CALL
@pytest.mark.parametrize("status", [100, 101, 102, 103, 600, 999])
def test_ambiguous_what_is_no_final_status(call: Callable[[Answer], Outcome], status: int) -> None:
    assert isinstance(call(response(status, NODE_201)), Ambiguous)


@pytest.mark.parametrize("status", [201, 202, 203, 205, 206])
def test_ambiguous_another_2xx_to_a_delete(status: int) -> None:
    assert isinstance(rfc7592.judge_deletion(response(status)), Ambiguous)


@EVERY_CALL
@pytest.mark.parametrize(
    ("status", "partial"),
    [
        (None, b""),
        (201, b""),
        (201, b'{"client_id": "c1", "client_se'),
        (200, b"{}"),
        (400, b'{"error": "x"'),
        (500, b'{"error": "x"}'),
        (204, b""),
    ],
)
def test_ambiguous_timeout_reset_or_truncation(
    call: Callable[[Answer], Outcome], status: int | None, partial: bytes
) -> None:
    outcome = call(Incomplete(cause="the connection was reset", status=status, partial=partial))
    assert outcome == Ambiguous(
        cause="the connection was reset", salvage={"client_id": "c1"} if b"c1" in partial else {}
    )


@EVERY_CALL
@pytest.mark.parametrize("body", [NODE_201, {"error": "server_error", **NODE_201}], ids=["alone", "with an error"])
@pytest.mark.parametrize("status", [400, 401, 500])
def test_credentials_in_an_error_are_not_lost(call: Callable[[Answer], Outcome], body: Any, status: int) -> None:
    outcome = call(response(status, body))
    assert isinstance(outcome, Rejected | Ambiguous)
    assert outcome.salvage.items() >= CREDENTIALS.items()
    assert "sp7yW8Yh" not in repr(outcome)
