"""`kubectl oauthclient … --wait`: it ends when the operator has done it, and says meanwhile how it goes."""

import json

from tests.cluster.commands.conftest import Operator
from tests.cluster.commands.team import Team
from tests.cluster.scenarios.room import Room, condition
from tests.parts.misbehaving import respond
from tests.parts.misbehaving_issuer import MisbehavingIssuer

ENDPOINTS = {"token_endpoint", "revocation_endpoint", "introspection_endpoint"}
"""At which it can be asked whether credentials are accepted."""


def test_each_thing_that_is_asked_for_is_waited_for(
    room: Room, issuer: MisbehavingIssuer, operator: Operator, team: Team
) -> None:
    operator.register(issuer)
    before = room.read("web")["status"]["clientID"]

    def asked(verb: str) -> str:
        ran = team.while_it_waits(operator.settle, verb, "web", "--wait=40s")
        assert (ran.status, ran.said[:11]) == (0, "web: done: "), ran
        return ran.said

    asked("refresh")
    assert issuer.calls == ["POST", "GET"]
    assert "accepted them by its last answer that told" in asked("prove")
    asked("retry")
    asked("rotate")
    assert room.read("web")["status"]["clientID"] != before
    asked("pause")
    assert condition(room.read("web"), "Paused")["status"] == "True"
    ran = team("refresh", "web", "--wait=40s")
    assert (ran.status, "kubectl oauthclient resume" in ran.complained) == (1, True)
    asked("resume")
    assert condition(room.read("web"), "Paused") == {}
    served = room.read("web")["status"]["served"]
    assert {*served} == {"retry", "refresh", "rotate", "prove"}


def test_what_a_server_refuses_ends_the_waiting_with_what_it_said(
    issuer: MisbehavingIssuer, operator: Operator, team: Team
) -> None:
    operator.register(issuer)
    issuer.spoil("GET", lambda _: respond(400, {"error": "no reading here"}), applied=False)
    ran = team.while_it_waits(operator.settle, "refresh", "web", "--wait=40s", "-o", "json")
    assert ran.status == 1
    (answer,) = json.loads(ran.said)
    assert (answer["asked"], answer["name"], answer["done"]) == ("refresh", "web", False)
    assert "no reading here" in answer["said"]


def test_a_proof_that_told_nothing_is_no_proof_though_one_was_before(
    issuer: MisbehavingIssuer, operator: Operator, team: Team
) -> None:
    operator.register(issuer)
    proven = team.while_it_waits(operator.settle, "prove", "web", "--wait=40s")
    assert proven.status == 0, proven
    issuer.documents = lambda _place, metadata: respond(
        200, {name: value for name, value in metadata.items() if name not in ENDPOINTS}
    )
    ran = team.while_it_waits(operator.settle, "prove", "web", "--wait=40s")
    assert ran.status == 1, ran
    assert "web: not done: client " in ran.complained
    assert "cannot be found out: the issuer's metadata name no" in ran.complained


def test_a_retry_before_there_is_a_client_ends_with_what_came_of_it(
    room: Room, issuer: MisbehavingIssuer, operator: Operator, team: Team
) -> None:
    issuer.documents = lambda _place, _metadata: respond(200, {"issuer": "https://another.example"})
    room.apply("web", issuer.issuer)
    operator.settle()
    ran = team.while_it_waits(operator.settle, "retry", "web", "--wait=40s")
    assert (ran.status, "web: not done: the metadata" in ran.complained) == (1, True), ran
    ran = team("rotate", "web", "--wait=40s")
    assert (ran.status, "web: not done: there is no client yet: " in ran.complained) == (1, True), ran
    issuer.documents = lambda _place, metadata: respond(200, metadata)
    ran = team.while_it_waits(operator.settle, "retry", "web", "--wait=40s")
    assert (ran.status, ran.said[:11]) == (0, "web: done: "), ran


def test_who_waits_is_told_each_change_and_at_last_that_it_was_not_so_in_time(
    room: Room, issuer: MisbehavingIssuer, operator: Operator, team: Team
) -> None:
    room.apply("web", issuer.issuer)
    ran = team("status", "web", "--wait=1s")
    assert ran.status == 1
    assert ran.complained == "web: Ready is Unknown (Pending): the operator has not come to it yet\n"
    ran = team.while_it_waits(operator.settle, "status", "web", "--wait=40s")
    assert (ran.status, "True (Registered)" in ran.said) == (0, True)
    ran = team("rotate", "web", "--wait=1s")
    assert ran.status == 1
    assert "web: not done: not so after 1 s: Ready is True (Registered); nothing changed meanwhile" in ran.complained
    assert team("status", "--wait").status == 2
