"""Where no call can help, a resource is let go at once, however long `--release-after` is; what stays is reported."""

import pytest

from tests.cluster.scenarios.conftest import MakeIssuer
from tests.cluster.scenarios.left_behind import CONFIRMED, UNCONFIRMED, delete, release, wait_for_words, words
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import WEB, Body, Room
from tests.parts.misbehaving import Behaviour, reset, respond
from tests.parts.misbehaving_issuer import MisbehavingIssuer, Spoil

AT_ONCE = 5.0
RENAMED: Body = {**WEB, "client_name": "Web shop, renamed"}


@pytest.fixture(autouse=True)
def patient_operator(operators: Operators) -> None:
    operators.running("--release-after=1h")


def always(behaviour: Behaviour) -> Spoil:
    return lambda _: behaviour


def test_without_management(room: Room, make_issuer: MakeIssuer) -> None:
    issuer = make_issuer(manages=False)
    uid = room.apply("web", issuer.issuer)
    room.wait_for("web", "Registered")
    delete(room, within=AT_ONCE)
    assert issuer.calls == ["POST"]
    assert release(room, uid) == UNCONFIRMED
    (said,) = wait_for_words(room, "LeftBehind")
    assert said.startswith('client "client-1" may live on at the authorization server; the record is kept')


UNSUPPORTED = {"405": respond(405), "501": respond(501)}


@pytest.mark.parametrize("answer", UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_where_the_server_does_not_deregister(room: Room, issuer: MisbehavingIssuer, answer: Behaviour) -> None:
    uid = room.apply("web", issuer.issuer)
    room.wait_for("web", "Registered")
    issuer.spoil("DELETE", always(answer), applied=False)
    delete(room, within=AT_ONCE)
    assert issuer.calls == ["POST", "DELETE"]
    assert release(room, uid) == UNCONFIRMED
    assert len(wait_for_words(room, "LeftBehind")) == 1


def test_with_the_token_lost(room: Room, issuer: MisbehavingIssuer) -> None:
    uid = room.apply("web", issuer.issuer)
    room.wait_for("web", "Registered")
    issuer.spoil("PUT", always(reset), applied=True)
    room.apply("web", issuer.issuer, metadata=RENAMED)
    room.wait_for("web", "ManagementLost")
    delete(room, within=AT_ONCE)
    assert issuer.calls == ["POST", "PUT", "PUT", "DELETE"]
    assert release(room, uid) == UNCONFIRMED


def test_with_nothing_but_a_registration_whose_answer_was_lost(room: Room, issuer: MisbehavingIssuer) -> None:
    issuer.spoil("POST", always(reset), applied=True)
    uid = room.apply("web", issuer.issuer, policy={"ambiguous": "Hold"})
    room.wait_for("web", "RegistrationAmbiguous")
    delete(room, within=AT_ONCE)
    assert issuer.calls == ["POST"]
    assert release(room, uid) == UNCONFIRMED
    assert [a.number for a in room.record(uid).suspects] == [1]
    (said,) = wait_for_words(room, "LeftBehind")
    assert "1 lost registration answers may have left clients" in said


def test_what_was_never_registered_goes_without_a_word(room: Room, issuer: MisbehavingIssuer) -> None:
    issuer.spoil("POST", always(respond(400, {"error": "invalid_client_metadata"})), applied=False)
    room.apply("web", issuer.issuer)
    room.wait_for("web", "RegistrationRejected")
    delete(room, within=AT_ONCE)
    assert issuer.calls == ["POST"]
    assert words(room, "LeftBehind") == []


def test_what_was_never_sent_leaves_no_record(room: Room) -> None:
    uid = room.apply("web", "https://127.0.0.1:1")
    room.wait_for("web", "IssuerUnavailable")
    delete(room, within=AT_ONCE)
    assert not room.has_record(uid)


def test_while_another_resource_has_the_same_client(room: Room, issuer: MisbehavingIssuer) -> None:
    room.apply("web", issuer.issuer)
    room.wait_for("web", "Registered")
    # A server may answer a second registration with the client of the first one.
    issuer.alter("POST", lambda _: issuer.clients["client-1"])
    uid = room.apply("twin", issuer.issuer)
    assert room.wait_for("twin", "Registered")["status"]["clientID"] == "client-1"
    delete(room, "twin", within=AT_ONCE)
    assert issuer.calls == ["POST", "POST"]
    assert release(room, uid) == UNCONFIRMED
    room.apply("web", issuer.issuer, metadata=RENAMED)
    room.wait_for("web", "Registered")
    assert issuer.clients["client-1"]["client_name"] == RENAMED["client_name"]
    # The last one takes it along.
    web = str(room.read("web")["metadata"]["uid"])
    delete(room, within=AT_ONCE)
    assert issuer.calls == ["POST", "POST", "PUT", "DELETE"]
    assert "client-1" not in issuer.clients
    assert release(room, web) == CONFIRMED
