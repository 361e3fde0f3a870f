"""Spring Authorization Server answers a read with a hash in the secret's place: what is published stays."""

from oauthclient_operator import names
from tests.cluster.scenarios.issuer_resources import issuer_resource, pem
from tests.cluster.scenarios.room import Room, condition
from tests.parts.processes import Process
from tests.parts.spring_authorization_server import CLIENT_ID, SCOPE, SpringAuthorizationServer


def test_a_hash_that_a_read_answers_is_not_published(
    room: Room, operator: Process, spring_authorization_server: SpringAuthorizationServer
) -> None:
    assert operator.running()
    server = spring_authorization_server
    with issuer_resource(room, server.issuer) as issuer:
        issuer.put_credentials(issuer.name, CLIENT_ID, server.secret)
        access = {"clientCredentials": {"secretRef": {"name": issuer.name}, "scope": SCOPE}}
        issuer.apply(
            trust={"caBundle": pem(server.trust)}, access=access, dialect={"clientsPerToken": 1, "scope": "Omit"}
        )
        uid = issuer.apply_client()
        room.wait_for("web", "Registered")
        before = room.secret("web")
        room.annotate("web", names.REFRESH_ANNOTATION, "now")
        room.wait_until(
            lambda: any(call.what.kind == "read" for call in room.record(uid).closed), "the client was read", within=40
        )
        assert condition(room.read("web"), "Ready")["status"] == "True"
        assert room.secret("web") == before
        assert not before["client_secret"].startswith("{")
