"""A registration answered completely and oddly: taken and named where a client can be read, a suspect where none can."""

import gzip
import json

import pytest

from oauthclient_operator.record.attempts import AttemptState
from oauthclient_operator.record.calls import CallOutcome
from tests.cluster.scenarios.registration_answers import answer, attempts, calls
from tests.cluster.scenarios.room import Room, condition, conditions
from tests.parts.misbehaving import respond, send
from tests.parts.misbehaving_issuer import MisbehavingIssuer, Spoil

NOT_UNDERSTOOD = [
    pytest.param(
        lambda _: respond(201, body=b"<html>Created</html>", content_type="text/html"),
        "HTTP 201 with a body that is no JSON object (text/html)",
        id="201 that is a page",
    ),
    pytest.param(
        answer(201, {"client_name": "Web shop"}),
        'HTTP 201 with a JSON object without a client_id; it has "client_name"',
        id="201 without client_id",
    ),
    pytest.param(answer(204), "HTTP 204 without a body", id="204"),
]


@pytest.mark.parametrize(("spoil", "cause"), NOT_UNDERSTOOD)
def test_not_understood_is_a_suspect_at_once_and_not_asked_for_again(
    spoil: Spoil, cause: str, room: Room, issuer: MisbehavingIssuer
) -> None:
    issuer.spoil("POST", spoil, applied=True)
    uid = room.apply("web", issuer.issuer)
    resource = room.wait_for("web", "NotUnderstood")
    record = room.record(uid)
    assert calls(record) == [(1, CallOutcome.NOT_UNDERSTOOD, 1)]
    assert attempts(record) == [(1, AttemptState.SUSPECT)]
    assert [orphan["attempt"] for orphan in resource["status"]["suspectedOrphans"]] == [1]
    assert f"answered the registration at {issuer.issuer}/reg ({cause})" in condition(resource)["message"]
    assert f'oauth-operator.dev/resolve: "{uid}/1"' in condition(resource)["message"]
    assert conditions(resource)["Stalled"] == ("True", "NotUnderstood")
    assert issuer.calls == ["POST"]
    event = ("Warning", "NotUnderstood", condition(resource)["message"])
    room.wait_until(lambda: room.events("web") == [event], "one Event", seen=lambda: room.events("web"))


def _number(right: bytes) -> bytes:
    _, _, body = right.partition(b"\r\n\r\n")
    return json.dumps({**json.loads(body), "client_id": 7}).encode()


TAKEN = {
    "a number for the client_id": (lambda right: respond(201, body=_number(right)), "a client_id that is a number"),
    "gzip": (
        lambda right: respond(201, body=gzip.compress(right.partition(b"\r\n\r\n")[2]), content_encoding="gzip"),
        "a compressed body",
    ),
    "chunked, chunked": (
        lambda right: send(
            b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked, chunked\r\n\r\n"
            + b"%x\r\n" % len(right.partition(b"\r\n\r\n")[2])
            + right.partition(b"\r\n\r\n")[2]
            + b"\r\n0\r\n\r\n"
        ),
        "a Transfer-Encoding",
    ),
    "a header line that is not HTTP": (
        lambda right: send(right.replace(b"\r\n", b"\r\nWARNING from a proxy\r\n", 1)),
        "a header line that is not HTTP",
    ),
}


@pytest.mark.parametrize(("spoil", "flaw"), TAKEN.values(), ids=TAKEN)
def test_committed_whatever_is_wrong_with_the_form(
    spoil: Spoil, flaw: str, room: Room, issuer: MisbehavingIssuer
) -> None:
    issuer.spoil("POST", spoil, applied=True)
    room.apply("web", issuer.issuer)
    assert flaw in condition(room.wait_for("web", "Registered"))["message"]
    assert issuer.calls == ["POST"]
    assert room.secret("web")["client_id"]


def test_committed_by_an_answer_of_200(room: Room, issuer: MisbehavingIssuer) -> None:
    issuer.spoil("POST", lambda right: send(right.replace(b"HTTP/1.1 201", b"HTTP/1.1 200")), applied=True)
    uid = room.apply("web", issuer.issuer)
    room.wait_for("web", "Registered")
    assert calls(room.record(uid)) == [(1, CallOutcome.COMMITTED, 1)]
