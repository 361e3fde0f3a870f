"""P10: what is confidential stands in the record and in the published Secret, and nowhere else."""

import json

from tests.cluster.scenarios.room import WEB, Room
from tests.parts.misbehaving import respond
from tests.parts.misbehaving_issuer import MisbehavingIssuer
from tests.parts.node_oidc_provider import NodeOIDCProvider


def visible(room: Room, name: str) -> str:
    """Return all that is shown of a resource: itself, its Events and the operator's whole log."""
    return json.dumps(room.read(name)) + json.dumps(room.events(name)) + room.operators.log()


def confidential(room: Room, uid: str) -> set[str]:
    """Return the credentials that the record holds."""
    found = set()
    for client in room.record(uid).clients:
        for value in (client.information.client_secret, client.information.registration_access_token):
            if value is not None:
                found.add(value.reveal())
    return found


def test_P10_tokens_and_secrets_are_in_no_status_event_or_log(room: Room, node_provider: NodeOIDCProvider) -> None:
    room.operators.running("--log-level=debug")
    token = node_provider.initial_access_token()
    room.put_token("idp-token", node_provider.issuer, token)
    uid = room.apply("web", node_provider.issuer, token="idp-token")
    room.wait_for("web", "Registered")
    seen = {token} | confidential(room, uid)
    room.apply("web", node_provider.issuer, token="idp-token", metadata={**WEB, "client_name": "Web shop, renamed"})
    room.wait_for("web", "Registered")
    room.apply("web", node_provider.issuer, token="idp-token", metadata={**WEB, "scope": "nonsense"})
    room.wait_for("web", "UpdateRejected")
    seen |= confidential(room, uid)
    # Initial access token, client secret, and the registration access token before and after the update.
    assert len(seen) == 4
    shown = visible(room, "web")
    assert [value for value in seen if value in shown] == []


def test_P10_the_published_secret_has_no_registration_access_token(room: Room, issuer: MisbehavingIssuer) -> None:
    room.operators.running()
    uid = room.apply("web", issuer.issuer)
    room.wait_for("web", "Registered")
    (client,) = room.record(uid).clients
    assert client.information.registration_access_token is not None
    published = room.secret("web")
    assert client.information.registration_access_token.reveal() not in json.dumps(published)
    assert client.information.registration_client_uri not in published.values()


def test_P10_a_server_that_echoes_the_token_in_its_refusal_does_not_get_it_shown(
    room: Room, issuer: MisbehavingIssuer
) -> None:
    room.operators.running("--log-level=debug")
    token = "initial-access-token-0123456789"
    room.put_token("idp-token", issuer.issuer, token)
    refusal = {"error": "invalid_token", "error_description": f"do not know {token}"}
    issuer.spoil("POST", lambda _: respond(401, refusal), applied=False)
    room.apply("web", issuer.issuer, token="idp-token")
    room.wait_for("web", "RegistrationUnauthorized")
    assert token not in visible(room, "web")
