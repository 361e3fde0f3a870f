"""A platform team says once where its issuer is, whom to trust there and how to get in; its tenants refer to that."""

import pytest
import trustme

from oauthclient_operator import names
from tests.cluster.scenarios.conftest import MakeIssuer
from tests.cluster.scenarios.issuer_resources import ANY, issuer_resource, pem
from tests.cluster.scenarios.left_behind import wait_for_words
from tests.cluster.scenarios.room import Room, condition
from tests.parts.certificates import CertificateAuthority
from tests.parts.node_oidc_provider import NodeOIDCProvider
from tests.parts.processes import Process

EDITED = {"defaults": {"contacts": ["identity@example.com"]}}


def test_from_an_issuer_to_a_secret_and_back(room: Room, operator: Process, node_provider: NodeOIDCProvider) -> None:
    assert operator.running()
    with issuer_resource(room, node_provider.issuer) as issuer:
        issuer.put_access("idp-access", node_provider.initial_access_token())
        access = {"initialAccessToken": {"secretRef": {"name": "idp-access"}}}
        trust = {"caBundle": pem(node_provider.trust)}
        issuer.apply(trust=trust, access=access)
        room.kubectl("wait", "--for=condition=Ready", "--timeout=20s", f"clusteroauthissuers/{issuer.name}")
        found = issuer.wait_for("Ready")
        assert found["status"]["discovered"]["registrationEndpoint"] == f"{node_provider.issuer}/reg"
        assert names.ISSUER_FINALIZER not in found["metadata"].get("finalizers", []), "it has no client yet"
        uid = issuer.apply_client()
        client = room.wait_for("web", "Registered")
        said = {"url": node_provider.issuer, "name": issuer.name, "uid": found["metadata"]["uid"], "generation": 1}
        assert client["status"]["issuer"] == said
        assert room.secret("web")["issuer"] == node_provider.issuer
        (reach,) = room.record(uid).reaches.values()
        assert (reach.owner, reach.authorities) == (found["metadata"]["uid"], pem(node_provider.trust).strip() + "\n")
        # A change of the issuer is brought to its client.
        issuer.apply(trust=trust, access=access, clientMetadata=EDITED)
        room.wait_until(
            lambda: room.read("web")["status"]["issuer"]["generation"] == 2, "the client says what was applied"
        )
        room.wait_for("web", "Registered")
        # This server gives another registration access token with each update.
        seen = {"manageable": True, "registrationAccessTokensRotate": True, "secretsExpire": False}
        room.wait_until(lambda: issuer.read()["status"].get("observed") == seen, "what was seen of the server is said")
        assert "the others follow" in condition(issuer.wait_for("Applied", kind="Applied"), "Applied")["message"]
        path = f"/{client['status']['clientID']}"
        about = [f"{r.method} {r.status}" for r in node_provider.log.requests() if r.path.endswith(path)]
        assert about == ["PUT 200"]
        # It waits for its client.
        issuer.delete()
        assert f"{room.namespace}/web" in condition(issuer.wait_for("InUse"))["message"]
        room.delete("web")
        room.wait_until(lambda: not room.exists("web"), "the client is gone")
        room.wait_until(lambda: not issuer.exists(), "and then the issuer")


# That a ConfigMap came is told by nobody: it is looked at once a minute.
@pytest.mark.timeout(240)
def test_its_own_authorities_stand_in_the_place_of_the_operators(
    room: Room, operator: Process, make_issuer: MakeIssuer, certificate_authority: CertificateAuthority
) -> None:
    assert operator.running()
    server = make_issuer()
    with issuer_resource(room, server.issuer) as issuer:
        issuer.apply(trust={"caBundle": trustme.CA().cert_pem.bytes().decode()})
        issuer.apply_client()
        said = issuer.wait_for("IssuerUnavailable")
        assert condition(said, "Discovered")["status"] == "False"
        room.wait_for("web", "IssuerUnavailable")
        assert server.calls == []
        # By a ConfigMap of the operator's namespace, which comes later.
        issuer.apply(trust={"caBundleRef": {"name": issuer.name}})
        assert issuer.name in condition(issuer.wait_for("InvalidSpec"))["message"]
        assert "cannot be used" in condition(room.wait_for("web", "IssuerNotReady"))["message"]
        manifest = {"metadata": {"name": issuer.name}, "data": {"ca.crt": pem(certificate_authority.bundle)}}
        room.api.post("/api/v1/namespaces/oauth-operator-system/configmaps", json=manifest).raise_for_status()
        issuer.wait_for("Ready", within=90)
        room.wait_for("web", "Registered", within=40)
        assert server.calls == ["POST"]


def test_what_a_namespace_may_ask_for_is_decided_before_any_call(
    room: Room, operator: Process, make_issuer: MakeIssuer
) -> None:
    assert operator.running()
    server = make_issuer()
    with issuer_resource(room, server.issuer) as issuer:
        issuer.apply(allowed={**ANY, "namespaces": {"selector": {"matchLabels": {"oauth": issuer.name}}}})
        issuer.apply_client()
        assert (
            "is none of those that the issuer is for"
            in condition(room.wait_for("web", "NotAllowedByIssuer"))["message"]
        )
        assert wait_for_words(room, "NotAllowedByIssuer")
        # The label of its namespace lets it in.
        room.api.patch(
            f"/api/v1/namespaces/{room.namespace}",
            headers={"Content-Type": "application/merge-patch+json"},
            json={"metadata": {"labels": {"oauth": issuer.name}}},
        ).raise_for_status()
        room.wait_for("web", "Registered")
        assert server.calls == ["POST"]
        issuer.apply(allowed={**ANY, "redirectURIs": ["https://other.example.com/*"]})
        message = condition(room.wait_for("web", "NotAllowedByIssuer"))["message"]
        assert (
            'redirect_uris "https://shop.example.com/callback" matches none of https://other.example.com/*' in message
        )
        assert room.secret("web")["client_id"], "what is published stays"
        room.delete("web")
        room.wait_until(lambda: not room.exists("web"), "it is gone")
        assert server.calls == ["POST", "DELETE"]


def test_from_a_spec_of_its_own_to_the_issuer_resource_in_place_nothing_is_sent(
    room: Room, operator: Process, make_issuer: MakeIssuer
) -> None:
    assert operator.running()
    server = make_issuer()
    room.apply("web", server.issuer)
    room.wait_for("web", "Registered")
    before = room.secret("web")
    with issuer_resource(room, server.issuer) as issuer:
        issuer.apply()
        issuer.apply_client()
        room.wait_until(lambda: "name" in room.read("web")["status"].get("issuer", {}), "it says whose terms those are")
        room.wait_for("web", "Registered")
        room.apply("web", server.issuer)
        room.wait_until(lambda: "name" not in room.read("web")["status"]["issuer"], "and back")
        assert server.calls == ["POST"]
        assert room.secret("web") == before
        room.wait_until(
            lambda: names.ISSUER_FINALIZER not in issuer.read()["metadata"].get("finalizers", []), "it is free to go"
        )
