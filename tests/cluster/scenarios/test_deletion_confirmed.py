"""What may be taken for the confirmation of a deregistration, at an issuer that answers as it is told."""

import pytest

from tests.cluster.scenarios.left_behind import CONFIRMED, delete, release
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import Room
from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving import Behaviour, hang, reset, respond
from tests.parts.misbehaving_issuer import MisbehavingIssuer, Spoil


@pytest.fixture(autouse=True)
def patient_operator(operators: Operators) -> None:
    operators.running("--release-after=1h")


def always(behaviour: Behaviour) -> Spoil:
    return lambda _: behaviour


@pytest.fixture
def uid(room: Room, issuer: MisbehavingIssuer) -> str:
    uid = room.apply("web", issuer.issuer)
    room.wait_for("web", "Registered")
    return uid


@pytest.mark.parametrize("status", [200, 204])
def test_a_success_confirms(room: Room, issuer: MisbehavingIssuer, uid: str, status: int) -> None:
    issuer.spoil("DELETE", always(respond(status)), applied=True)
    delete(room)
    assert issuer.calls == ["POST", "DELETE"]
    assert release(room, uid) == CONFIRMED


LOST = {
    "reset": reset,
    "no response before the deadline": hang,
    "408": respond(408),
    "502": respond(502, body=b"<html>", content_type="text/html"),
    "202": respond(202),
}
GONE = {
    "401": respond(401, {"error": "invalid_token"}),
    "404": respond(404, {"error": "not_found"}),
    "400 access_denied": respond(400, {"error": "access_denied"}),
}


@pytest.mark.parametrize("behaviour", LOST.values(), ids=LOST)
def test_a_lost_answer_is_confirmed_by_the_401_to_the_repetition(
    room: Room, issuer: MisbehavingIssuer, uid: str, behaviour: Behaviour
) -> None:
    issuer.spoil("DELETE", always(behaviour), applied=True)
    delete(room)
    assert issuer.calls == ["POST", "DELETE", "DELETE"]
    assert release(room, uid) == CONFIRMED


@pytest.mark.parametrize("behaviour", GONE.values(), ids=GONE)
def test_servers_say_in_different_ways_that_a_client_is_gone(
    room: Room, issuer: MisbehavingIssuer, uid: str, behaviour: Behaviour
) -> None:
    issuer.spoil("DELETE", always(reset), applied=True)
    issuer.spoil("DELETE", always(behaviour), applied=True)
    delete(room)
    assert release(room, uid) == CONFIRMED


def test_a_lost_request_is_sent_again(room: Room, issuer: MisbehavingIssuer, uid: str) -> None:
    issuer.spoil("DELETE", always(reset), applied=False)
    delete(room)
    assert issuer.calls == ["POST", "DELETE", "DELETE"]
    assert issuer.clients == {}
    assert release(room, uid) == CONFIRMED


def test_a_refused_deletion_confirms_nothing_later(room: Room, issuer: MisbehavingIssuer, uid: str) -> None:
    for behaviour in (GONE["401"], reset, GONE["401"]):
        issuer.spoil("DELETE", always(behaviour), applied=False)
    delete(room)
    # The second 401 would have confirmed, had there not been a first one.
    assert issuer.calls == ["POST", "DELETE", "DELETE", "DELETE", "DELETE"]
    assert issuer.clients == {}
    assert release(room, uid) == CONFIRMED


def test_an_issuer_that_comes_back_in_time_confirms(room: Room, certificate_authority: CertificateAuthority) -> None:
    issuer = MisbehavingIssuer(certificate=certificate_authority.certificate())
    with issuer.server.in_thread():
        uid = room.apply("web", issuer.issuer)
        room.wait_for("web", "Registered")
    room.delete("web")
    room.wait_for("web", "DeletionUnconfirmed")
    with issuer.server.in_thread():
        room.wait_until(lambda: not room.exists("web"), "the resource is gone", within=15)
    assert issuer.calls == ["POST", "DELETE"]
    assert release(room, uid) == CONFIRMED
