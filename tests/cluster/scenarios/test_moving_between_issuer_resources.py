"""A client goes from one ClusterOAuthIssuer to another, at real servers: registered there, published, ended here."""

from pathlib import Path
from typing import Any

from tests.cluster.scenarios.issuer_resources import issuer_resource, pem
from tests.cluster.scenarios.room import WEB, Room
from tests.parts.certificates import CertificateAuthority
from tests.parts.keycloak import Realm
from tests.parts.node_oidc_provider import node_oidc_provider
from tests.parts.processes import Process

AT_ONCE: dict[str, Any] = {"rotation": {"overlap": "1s"}}


def test_it_leaves_the_one_by_its_own_token_and_is_let_in_at_the_other_as_that_one_says(
    room: Room, operator: Process, registrar_realm: Realm, tmp_path: Path, certificate_authority: CertificateAuthority
) -> None:
    assert operator.running()
    realm = registrar_realm
    with (
        node_oidc_provider(tmp_path, certificate_authority, initial_access_token=False) as server,
        issuer_resource(room, server.issuer, "from") as old,
        issuer_resource(room, realm.issuer, "to") as new,
    ):
        old.apply(trust={"caBundle": pem(server.trust)})
        new.apply(trust={"caBundle": pem(realm.trust)}, access={"serviceAccountToken": {"method": "ClientAssertion"}})
        for resource in (old, new):
            resource.wait_for("Ready")
        uid = old.apply_client(**AT_ONCE)
        client_id = room.wait_for("web", "Registered")["status"]["clientID"]
        before = room.secret("web")
        assert before["issuer"] == server.issuer
        assert client_id in server.clients()
        new.apply_client(metadata={**WEB, "client_name": "Moved"}, **AT_ONCE)
        found = room.wait_for("web", "Registered", within=60)["status"]
        after = room.secret("web")
        assert (after["issuer"], after["client_id"]) == (realm.issuer, found["clientID"])
        assert (found["issuer"]["name"], found["issuer"]["url"]) == (new.name, realm.issuer)
        assert (realm.client(after["client_id"]) or {})["name"] == "Moved"
        room.wait_until(lambda: server.clients() == {}, "the one before is deregistered")
        asked = [f"{r.method} {r.status}" for r in server.log.requests() if r.path.startswith("/reg")]
        assert asked == ["POST 201", "DELETE 204"], "the edit is none of its business"
        room.wait_until(
            lambda: [c.issuer for c in room.record(uid).clients if c.alive] == [realm.issuer], "the record says so, too"
        )
        # Nothing holds the issuer any more that it came from.
        old.delete()
        room.wait_until(lambda: not old.exists(), "it goes at once")
        room.delete("web")
        room.wait_until(lambda: not room.exists("web"), "it is gone")
        assert realm.client(after["client_id"]) is None
