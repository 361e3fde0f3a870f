"""`kubectl oauthclient export` and `orphans`: the operator's own commands, by kubectl's kubeconfig and namespace."""

import json

from tests.cluster.commands.conftest import Operator
from tests.cluster.commands.team import Team
from tests.cluster.commands.test_orphans import vanish
from tests.cluster.scenarios.room import Room
from tests.parts.misbehaving_issuer import MisbehavingIssuer


def platform(room: Room) -> Team:
    return Team(kubectl=room.kubectl.program, kubeconfig=room.kubectl.kubeconfig)


def test_an_administrator_exports_a_client_by_its_name_and_lists_what_nobody_needs(
    room: Room, issuer: MisbehavingIssuer, operator: Operator
) -> None:
    uid, who = operator.register(issuer), platform(room)
    secret = who("export", "web", "-n", room.namespace)
    assert (secret.status, secret.complained) == (0, "")
    handed = json.loads(secret.said)["stringData"]
    assert handed["client_id"] == room.read("web")["status"]["clientID"]
    assert who("export", uid).said == who("export", f"{room.namespace}/web").said == secret.said
    missing = who("export", "web")
    assert (missing.status, missing.said) == (1, "")
    assert "default/web: there is no registration record" in missing.complained, "the context names no namespace"
    elsewhere = who("export", "web", "--context", "nowhere")
    assert (elsewhere.status, "cannot be used" in elsewhere.complained) == (1, True)
    vanish(room)
    listed = who("orphans", uid, "-o", "json")
    assert listed.status == 0
    (entry,) = json.loads(listed.said)["orphans"]
    assert (entry["record"], entry["kind"]) == (uid, "WithoutResource")
    assert "usage: kubectl oauthclient export " in who("export", "--help").said


def test_a_team_may_not(room: Room, issuer: MisbehavingIssuer, operator: Operator, team: Team) -> None:
    operator.register(issuer)
    for arguments in (("export", "web"), ("orphans",)):
        ran = team(*arguments)
        assert (ran.status, ran.said) == (1, "")
        assert "forbidden" in ran.complained
    assert room.secret("web")["client_secret"] not in team("export", "web").complained
