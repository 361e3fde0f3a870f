"""The operator is let in at Keycloak by a private key, which is never sent: signed assertions at its token endpoint."""

import json

from joserfc.jwk import ECKey

from oauthclient_operator import names
from tests.cluster.scenarios.issuer_resources import IssuerResource, issuer_resource, pem
from tests.cluster.scenarios.left_behind import delete
from tests.cluster.scenarios.room import Room, condition
from tests.parts.installation import SYSTEM_NAMESPACE
from tests.parts.keycloak import Realm
from tests.parts.processes import Process

REGISTRAR = "registrar-with-key"


def key_of(realm: Realm, kid: str) -> ECKey:
    """Make a key, and let the registrar of the realm in by that one alone."""
    key = ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"})
    if realm.client(REGISTRAR) is None:
        realm.make_client(
            REGISTRAR, clientAuthenticatorType="client-jwt", serviceAccountsEnabled=True, standardFlowEnabled=False
        )
        realm.let_register(REGISTRAR)
    known = json.dumps({"keys": [key.as_dict(private=False)]})
    realm.change_client(REGISTRAR, attributes={"use.jwks.string": "true", "jwks.string": known})
    return key


def put(issuer: IssuerResource, key: ECKey) -> None:
    """Put the key where the platform team keeps it, as PEM."""
    room = issuer.room
    place = Room(namespace=SYSTEM_NAMESPACE, kubectl=room.kubectl, api=room.api, operators=room.operators)
    held = {"issuer": issuer.issuer, "client_id": REGISTRAR, "key_id": str(key.kid)}
    pkcs8 = key.as_pem(private=True).decode()
    place.put_secret(issuer.name, of_type=names.CLIENT_CREDENTIALS_TYPE, private_key=pkcs8, **held)


def test_from_a_key_to_a_secret_and_another_key_in_its_place_is_taken_when_asked(
    room: Room, operator: Process, registrar_realm: Realm
) -> None:
    assert operator.running()
    realm = registrar_realm
    with issuer_resource(room, realm.issuer) as issuer:
        first = key_of(realm, "first")
        put(issuer, first)
        # RFC 6749 section 3.2: "The authorization server MUST ignore unrecognized request parameters."
        asked = {"scope": "profile", "audience": "shop", "resource": ["https://api.example.com"]}
        access = {"clientCredentials": {"secretRef": {"name": issuer.name}, **asked}}
        issuer.apply(trust={"caBundle": pem(realm.trust)}, access=access)
        issuer.wait_for("Ready", within=60)
        issuer.apply_client()
        client = room.wait_for("web", "Registered", within=60)
        assert realm.client(client["status"]["clientID"]) is not None
        assert room.secret("web")["client_id"] == client["status"]["clientID"]
        # The server knows another one from now on, and what is asked for is another token.
        second = key_of(realm, "second")
        access = {"clientCredentials": {"secretRef": {"name": issuer.name}}}
        issuer.apply(trust={"caBundle": pem(realm.trust)}, access=access)
        assert "invalid_client" in condition(issuer.wait_for("AccessDenied", within=60))["message"]
        put(issuer, second)
        issuer.annotate(names.RETRY_ANNOTATION, "the other key is there")
        issuer.wait_for("Ready", within=60)
        issuer.apply_client("api")
        room.wait_for("api", "Registered", within=60)
        assert "PRIVATE KEY" not in room.operators.log()
        for name in ("web", "api"):
            delete(room, name, within=60)
