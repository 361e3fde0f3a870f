"""The life of a client at Keycloak, as docs/servers/keycloak.md tells it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from oauthclient_operator import names
from oauthclient_operator.record.record import ReleaseOutcome
from oauthclient_operator.verdict.verdict import SLOWLY
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import WEB, Body, Room, condition, conditions
from tests.parts.installation import ROOT
from tests.parts.keycloak import Keycloak, Realm

MANIFEST = Path(ROOT, "examples", "servers", "keycloak.yaml")


def manifest(room: Room, realm: Realm) -> list[Body]:
    """Return the example's resource and Secret, for this issuer and with a token of its own."""
    resource, secret = yaml.safe_load_all(MANIFEST.read_text())
    for document in (resource, secret):
        document["metadata"]["namespace"] = room.namespace
    resource["spec"]["issuer"] = secret["stringData"]["issuer"] = realm.issuer
    secret["stringData"]["token"] = realm.initial_access_token()
    return [secret, resource]


def registration_access_token(room: Room, uid: str) -> str:
    client = room.record(uid).published
    assert client is not None
    assert client.information.registration_access_token is not None
    return client.information.registration_access_token.reveal()


def is_confirmed_gone(room: Room, uid: str) -> bool:
    released = room.record(uid).released
    return released is not None and released.outcome is ReleaseOutcome.CONFIRMED


@pytest.mark.usefixtures("operator")
def test_the_example_is_created_changed_and_deleted(room: Room, keycloak: Realm) -> None:
    before, documents = len(keycloak.calls()), manifest(room, keycloak)
    room.kubectl.apply(documents)
    found = room.wait_for("web-shop", "Registered")
    uid, client_id = found["metadata"]["uid"], found["status"]["clientID"]
    # It answers "none" beside "code"; all else is as asked.
    assert found["status"]["registration"]["deviations"] == ["response_types"]
    assert found["status"]["registration"]["manageable"] is True
    published = room.secret("web-shop-oauth")
    known: Any = keycloak.client(client_id)
    assert (published["client_id"], published["client_secret"]) == (client_id, known["secret"])
    assert published["token_endpoint"] == f"{keycloak.issuer}/protocol/openid-connect/token"
    assert {"profile", "email"} <= set(known["defaultClientScopes"])

    tokens, spec = [registration_access_token(room, uid)], documents[-1]["spec"]
    issuer, metadata = spec.pop("issuer"), spec.pop("clientMetadata")
    for name in ("Web shop, renamed", "Web shop, renamed again"):
        room.apply("web-shop", issuer, metadata={**metadata, "client_name": name}, **spec)
        room.wait_for("web-shop", "Registered")
        renamed: Any = keycloak.client(client_id)
        assert (renamed["name"], renamed["defaultClientScopes"]) == (name, known["defaultClientScopes"])
        tokens.append(registration_access_token(room, uid))
    # Each update rotated the token that the next one used.
    assert len(set(tokens)) == 3
    assert room.secret("web-shop-oauth") == published

    room.delete("web-shop")
    room.wait_until(lambda: not room.exists("web-shop"), "web-shop is gone")
    assert keycloak.client(client_id) is None
    assert is_confirmed_gone(room, uid)
    room.wait_until(
        lambda: keycloak.calls()[before:] == ["POST 201", "PUT 200", "PUT 200", "DELETE 204"],
        "each call once",
        seen=lambda: keycloak.calls()[before:],
    )


@pytest.mark.usefixtures("operator")
def test_what_an_administrator_changed_is_read_and_put_right(room: Room, keycloak: Realm) -> None:
    room.put_token("idp-token", keycloak.issuer, keycloak.initial_access_token())
    uid = room.apply("web", keycloak.issuer, token="idp-token")
    client_id = room.wait_for("web", "Registered")["status"]["clientID"]
    published, before = room.secret("web"), len(keycloak.calls())
    room.annotate("web", names.REFRESH_ANNOTATION, "one")
    room.wait_until(lambda: keycloak.calls()[before:] == ["GET 200"], "it is read, and as it should be")
    room.wait_until(lambda: room.record(uid).open is None, "the answer is recorded")
    known: Any = keycloak.client(client_id)
    changed = {**known, "redirectUris": ["https://elsewhere.example.com/callback"]}
    keycloak.server.administer("PUT", f"{keycloak.name}/clients/{known['id']}", **changed)
    room.annotate("web", names.REFRESH_ANNOTATION, "two")
    room.wait_until(lambda: keycloak.calls()[before:] == ["GET 200", "GET 200", "PUT 200"], "it is put right")
    room.wait_for("web", "Registered")
    now: Any = keycloak.client(client_id)
    assert (now["redirectUris"], room.secret("web")) == (known["redirectUris"], published)
    room.delete("web")
    room.wait_until(lambda: not room.exists("web"), "web is gone")
    assert is_confirmed_gone(room, uid)


@pytest.mark.usefixtures("operator")
def test_a_token_is_used_up_and_a_new_one_in_the_secret_is_taken(room: Room, keycloak: Realm) -> None:
    room.put_token("idp-token", keycloak.issuer, keycloak.initial_access_token(uses=1))
    room.apply("first", keycloak.issuer, token="idp-token")
    room.wait_for("first", "Registered")
    room.apply("second", keycloak.issuer, token="idp-token")
    assert condition(room.wait_for("second", "RegistrationUnauthorized"))["message"] == (
        "the authorization server does not let this operator register clients "
        '(HTTP 401 invalid_token: "No remaining count on initial access token"); '
        f"put a valid initial access token into the Secret that spec.registration.initialAccessToken names{SLOWLY}"
    )
    # What is registered needs the token no more.
    room.apply("first", keycloak.issuer, token="idp-token", metadata={**WEB, "client_name": "Renamed"})
    room.wait_for("first", "Registered")
    room.put_token("idp-token", keycloak.issuer, keycloak.initial_access_token(uses=1))
    room.wait_for("second", "Registered")


@pytest.mark.usefixtures("operator")
def test_what_keycloak_refuses_is_said_in_its_words_and_with_advice(room: Room, keycloak: Realm) -> None:
    room.put_token("idp-token", keycloak.issuer, keycloak.initial_access_token())
    room.apply("anonymous", keycloak.issuer)
    room.apply("unknown", keycloak.issuer, token="idp-token", metadata={**WEB, "client_name#ja": "店"})
    room.apply("scope", keycloak.issuer, token="idp-token", metadata={**WEB, "scope": "openid profile"})
    anonymous = room.wait_for("anonymous", "RegistrationUnauthorized")
    assert condition(anonymous)["message"] == (
        "the authorization server does not let this operator register clients (HTTP 403 insufficient_scope: "
        "\"Policy 'Trusted Hosts' rejected request to client-registration service. Details: Host not trusted.\"); "
        "name a Secret with an initial access token in spec.registration.initialAccessToken, "
        f"or let the server's administrator allow open registration{SLOWLY}"
    )
    assert conditions(anonymous)["Stalled"] == ("True", "RegistrationUnauthorized")
    unknown = condition(room.wait_for("unknown", "RegistrationRejected"))["message"]
    assert unknown.startswith(
        'the authorization server rejected the registration (HTTP 400: "Invalid json representation for '
        "OIDCClientRepresentation. Unrecognized field 'client_name#ja' at line 1 column "
    )
    assert unknown.endswith('."); correct spec.clientMetadata' + SLOWLY)
    assert condition(room.wait_for("scope", "RegistrationUnauthorized"))["message"] == (
        "the authorization server does not let this operator register clients (HTTP 403 insufficient_scope: "
        "\"Policy 'Allowed Client Scopes' rejected request to client-registration service. Details: Not permitted to "
        'use specified clientScope"); '
        "the initial access token does not suffice for what spec.clientMetadata asks: correct what the server names, "
        f"have its administrator allow it, or put another token into the Secret{SLOWLY}"
    )
    # Corrected, each goes on.
    room.apply("unknown", keycloak.issuer, token="idp-token")
    room.apply("scope", keycloak.issuer, token="idp-token", metadata={**WEB, "scope": "profile"})
    room.wait_for("unknown", "Registered")
    room.wait_for("scope", "Registered")


@pytest.mark.usefixtures("operator")
@pytest.mark.parametrize("form", ["OpenID", "OAuth"])
def test_both_discovery_forms_lead_to_the_realm(room: Room, keycloak: Realm, form: str) -> None:
    room.put_token("idp-token", keycloak.issuer, keycloak.initial_access_token())
    room.apply("web", keycloak.issuer, token="idp-token", discovery={"form": form})
    room.wait_for("web", "Registered")
    assert room.secret("web")["authorization_endpoint"] == f"{keycloak.issuer}/protocol/openid-connect/auth"


def test_a_client_at_another_host_name_is_kept_and_can_be_managed_once_that_is_allowed(
    room: Room, keycloak_server: Keycloak, operators: Operators
) -> None:
    operators.running()
    realm = keycloak_server.realm("moving")
    room.put_token("idp-token", realm.issuer, realm.initial_access_token())
    room.apply("before", realm.issuer, token="idp-token")
    room.wait_for("before", "Registered")

    # The realm gets another host name while the operator still goes by the metadata that it read a moment ago.
    elsewhere = realm.server.origin.replace("127.0.0.1", "localhost")
    realm.move(elsewhere)
    room.put_token("idp-token", realm.issuer, realm.initial_access_token())
    uid = room.apply("web", realm.issuer, token="idp-token")
    found = room.wait_for("web", "Registered")
    client_id = found["status"]["clientID"]
    assert room.secret("web")["client_id"] == client_id
    assert found["status"]["registration"]["manageable"] is False
    why = (
        f'its registration_client_uri is at "{elsewhere}", another origin than the issuer\'s: if that is as it should '
        "be, the operator's administrator can set --allow-endpoint-origin"
    )
    assert condition(found, "Registered")["message"] == (
        f'client "{client_id}" is registered, and can be neither changed nor deregistered: {why}'
    )
    room.apply("web", realm.issuer, token="idp-token", metadata={**WEB, "client_name": "Renamed"})
    edited = room.wait_for("web", "UpdateUnsupported")
    assert condition(edited)["message"].startswith(f"the edit cannot be applied: {why}; ")
    assert conditions(edited)["SecretPublished"] == ("True", "Published")

    operators.running(f"--allow-endpoint-origin={realm.issuer}={elsewhere}")
    room.delete("web")
    room.wait_until(lambda: not room.exists("web"), "web is gone")
    assert realm.client(client_id) is None
    assert is_confirmed_gone(room, uid)
