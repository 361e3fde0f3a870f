"""What can come of a PUT, row by row of the outcome table, at an issuer that answers as it is told."""

import pytest

from tests.cluster.scenarios.conftest import MakeIssuer
from tests.cluster.scenarios.room import WEB, Body, Room, condition, conditions
from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving import Behaviour, hang, reset, respond, send
from tests.parts.misbehaving_issuer import MisbehavingIssuer, Spoil

pytestmark = pytest.mark.usefixtures("operator")
RENAMED: Body = {**WEB, "client_name": "Web shop, renamed"}
AGAIN: Body = {**WEB, "client_name": "Web shop, renamed again"}


def always(behaviour: Behaviour) -> Spoil:
    return lambda _: behaviour


def cut(right: bytes) -> Behaviour:
    """Send the beginning of the right response, short of the credentials that come last."""
    head, _, body = right.partition(b"\r\n\r\n")
    return send(head + b"\r\n\r\n" + body[:20])


LOST = {
    "reset": always(reset),
    "no response before the deadline": always(hang),
    "cut off": cut,
    "408": always(respond(408)),
    "500": always(respond(500, {"error": "server_error"})),
    "502 of a gateway": always(respond(502, body=b"<html>", content_type="text/html")),
    "503": always(respond(503)),
}
NOT_UNDERSTOOD = {
    "204": (respond(204), "HTTP 204 without a body"),
    "200 without JSON": (
        respond(200, body=b"done", content_type="text/plain"),
        "HTTP 200 with a body that is no JSON object (text/plain)",
    ),
    "200 about another client": (
        respond(200, {"client_id": "somebody-else"}),
        "HTTP 200 with the client information of another client",
    ),
    "202": (respond(202, {"status": "accepted"}), 'HTTP 202 with a JSON object without a client_id; it has "status"'),
}


@pytest.fixture
def client(room: Room, issuer: MisbehavingIssuer) -> Body:
    """The registered client as the issuer has it, before anything was changed."""
    room.apply("web", issuer.issuer)
    client_id = room.wait_for("web", "Registered")["status"]["clientID"]
    return issuer.clients[client_id]


def is_as_before(room: Room, issuer: MisbehavingIssuer, client: Body) -> bool:
    found = room.secret("web")
    same = (found["client_id"], found["client_secret"]) == (client["client_id"], client["client_secret"])
    return same and issuer.clients == {client["client_id"]: client}


@pytest.mark.parametrize("spoil", LOST.values(), ids=LOST)
def test_an_answer_that_was_lost_is_asked_for_once_more(
    room: Room, issuer: MisbehavingIssuer, client: Body, spoil: Spoil
) -> None:
    issuer.spoil("PUT", spoil, applied=False)
    room.apply("web", issuer.issuer, metadata=RENAMED)
    room.wait_for("web", "Registered")
    assert issuer.calls == ["POST", "PUT", "PUT"]
    assert issuer.clients[client["client_id"]]["client_name"] == RENAMED["client_name"]


@pytest.mark.parametrize(("answer", "cause"), NOT_UNDERSTOOD.values(), ids=NOT_UNDERSTOOD)
def test_an_answer_that_is_not_understood_is_not_asked_for_again(
    room: Room, issuer: MisbehavingIssuer, client: Body, answer: Behaviour, cause: str
) -> None:
    issuer.spoil("PUT", always(answer), applied=False)
    room.apply("web", issuer.issuer, metadata=RENAMED)
    unclear = room.wait_for("web", "NotUnderstood")
    assert f"answered the update ({cause})" in condition(unclear)["message"]
    assert conditions(unclear) == {
        "Ready": ("False", "NotUnderstood"),
        "Registered": ("True", "NotUnderstood"),
        "SecretPublished": ("True", "Published"),
        "Stalled": ("True", "NotUnderstood"),
    }
    assert is_as_before(room, issuer, client)
    assert issuer.calls == ["POST", "PUT"]
    room.apply("web", issuer.issuer, metadata=AGAIN)
    room.wait_for("web", "Registered")
    assert issuer.calls == ["POST", "PUT", "PUT"]


@pytest.mark.parametrize("applied", [True, False], ids=["the server did it", "the server did not do it"])
def test_two_lost_answers_are_enough(room: Room, make_issuer: MakeIssuer, applied: bool) -> None:
    issuer = make_issuer(rotates=False)
    room.apply("web", issuer.issuer)
    room.wait_for("web", "Registered")
    published = room.secret("web")
    for _ in range(2):
        issuer.spoil("PUT", always(reset), applied=applied)
    room.apply("web", issuer.issuer, metadata=RENAMED)
    seen: Body = {}

    def held() -> bool:
        seen.update(room.read("web"))
        return "repeating it did not tell" in condition(seen)["message"]

    room.wait_until(held, "the update is held", seen=lambda: seen.get("status"))
    assert conditions(seen) == {
        "Ready": ("False", "UpdateAmbiguous"),
        "Registered": ("True", "UpdateAmbiguous"),
        "SecretPublished": ("True", "Published"),
    }
    assert room.secret("web") == published
    assert issuer.calls == ["POST", "PUT", "PUT"]
    # An edit back to what is confirmed is sent here: nobody knows what the server holds.
    room.apply("web", issuer.issuer)
    assert conditions(room.wait_for("web", "Registered"))["Ready"] == ("True", "Registered")
    assert issuer.calls == ["POST", "PUT", "PUT", "PUT"]
    assert [c["client_name"] for c in issuer.clients.values()] == [WEB["client_name"]]


def test_a_lost_answer_that_rotated_the_token_is_lost_management(
    room: Room, issuer: MisbehavingIssuer, client: Body
) -> None:
    issuer.spoil("PUT", always(reset), applied=True)
    room.apply("web", issuer.issuer, metadata=RENAMED)
    lost = room.wait_for("web", "ManagementLost")
    assert conditions(lost)["SecretPublished"] == ("True", "Published")
    assert room.secret("web")["client_secret"] == client["client_secret"]
    assert issuer.calls == ["POST", "PUT", "PUT"]
    # The way back does not undo it: the server has another token by now.
    room.apply("web", issuer.issuer)
    room.wait_for("web", "ManagementLost")
    assert issuer.calls == ["POST", "PUT", "PUT", "PUT"]


def test_a_token_in_an_answer_that_was_cut_off_is_used(room: Room, issuer: MisbehavingIssuer, client: Body) -> None:
    # All but the last bytes: the rotated token is whole in it, the JSON is not.
    issuer.spoil("PUT", lambda right: send(right[:-1]), applied=True)
    room.apply("web", issuer.issuer, metadata=RENAMED)
    assert conditions(room.wait_for("web", "Registered"))["Ready"] == ("True", "Registered")
    room.apply("web", issuer.issuer, metadata=AGAIN)
    room.wait_for("web", "Registered")
    assert issuer.clients[client["client_id"]]["client_name"] == AGAIN["client_name"]


REJECTED = {
    "302": (respond(302, location="https://elsewhere.example/"), "UpdateRejected", "HTTP 302"),
    "400": (
        respond(400, {"error": "invalid_client_metadata", "error_description": "no such\u202e name"}),
        "UpdateRejected",
        'HTTP 400 invalid_client_metadata: "no such name"',
    ),
    "403": (respond(403, {"error": "insufficient_scope"}), "UpdateRejected", "HTTP 403 insufficient_scope"),
    "409": (respond(409, body=b"<html>", content_type="text/html"), "UpdateRejected", "HTTP 409"),
    "405": (respond(405), "UpdateUnsupported", "does not support updates"),
    "501": (respond(501, {"error": "not_implemented"}), "UpdateUnsupported", "does not support updates"),
    "404 that is no JSON": (respond(404, body=b"nothing here", content_type="text/plain"), "UpdateUnsupported", ""),
    "401": (respond(401, {"error": "invalid_token"}), "ManagementLost", "HTTP 401 invalid_token"),
    "404": (respond(404, {"error": "not_found"}), "ManagementLost", "HTTP 404 not_found"),
    "400 access_denied": (respond(400, {"error": "access_denied"}), "ManagementLost", "HTTP 400 access_denied"),
}


@pytest.mark.parametrize(("answer", "reason", "words"), REJECTED.values(), ids=REJECTED)
def test_a_refusal_keeps_what_works_and_says_so(
    room: Room, issuer: MisbehavingIssuer, client: Body, answer: Behaviour, reason: str, words: str
) -> None:
    issuer.spoil("PUT", always(answer), applied=False)
    room.apply("web", issuer.issuer, metadata=RENAMED)
    refused = room.wait_for("web", reason)
    assert conditions(refused) == {
        "Ready": ("False", reason),
        "Registered": ("True", reason),
        "SecretPublished": ("True", "Published"),
        "Stalled": ("True", reason),
        # Whether it may be gone is found out: it is not.
        **({"CredentialsValid": ("True", "Proven")} if reason == "ManagementLost" else {}),
    }
    assert words in condition(refused)["message"]
    assert is_as_before(room, issuer, client)
    assert issuer.calls == ["POST", "PUT"]
    # The way back is open, and costs nothing; only a token that was refused is tried once more with it, for it may have
    # been refused by whatever stands before the server.
    room.apply("web", issuer.issuer)
    room.wait_for("web", "Registered")
    assert issuer.calls == ["POST", "PUT", *(["PUT"] if reason == "ManagementLost" else [])]


def test_a_server_that_asks_to_wait_is_asked_again_when_it_said(
    room: Room, issuer: MisbehavingIssuer, client: Body
) -> None:
    issuer.spoil("PUT", always(respond(429, retry_after="3")), applied=False)
    room.apply("web", issuer.issuer, metadata=RENAMED)
    waiting = room.wait_for("web", "IssuerUnavailable")
    assert "asks to wait" in condition(waiting)["message"]
    assert is_as_before(room, issuer, client)
    room.wait_for("web", "Registered")
    assert issuer.calls == ["POST", "PUT", "PUT"]


def test_an_issuer_that_is_away_gets_the_update_when_it_is_back(
    room: Room, certificate_authority: CertificateAuthority
) -> None:
    issuer = MisbehavingIssuer(certificate=certificate_authority.certificate())
    with issuer.server.in_thread():
        address = issuer.issuer
        room.apply("web", address)
        room.wait_for("web", "Registered")
    room.apply("web", address, metadata=RENAMED)
    said = conditions(room.wait_for("web", "IssuerUnavailable"))
    assert said["Registered"] == ("True", "Registered")
    assert said["SecretPublished"] == ("True", "Published")
    with issuer.server.in_thread():
        room.wait_for("web", "Registered")
        room.delete("web")
        room.wait_until(lambda: not room.exists("web"), "the resource is gone")
    assert issuer.calls == ["POST", "PUT", "DELETE"]
