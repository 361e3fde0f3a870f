"""A software statement from its Secret to the server: the very bytes, once, and seen by nobody else."""

import json
from typing import Any

import pytest

from oauthclient_operator.oauth.rfc7591 import returned_statement
from oauthclient_operator.record.attempts import AttemptState
from oauthclient_operator.record.calls import RegisterCall
from oauthclient_operator.verdict.verdict import SLOWLY
from tests.cluster.scenarios.conftest import MakeIssuer
from tests.cluster.scenarios.room import WEB, Room, condition, conditions
from tests.cluster.scenarios.test_confidential import visible
from tests.parts.misbehaving import respond
from tests.parts.misbehaving_issuer import MisbehavingIssuer

pytestmark = pytest.mark.usefixtures("operator")

FIRST, SECOND = (
    f"eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL3ZvdWNoZXIuZXhhbXBsZSIsInYiOiI{n}In0.c2lnLTQ3MTEtMDgx{n}"
    for n in ("x", "y")
)
REGISTRATION = {"softwareStatement": {"secretRef": {"name": "idp-statement"}}}
STATEMENT: dict[str, Any] = {"registration": REGISTRATION}


def sent(issuer: MisbehavingIssuer, method: str = "POST") -> list[bytes]:
    """Return the bodies of the requests to the registration endpoint and below."""
    return [r.body for r in issuer.server.requests if r.method == method and r.target.startswith("/reg")]


def versions(room: Room, uid: str) -> list[str | None]:
    return [c.what.statement for c in room.record(uid).closed if isinstance(c.what, RegisterCall)]


def version(room: Room, name: str) -> str:
    metadata = room.kubectl.json("get", "secret", name, "-n", room.namespace)["metadata"]
    return f"{metadata['uid']}/{metadata['resourceVersion']}"


def test_its_very_bytes_arrive_and_go_on_with_each_update(room: Room, make_issuer: MakeIssuer) -> None:
    issuer = make_issuer(initial_access_token="a-token")
    room.put_statement("idp-statement", issuer.issuer, f"{FIRST}\n")
    room.put_token("idp-token", issuer.issuer, "a-token")
    both = {"registration": {**REGISTRATION, "initialAccessToken": {"secretRef": {"name": "idp-token"}}}}
    uid = room.apply("web", issuer.issuer, **both)
    resource = room.wait_for("web", "Registered")
    (body,) = sent(issuer)
    assert json.loads(body) == {**WEB, "software_statement": FIRST}
    assert f'"software_statement":"{FIRST}"'.encode() in body
    assert versions(room, uid) == [version(room, "idp-statement")]
    assert resource["status"]["registration"].get("deviations", []) == []
    (client,) = room.record(uid).clients
    returned = returned_statement(client.information)
    assert returned is not None
    assert returned.reveal() == FIRST
    room.apply("web", issuer.issuer, metadata={**WEB, "client_name": "Renamed"}, **both)
    room.wait_for("web", "Registered")
    assert [json.loads(body)["software_statement"] for body in sent(issuer, "PUT")] == [FIRST]
    shown = visible(room, "web") + json.dumps(room.secret("web"))
    assert [part for part in FIRST.split(".") if part in shown] == []


def test_one_that_is_not_approved_waits_for_its_secret_and_is_then_tried_at_once(
    room: Room, issuer: MisbehavingIssuer
) -> None:
    refusal = {"error": "unapproved_software_statement", "error_description": f"who vouches for {FIRST}?"}
    issuer.spoil("POST", lambda _: respond(400, refusal), applied=False)
    room.put_statement("idp-statement", issuer.issuer, FIRST)
    uid = room.apply("web", issuer.issuer, **STATEMENT)
    resource = room.wait_for("web", "RegistrationRejected")
    said = condition(resource)["message"]
    assert said.startswith(
        "the authorization server does not accept the software statement (HTTP 400 unapproved_software_statement"
    )
    assert said.endswith(
        "); put one that it approves into the Secret that spec.registration.softwareStatement names" + SLOWLY
    )
    assert conditions(resource)["Stalled"] == ("True", "RegistrationRejected")
    shown = visible(room, "web")
    assert [part for part in FIRST.split(".") if part in shown] == []
    room.put_statement("idp-statement", issuer.issuer, SECOND)
    room.wait_for("web", "Registered", within=10)
    assert [json.loads(body)["software_statement"] for body in sent(issuer)] == [FIRST, SECOND]
    # A refusal is no end: the same attempt goes on.
    assert [(a.number, a.state) for a in room.record(uid).attempts] == [(1, AttemptState.COMMITTED)]
    assert versions(room, uid)[-1] == version(room, "idp-statement")


def test_it_goes_to_the_issuer_that_its_secret_names_alone(room: Room, make_issuer: MakeIssuer) -> None:
    genuine, other = make_issuer(), make_issuer()
    room.apply("web", other.issuer, **STATEMENT)
    assert condition(room.wait_for("web", "SoftwareStatementMissing"))["message"] == (
        "Secret idp-statement does not exist; create it with type oauth-operator.dev/software-statement and the keys "
        "software_statement and issuer"
    )
    room.put_statement("idp-statement", genuine.issuer, FIRST)
    resource = room.wait_for("web", "SoftwareStatementNotForIssuer", within=10)
    assert condition(resource)["message"] == (
        "Secret idp-statement names another issuer than spec.issuer, so its software statement is not sent there; its "
        f"key issuer must hold the issuer identifier, character by character{SLOWLY}"
    )
    assert (other.calls, genuine.server.connections) == ([], 0)
    room.put_statement("idp-statement", other.issuer, FIRST)
    room.wait_for("web", "Registered", within=10)
    assert (other.calls, genuine.server.connections) == (["POST"], 0)


def test_a_rotation_says_what_the_secret_holds_by_then(room: Room, issuer: MisbehavingIssuer) -> None:
    room.put_statement("idp-statement", issuer.issuer, FIRST)
    uid = room.apply("web", issuer.issuer, **STATEMENT)
    room.wait_for("web", "Registered")
    room.put_statement("idp-statement", issuer.issuer, SECOND)
    room.annotate("web", "oauth-operator.dev/rotate", "1")
    room.wait_until(lambda: room.record(uid).edition == 2, "another client is published")
    assert [json.loads(body)["software_statement"] for body in sent(issuer)] == [FIRST, SECOND]
