"""A deregistration that is not confirmed holds its resource for `--release-after`; then a record stays behind."""

import pytest

from tests.cluster.scenarios.left_behind import UNCONFIRMED, delete, release, wait_for_words
from tests.cluster.scenarios.room import WEB, Body, Room, condition, conditions
from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving import Behaviour, reset, respond
from tests.parts.misbehaving_issuer import MisbehavingIssuer, Spoil

pytestmark = pytest.mark.usefixtures("operator")
RENAMED: Body = {**WEB, "client_name": "Web shop, renamed"}


def always(behaviour: Behaviour) -> Spoil:
    return lambda _: behaviour


def refuse(issuer: MisbehavingIssuer, behaviour: Behaviour, *, times: int = 50) -> None:
    """Let the issuer answer so to every DELETE from now on."""
    for _ in range(times):
        issuer.spoil("DELETE", always(behaviour), applied=False)


@pytest.fixture
def uid(room: Room, issuer: MisbehavingIssuer) -> str:
    uid = room.apply("web", issuer.issuer)
    room.wait_for("web", "Registered")
    return uid


REFUSED = {
    "401": respond(401, {"error": "invalid_token"}),
    "404": respond(404, {"error": "not_found"}),
    "400 access_denied": respond(400, {"error": "access_denied"}),
    "403": respond(403, {"error": "insufficient_scope"}),
    "302": respond(302, location="https://elsewhere.example/"),
    "404 that is no JSON": respond(404, body=b"nothing here", content_type="text/plain"),
    "429": respond(429, retry_after="60"),
}


@pytest.mark.parametrize("behaviour", REFUSED.values(), ids=REFUSED)
def test_a_refusal_holds_the_resource_for_a_while_and_then_a_record_stays(
    room: Room, issuer: MisbehavingIssuer, uid: str, behaviour: Behaviour
) -> None:
    refuse(issuer, behaviour)
    room.delete("web")
    waiting = room.wait_for("web", "DeletionUnconfirmed")
    said = conditions(waiting)
    assert said["Ready"] == ("False", "DeletionUnconfirmed")
    assert said["Registered"] == ("True", "DeletionUnconfirmed")
    assert "--release-after" in condition(waiting)["message"]
    room.wait_until(lambda: not room.exists("web"), "the resource is gone", within=10)
    assert release(room, uid) == UNCONFIRMED
    assert any('client "client-1" may live on' in note for note in wait_for_words(room, "LeftBehind"))
    # Now and then, never hot.
    assert 1 <= issuer.calls.count("DELETE") <= 4


def test_with_an_update_unresolved_a_401_confirms_nothing(room: Room, issuer: MisbehavingIssuer, uid: str) -> None:
    # The answers to both updates are lost, and with the first one the only live registration access token.
    issuer.spoil("PUT", always(reset), applied=True)
    issuer.spoil("PUT", always(respond(503)), applied=False)
    room.apply("web", issuer.issuer, metadata=RENAMED)
    room.wait_until(lambda: "repeating it did not tell" in condition(room.read("web"))["message"], "the update is held")
    issuer.spoil("DELETE", always(reset), applied=False)
    delete(room)
    assert issuer.calls.count("DELETE") >= 2
    assert len(issuer.clients) == 1
    assert release(room, uid) == UNCONFIRMED


def test_an_issuer_that_is_gone_holds_the_resource_for_a_while(
    room: Room, certificate_authority: CertificateAuthority
) -> None:
    issuer = MisbehavingIssuer(certificate=certificate_authority.certificate())
    with issuer.server.in_thread():
        uid = room.apply("web", issuer.issuer)
        room.wait_for("web", "Registered")
    room.delete("web")
    waiting = room.wait_for("web", "DeletionUnconfirmed")
    assert "cannot be connected to" in condition(waiting)["message"]
    room.wait_until(lambda: not room.exists("web"), "the resource is gone", within=10)
    assert issuer.calls == ["POST"]
    assert release(room, uid) == UNCONFIRMED
