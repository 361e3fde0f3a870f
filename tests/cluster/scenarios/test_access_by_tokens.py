"""The operator is let in at Keycloak by access tokens that it obtains: without any static secret, or with a client's."""

from typing import Any

import pytest

from oauthclient_operator import names
from tests.cluster.scenarios.issuer_resources import issuer_resource, pem
from tests.cluster.scenarios.room import Room, condition
from tests.parts.keycloak import Realm
from tests.parts.processes import Process

BY_ACCOUNT: dict[str, Any] = {"serviceAccountToken": {"method": "ClientAssertion"}}


def tokens_asked_for(realm: Realm) -> list[str]:
    """Return method and status of what the token endpoint was asked."""
    path = f"/realms/{realm.name}/protocol/openid-connect/token"
    return [f"{r.method} {r.status}" for r in realm.server.log.requests() if r.path == path]


def test_by_the_clusters_own_word_from_an_issuer_to_a_secret_and_nobody_keeps_a_secret_for_that(
    room: Room, operator: Process, registrar_realm: Realm
) -> None:
    assert operator.running()
    with issuer_resource(room, registrar_realm.issuer) as issuer:
        before = len(tokens_asked_for(registrar_realm))
        issuer.apply(trust={"caBundle": pem(registrar_realm.trust)}, access=BY_ACCOUNT)
        issuer.wait_for("Ready")
        uids = [issuer.apply_client(name) for name in ("web", "api")]
        for name, uid in zip(("web", "api"), uids, strict=True):
            client = room.wait_for(name, "Registered")
            assert room.secret(name)["client_id"] == client["status"]["clientID"]
            assert registrar_realm.client(client["status"]["clientID"]) is not None
            # A token of its own manages it.
            assert room.record(uid).published is not None
            assert client["status"]["registration"]["manageable"] is True
        assert tokens_asked_for(registrar_realm)[before:] == ["POST 200"], "one for the issuer and both clients"
        room.delete("web")
        room.wait_until(lambda: not room.exists("web"), "it is gone")
        room.delete("api")
        room.wait_until(lambda: not room.exists("api"), "and the other")


# The last change of the Secret is told by nobody: it is looked at once a minute.
@pytest.mark.timeout(240)
def test_by_client_credentials_and_what_is_amiss_with_their_secret_is_said_and_mended(
    room: Room, operator: Process, registrar_realm: Realm
) -> None:
    assert operator.running()
    known = registrar_realm.client("registrar-with-secret") or {}
    with issuer_resource(room, registrar_realm.issuer) as issuer:
        access = {"clientCredentials": {"secretRef": {"name": issuer.name}}}
        issuer.apply(trust={"caBundle": pem(registrar_realm.trust)}, access=access)
        issuer.apply_client()
        for said in (issuer.wait_for("AccessDenied"), room.wait_for("web", "AccessDenied")):
            assert f"Secret {issuer.name} does not exist" in condition(said)["message"]
        issuer.put_credentials(issuer.name, "registrar-with-secret", "another-one-than-it-has")
        room.annotate("web", names.RETRY_ANNOTATION, "the Secret is there")
        room.wait_until(lambda: "unauthorized_client" in condition(room.read("web"))["message"], "what Keycloak says")
        assert "another-one-than-it-has" not in condition(room.read("web"))["message"]
        issuer.put_credentials(issuer.name, "registrar-with-secret", known["secret"])
        room.wait_for("web", "Registered", within=120)
        issuer.wait_for("Ready")
        assert known["secret"] not in room.operators.log()
