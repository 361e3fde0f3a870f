"""What records hold of resources that are gone is listed and, told so, deregistered."""

import json
from dataclasses import replace
from typing import Any

from oauthclient_operator import names
from oauthclient_operator.record import envelope
from tests.cluster.admission.account import secrets_path
from tests.cluster.commands.conftest import Command, Operator
from tests.cluster.scenarios.conftest import MakeIssuer
from tests.cluster.scenarios.left_behind import CONFIRMED, UNCONFIRMED, release
from tests.cluster.scenarios.room import Room
from tests.parts.misbehaving import respond
from tests.parts.misbehaving_issuer import MisbehavingIssuer


def vanish(room: Room, name: str = "web") -> None:
    """Delete a resource as nobody should: without its finalizer."""
    path = f"/apis/{names.API_VERSION}/namespaces/{room.namespace}/{names.PLURAL}/{name}"
    room.delete(name)
    room._patch(path, {"metadata": {"finalizers": None}})


def listed(command: Command, uid: str) -> dict[str, Any]:
    ran = command("orphans", "--output=json")
    assert ran.status == 0
    entries: dict[str, dict[str, Any]] = {entry["record"]: entry for entry in json.loads(ran.said)["orphans"]}
    return entries.get(uid, {})


def test_a_client_whose_resource_vanished(
    room: Room, issuer: MisbehavingIssuer, operator: Operator, command: Command
) -> None:
    uid = operator.register(issuer)
    assert listed(command, uid) == {}
    assert command("orphans", "--deregister", uid).status == 1
    assert issuer.calls == ["POST"]
    client = room.record(uid).published
    assert client is not None
    vanish(room)
    entry = listed(command, uid)
    assert (entry["kind"], entry["namespace"], entry["name"]) == ("WithoutResource", room.namespace, "web")
    (found,) = entry["clients"]
    assert (found["clientID"], found["manageable"]) == (client.information.client_id, True)
    text = command("orphans", uid)
    assert text.status == 0
    assert f'client "{client.information.client_id}"' in text.said
    assert "never asked to be deregistered" in text.said
    told = (client.information.client_secret, client.information.registration_access_token)
    for secret in told:
        assert secret is not None
        assert secret.reveal() not in text.said + json.dumps(entry)
    ran = command("orphans", "--deregister", "--output=json", uid)
    assert ran.status == 0, ran
    assert json.loads(ran.said)["orphans"][0]["result"] == "deregistered"
    assert issuer.clients == {}
    assert release(room, uid) == CONFIRMED
    assert [(c.call.kind, c.outcome) for c in room.record(uid).closed] == [
        ("register", "committed"),
        ("deregister", "committed"),
    ]
    assert listed(command, uid) == {}


def test_a_client_that_was_left_behind(
    room: Room, issuer: MisbehavingIssuer, operator: Operator, command: Command
) -> None:
    uid = operator.register(issuer)
    for _ in range(20):
        issuer.spoil("DELETE", lambda _: respond(403), applied=False)
    room.delete("web")
    operator.settle()
    assert release(room, uid) == UNCONFIRMED
    assert listed(command, uid)["kind"] == "LeftBehind"
    ran = command("orphans", "--deregister", uid)
    assert ran.status == 1
    assert "-> not all is deregistered" in ran.said
    assert "HTTP 403" in ran.said
    issuer._faults.clear()
    assert command("orphans", "--deregister", uid).status == 0
    assert release(room, uid) == CONFIRMED


def test_a_client_that_another_resource_was_given_since(
    room: Room, issuer: MisbehavingIssuer, operator: Operator, command: Command
) -> None:
    uid = operator.register(issuer)
    first = dict(issuer.clients["client-1"])
    for _ in range(20):
        issuer.spoil("DELETE", lambda _: respond(403), applied=False)
    room.delete("web")
    operator.settle()
    assert release(room, uid) == UNCONFIRMED
    issuer._faults.clear()
    calls = issuer.calls.count("DELETE")
    # The server answers with the client that it has.
    issuer.alter("POST", lambda _: first)
    operator.register(issuer, "other")
    ran = command("orphans", "--deregister", uid)
    assert ran.status == 0
    assert "-> left to another OAuthClient, which was given the same client since" in ran.said
    assert issuer.calls.count("DELETE") == calls
    assert release(room, uid) == CONFIRMED


def test_a_lost_answer_whose_resource_is_gone(
    room: Room, issuer: MisbehavingIssuer, operator: Operator, command: Command
) -> None:
    issuer.spoil("POST", lambda _: respond(502), applied=True)
    uid = room.apply("web", issuer.issuer, policy={"ambiguous": "Hold"})
    operator.settle()
    room.delete("web")
    operator.settle()
    assert [suspect["attempt"] for suspect in listed(command, uid)["suspects"]] == [1]
    ran = command("orphans", "--deregister", uid)
    assert ran.status == 1
    assert "attempt 1, sent" in ran.said
    assert "look at the authorization server" in ran.said


def test_a_record_of_another_cluster_is_called_only_by_its_name(
    room: Room, issuer: MisbehavingIssuer, operator: Operator, command: Command
) -> None:
    uid = operator.register(issuer)
    vanish(room)
    body = room.read_record(uid)
    stored = envelope.read(body)
    elsewhere = replace(stored.record, subject=replace(stored.record.subject, cluster_uid="another"))
    room._patch(secrets_path(names.RECORDS_NAMESPACE, uid), envelope.patch(stored, elsewhere))
    assert listed(command, uid)["kind"] == "OtherCluster"
    command("orphans", "--deregister")
    assert issuer.calls == ["POST"]
    assert command("orphans", "--deregister", uid).status == 0
    assert issuer.clients == {}


def test_a_name_that_is_no_record_is_said(command: Command) -> None:
    ran = command("orphans", "--deregister", "no-such")
    assert (ran.status, ran.said) == (1, "no-such: no record of a resource that is gone\n")


def test_a_wrong_option_is_refused(command: Command) -> None:
    ran = command("orphans", "--deregistr")
    assert ran.status == 2
    assert "unrecognized arguments: --deregistr" in ran.complained


def test_a_client_that_was_replaced_and_could_not_be_deregistered(
    room: Room, make_issuer: MakeIssuer, operator: Operator, command: Command
) -> None:
    issuer = make_issuer(manages=False)
    uid = room.apply("web", issuer.issuer, rotation={"overlap": "0s"})
    operator.settle()
    before = room.secret("web")["client_id"]
    assert listed(command, uid) == {}
    room.annotate("web", names.ROTATE_ANNOTATION, "now")
    operator.settle()
    entry = listed(command, uid)
    assert (entry["kind"], [c["clientID"] for c in entry["clients"]]) == ("Replaced", [before])
    assert room.secret("web")["client_id"] != before
    ran = command("orphans", "--deregister", uid)
    assert ran.status == 1
    assert "left alone: its resource lives" in ran.said
    assert issuer.calls == ["POST", "POST"]
