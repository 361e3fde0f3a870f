"""`kubectl oauthclient doctor`: what is so of the issuers that OAuthClients use, for a team and for an administrator."""

import json
from pathlib import Path
from typing import Any

import pytest

from oauthclient_operator import names
from tests.cluster.commands.conftest import Operator
from tests.cluster.commands.team import Team
from tests.cluster.scenarios.room import Room
from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving_issuer import MisbehavingIssuer


@pytest.fixture
def platform(room: Room) -> Team:
    return Team(kubectl=room.kubectl.program, kubeconfig=room.kubectl.kubeconfig)


def looked(who: Team, *arguments: str) -> dict[str, tuple[bool | None, str]]:
    """Return what is said beyond the four checks of the cluster itself."""
    ran = who("doctor", "-o", "json", *arguments)
    found: list[dict[str, Any]] = json.loads(ran.said)
    return {check["check"]: (check["holds"], check["said"]) for check in found[4:]}


def test_a_team_is_told_of_an_issuer_and_of_the_token_for_it(
    room: Room, issuer: MisbehavingIssuer, operator: Operator, team: Team
) -> None:
    room.apply("web", issuer.issuer, token="idp-token")
    operator.settle()
    url = issuer.issuer
    found = looked(team)
    assert found[f"issuer {url}: initial access token"][0] is False
    assert "Secret idp-token does not exist" in found[f"issuer {url}: initial access token"][1]
    assert found[f"issuer {url}"][0] is None
    room.put_secret("idp-token", issuer=url, token="not shown")
    assert (
        "its type must be oauth-operator.dev/initial-access-token"
        in looked(team)[f"issuer {url}: initial access token"][1]
    )
    room.kubectl("delete", "secret", "idp-token", "--namespace", room.namespace)
    room.put_token("idp-token", url, "not-shown")
    operator.settle()
    ran = team("doctor", "web")
    assert ran.status == 0, ran
    assert f"Secret idp-token in {room.namespace} holds it for this issuer" in ran.said
    assert "web is registered there" in ran.said
    assert "not-shown" not in ran.said


def test_an_issuer_is_asked_from_here_only_where_that_is_wanted(
    room: Room,
    issuer: MisbehavingIssuer,
    operator: Operator,
    team: Team,
    certificate_authority: CertificateAuthority,
    tmp_path: Path,
) -> None:
    operator.register(issuer)
    fetched = len(issuer.fetched)
    assert [*looked(team)] == [f"issuer {issuer.issuer}"]
    assert len(issuer.fetched) == fetched
    trusting = ("--ask-issuers", f"--ca-bundle={certificate_authority.bundle}")
    holds, said = looked(team, *trusting)[f"issuer {issuer.issuer} from here"]
    assert holds is True
    assert said.startswith("registers clients; manages them (RFC 7592); authentication methods: client_secret_basic")
    holds, said = looked(team, "--ask-issuers")[f"issuer {issuer.issuer} from here"]
    assert (holds, said.startswith("from your network: ")) == (None, True), "who is not trusted here says nothing of it"
    room.apply("bare", "https://127.0.0.1:1/nobody")
    ran = team("doctor", *trusting)
    assert "issuer https://127.0.0.1:1/nobody from here" in ran.said
    assert team("doctor", "--ask-issuers", f"--ca-bundle={tmp_path / 'nothing'}").status == 2


def test_of_a_cluster_issuer_a_team_hears_by_its_clients_and_an_administrator_all(
    room: Room, issuer: MisbehavingIssuer, team: Team, platform: Team
) -> None:
    name = room.namespace
    kind = {"apiVersion": names.API_VERSION, "kind": names.ISSUER_KIND, "metadata": {"name": name}}
    allowed = {"namespaces": {"names": [room.namespace]}, "redirectURIs": ["https://shop.example.com/*"]}
    access = {"initialAccessToken": {"secretRef": {"name": "nothing-there"}}}
    room.kubectl.apply([{**kind, "spec": {"issuer": issuer.issuer, "allowed": allowed, "access": access}}])
    try:
        room.apply("web", "", issuerRef={"kind": names.ISSUER_KIND, "name": name})
        holds, said = looked(team)[f"ClusterOAuthIssuer {name}"]
        assert (holds, "you may not look at it" in said) == (None, True)
        found = looked(platform, "web", "--namespace", room.namespace)
        assert found[f"ClusterOAuthIssuer {name}"] == (None, "the operator has not come to it yet")
        holds, said = found[f"ClusterOAuthIssuer {name}: initial access token"]
        assert (holds, "Secret nothing-there does not exist" in said) == (False, True)
    finally:
        room.kubectl("delete", names.ISSUER_PLURAL, name)
    assert looked(platform, "web", "--namespace", room.namespace) == {
        f"ClusterOAuthIssuer {name}": (False, "there is no such ClusterOAuthIssuer")
    }


def test_a_name_that_is_not_there_is_said(team: Team) -> None:
    ran = team("doctor", "nobody")
    assert ran.status == 1
    assert "there is no OAuthClient nobody" in ran.complained
    assert "operator at work" in ran.said, "what was looked at before is said"
