"""`kubectl oauthclient adopt`: a client that was made by hand is handed over by a team, with its rights alone."""

import json
import ssl
from typing import Any

import httpx
import pytest

from oauthclient_operator import names
from tests.cluster.commands.conftest import Operator
from tests.cluster.commands.team import Ran, Team
from tests.cluster.scenarios.room import WEB, Room, condition
from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving_issuer import MisbehavingIssuer

BOTH = ("--client-secret-from-stdin", "--registration-access-token-from-stdin")


@pytest.fixture
def client(issuer: MisbehavingIssuer, certificate_authority: CertificateAuthority) -> dict[str, Any]:
    """Return a client that a person registered with curl."""
    trust = ssl.create_default_context(cafile=str(certificate_authority.bundle))
    found: dict[str, Any] = httpx.post(issuer.server.url("/reg"), json=WEB, verify=trust).raise_for_status().json()
    return found


def known(client: dict[str, Any]) -> tuple[str, ...]:
    uri = client["registration_client_uri"]
    return ("--client-id", client["client_id"], "--registration-client-uri", uri, *BOTH)


def confidential(client: dict[str, Any]) -> str:
    return f"{client['client_secret']}\n{client['registration_access_token']}\n"


def test_a_client_is_handed_over_and_its_adoption_waited_for(
    room: Room, issuer: MisbehavingIssuer, operator: Operator, team: Team, client: dict[str, Any]
) -> None:
    early = team("adopt", "web", *known(client), "--issuer", issuer.issuer, stdin=confidential(client))
    assert (early.status, "write adopt: {secretRef: {name: web-client-information}}" in early.said) == (0, True), early
    room.apply("web", issuer.issuer, adopt={"secretRef": {"name": "web-client-information"}})
    operator.settle()
    assert issuer.calls == ["POST", "GET", "PUT"]
    assert room.secret("web")["client_id"] == client["client_id"]
    again = team("adopt", "web", *known(client), stdin=confidential(client))
    assert (again.status, again.said) == (1, "")
    assert "has this client already, and manages it" in again.complained
    other = team("adopt", "web", "--client-id", "other", stdin="")
    assert "manages it: another one of the same issuer is taken up only" in other.complained
    room.apply("worker", issuer.issuer, adopt={"secretRef": {"name": "elsewhere"}})
    taken = team("adopt", "worker", *known(client), stdin=confidential(client))
    assert f'OAuthClient web has client \\"{client["client_id"]}\\"'.replace("\\", "") in taken.complained


def test_an_oauth_client_that_waits_for_one_is_told_of_it(
    room: Room, issuer: MisbehavingIssuer, operator: Operator, team: Team, client: dict[str, Any]
) -> None:
    room.apply("web", issuer.issuer, adopt={"secretRef": {"name": "not-there"}})
    operator.settle()
    assert condition(room.read("web"))["reason"] == "AdoptionFailed"

    def adopts(*more: str, stdin: str) -> Ran:
        return team.while_it_waits(operator.settle, "adopt", "web", *known(client), "--wait=40s", *more, stdin=stdin)

    wrong = adopts(stdin=f"{client['client_secret']}\nwrong\n")
    assert wrong.status == 1
    assert "web: not done: the client that Secret web-client-information hands over is not taken up" in wrong.complained
    refused = team("adopt", "web", *known(client), stdin=confidential(client))
    assert "there is a Secret web-client-information: --replace writes it anew" in refused.complained
    ran = adopts("--replace", stdin=confidential(client))
    assert (ran.status, ran.said[:11]) == (0, "web: done: "), ran
    assert room.secret("web")["client_secret"] == client["client_secret"]
    assert room.read("web")["spec"]["adopt"] == {"secretRef": {"name": "web-client-information"}}


def test_what_the_operator_would_refuse_is_not_written(
    room: Room, issuer: MisbehavingIssuer, team: Team, client: dict[str, Any]
) -> None:
    room.apply("web", issuer.issuer)
    ran = team(
        "adopt",
        "web",
        "--client-id=c",
        "--registration-access-token-from-stdin",
        stdin=client["registration_access_token"],
    )
    assert ran.status == 1
    assert "has a registration_access_token and no registration_client_uri" in ran.complained
    assert client["registration_access_token"] not in ran.complained
    elsewhere = team("adopt", "web", "--client-id=c", "--issuer=https://idp.example.com")
    assert f"is of another issuer than --issuer says: {issuer.issuer}" in elsewhere.complained
    unnamed = team("adopt", "web", "--client-id=c", stdin=f"{client['client_secret']}\n")
    assert (unnamed.status, "no flag says what" in unnamed.complained) == (1, True), unnamed
    surplus = team("adopt", "web", "--client-id=c", BOTH[1], stdin=confidential(client))
    assert (surplus.status, "more lines" in surplus.complained) == (1, True), surplus
    assert client["client_secret"] not in unnamed.complained + surplus.complained
    early = team("adopt", "missing", *known(client), f"--issuer={issuer.issuer}", "--wait", stdin=confidential(client))
    assert (early.status, "nothing is written: there is no OAuthClient missing" in early.complained) == (1, True), early
    assert not room.has_secret("missing-client-information")
    published = team("adopt", "web", "--client-id=c", "--secret=web")
    assert "Secret web is the one that is published" in published.complained
    assert not room.has_secret("web-client-information")
    assert "adopt" not in room.read("web")["spec"]


def test_a_dry_run_prints_the_secret_and_what_is_to_be_patched(
    room: Room, issuer: MisbehavingIssuer, team: Team, client: dict[str, Any]
) -> None:
    room.apply("web", issuer.issuer)
    ran = team("adopt", "web", *known(client), "--dry-run", stdin=confidential(client))
    assert ran.status == 0
    secret = json.loads(ran.said)
    assert (secret["type"], secret["metadata"]["namespace"]) == (names.CLIENT_INFORMATION_TYPE, room.namespace)
    handed = {**secret["stringData"]}
    assert handed.pop("issuer") == issuer.issuer
    assert handed == {key: str(client[key]) for key in handed}
    assert handed.keys() >= {"client_id", "client_secret", "registration_access_token", "registration_client_uri"}
    assert f"kubectl patch oauthclients.oauth-operator.dev/web --namespace {room.namespace}" in ran.complained
    assert not room.has_secret("web-client-information")
