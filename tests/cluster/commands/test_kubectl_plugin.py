"""`kubectl oauthclient` as a team uses it: by kubectl itself, with the rights of `edit` in its namespace and no others."""

import json

from oauthclient_operator import names
from tests.cluster.commands.conftest import Operator
from tests.cluster.commands.team import Team
from tests.cluster.scenarios.room import WEB, Room, condition
from tests.parts.misbehaving_issuer import MisbehavingIssuer


def test_it_says_of_each_whether_it_is_ready_and_whose_turn_it_is(
    room: Room, issuer: MisbehavingIssuer, operator: Operator, team: Team
) -> None:
    assert team("status").said == "There is no OAuthClient.\n"
    operator.register(issuer)
    assert team("status").status == 0
    room.apply("bad", "https://127.0.0.2:1/nobody")
    operator.settle("bad")
    ran = team("status")
    assert (ran.status, ran.complained) == (1, "")
    lines = ran.said.splitlines()
    assert lines[0].split() == ["NAME", "READY", "REASON", "WHOSE", "TURN", "SECRET"]
    assert lines[2].split() == ["web", "True", "Registered", "nobody", "web"]
    said = condition(room.read("bad"), "Ready")
    assert lines[1].split()[:3] == ["bad", "False", said["reason"]]
    assert f"bad: {said['message']}" in ran.said
    (bad, web) = json.loads(team("status", "-o", "json").said)
    assert (bad["message"], web["clientID"]) == (said["message"], room.read("web")["status"]["clientID"])
    one = team("status", "web")
    assert one.status == 0
    assert web["clientID"] in one.said
    assert team("status", "--context", "context").said == ran.said
    assert team("status", "--context", "nowhere").status == 1
    missing = team("status", "nobody")
    assert (missing.status, missing.said) == (1, "")
    assert f"there is no OAuthClient nobody in namespace {room.namespace}" in missing.complained


def test_what_a_team_asks_for_is_done(room: Room, issuer: MisbehavingIssuer, operator: Operator, team: Team) -> None:
    operator.register(issuer)
    assert team("refresh", "web").status == 0
    operator.settle()
    assert issuer.calls == ["POST", "GET"]
    assert team("refresh", "web").status == 0
    operator.settle()
    assert issuer.calls == ["POST", "GET", "GET"], "another value each time"
    before = room.read("web")["status"]["clientID"]
    assert "another pair takes the place" in team("rotate", "web").said
    operator.settle()
    assert room.read("web")["status"]["clientID"] != before
    assert team("pause", "web").status == 0
    room.apply("web", issuer.issuer, metadata={**WEB, "client_name": "paused"})
    calls = list(issuer.calls)
    operator.settle()
    assert condition(room.read("web"), "Paused")["status"] == "True"
    assert issuer.calls == calls
    assert team("resume", "web").status == 0
    operator.settle()
    assert issuer.calls != calls
    managers = {field["manager"] for field in room.read("web")["metadata"]["managedFields"]}
    assert "kubectl-oauthclient" in managers


def test_what_cannot_be_asked_is_said_of_each_and_the_others_are(
    room: Room, issuer: MisbehavingIssuer, operator: Operator, team: Team
) -> None:
    operator.register(issuer)
    ran = team("retry", "nobody", "web")
    assert ran.status == 1
    assert "kubectl oauthclient: nobody: " in ran.complained
    assert ran.said.startswith("web: whatever waits is tried now")
    assert names.RETRY_ANNOTATION in room.read("web")["metadata"]["annotations"]
    elsewhere = team("status", "-A")
    assert (elsewhere.status, elsewhere.said) == (1, "")
    assert "forbidden" in elsewhere.complained


def test_the_doctor_says_what_holds_and_what_one_may_not_look_at(room: Room, team: Team) -> None:
    ran = team("doctor", "-o", "json")
    found = {check["check"]: check["holds"] for check in json.loads(ran.said)}
    assert found == {"definitions": True, "admission fence": None, "operator at work": None, "issuers": None}
    assert ran.status == 0, "what nobody knows is no fault"
    administrator = Team(kubectl=room.kubectl.program, kubeconfig=room.kubectl.kubeconfig)
    ran = administrator("doctor")
    assert ran.status == 1
    lines = {line.split("  ")[0]: line for line in ran.said.splitlines()}
    assert " yes " in lines["definitions"]
    assert " yes " in lines["admission fence"]
    assert " no " in lines["operator at work"], "none was started here"
    # What to do depends on whether one was there before, as where another test took the Lease and gave it back.
    assert "kubectl -n oauth-operator-system " in lines["operator at work"]


def test_kubectl_completes_commands_and_names(
    room: Room, issuer: MisbehavingIssuer, operator: Operator, team: Team
) -> None:
    operator.register(issuer)
    room.apply("worker", issuer.issuer)

    def offered(*typed: str) -> list[str]:
        return [line for line in team.ran("__complete", "oauthclient", *typed).said.splitlines() if line[:1] != ":"]

    assert offered("re") == ["retry", "refresh", "resume"]
    assert offered("a") == ["adopt"]
    assert offered("o") == ["orphans"]
    assert offered("status", "w") == ["web", "worker"]
    assert offered("rotate", "web", "w") == ["worker"], "one is asked for once"
    assert offered("doctor", "w") == offered("export", "w") == ["web", "worker"]
    assert offered("doctor", "web", "w") == offered("orphans", "") == []
    assert offered("status", "-n", "nowhere", "") == []
