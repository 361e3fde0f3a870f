"""A client that is there already is adopted, as docs/adopt.md tells it."""

import ssl

import httpx
import pytest

from oauthclient_operator import names
from tests.cluster.scenarios.left_behind import wait_for_words
from tests.cluster.scenarios.room import WEB, Body, Room, condition
from tests.parts.audit import AuditLog
from tests.parts.installation import OPERATOR_USER
from tests.parts.keycloak import Realm
from tests.parts.node_oidc_provider import NodeOIDCProvider

pytestmark = pytest.mark.usefixtures("operator")


def made_by_hand(endpoint: str, token: str, trust: str, metadata: Body) -> Body:
    """Register a client as a person does, with curl."""
    context = ssl.create_default_context(cafile=trust)
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.post(endpoint, json=metadata, headers=headers, verify=context)
    found: Body = answer.raise_for_status().json()
    return found


def hand_over(room: Room, name: str, issuer: str, client: Body) -> None:
    keys = ("client_id", "client_secret", "registration_access_token", "registration_client_uri")
    values = {key: str(client[key]) for key in keys if client.get(key)}
    room.put_secret(name, of_type=names.CLIENT_INFORMATION_TYPE, issuer=issuer, **values)


def adopting(name: str) -> Body:
    return {"adopt": {"secretRef": {"name": name}}}


def test_a_client_made_by_hand_at_node_oidc_provider(room: Room, node_provider: NodeOIDCProvider) -> None:
    issuer = node_provider.issuer
    token, trust = node_provider.initial_access_token(), str(node_provider.trust)
    client = made_by_hand(f"{issuer}/reg", token, trust, {**WEB, "client_name": "made by hand"})
    room.apply("web", issuer, **adopting("web-client"))
    room.wait_for("web", "AdoptionFailed")
    hand_over(room, "web-client", issuer, client)
    # No watch tells of that Secret: it is looked at.
    found = room.wait_for("web", "Registered", within=30)
    assert found["status"]["clientID"] == client["client_id"]
    assert room.secret("web")["client_secret"] == client["client_secret"]

    def calls() -> list[str]:
        path = f"/{client['client_id']}"
        return [f"{r.method} {r.status}" for r in node_provider.log.requests() if r.path.endswith(path)]

    assert calls() == ["GET 200", "PUT 200"], "what spec asks is brought by one update"
    assert wait_for_words(room, "Adopted")
    room.apply("web", issuer, metadata={**WEB, "client_name": "Web shop, renamed"}, **adopting("web-client"))
    room.wait_for("web", "Registered")
    room.wait_until(lambda: calls()[2:] == ["PUT 200"], "the edit is brought")
    room.delete("web")
    room.wait_until(lambda: not room.exists("web"), "it is gone")
    assert calls()[3:] == ["DELETE 204"]


def test_what_another_resource_has_is_adopted_when_that_lets_it_go(room: Room, node_provider: NodeOIDCProvider) -> None:
    issuer = node_provider.issuer
    room.put_token("idp", issuer, node_provider.initial_access_token())
    uid = room.apply("before", issuer, token="idp", policy={"deletion": "Retain"})
    room.wait_for("before", "Registered")
    client = room.record(uid).published
    assert client is not None
    hand_over(room, "web-client", issuer, dict(client.information.members))
    room.apply("web", issuer, **adopting("web-client"))
    room.wait_for("web", "AdoptionFailed")
    assert "belongs to another OAuthClient" in condition(room.read("web"))["message"]
    room.delete("before")
    # By itself it would be looked at again after a quarter of an hour.
    found = room.wait_for("web", "Registered", within=30)
    assert found["status"]["clientID"] == client.information.client_id


def made_at_keycloak(room: Room, keycloak: Realm, client_id: str, **representation: str) -> Body:
    """Have the administrator make a client by hand, and hand it over."""
    asks = {"name": "made by hand", "redirectUris": ["https://elsewhere.example.com/callback"]}
    made = keycloak.make_client(client_id, **asks, **representation)
    client = {
        "client_id": client_id,
        "client_secret": made["secret"],
        "registration_access_token": keycloak.registration_access_token(client_id),
        "registration_client_uri": keycloak.configuration_endpoint(client_id),
    }
    hand_over(room, "web-client", keycloak.issuer, client)
    return client


def deleted(room: Room, keycloak: Realm, client_id: str) -> None:
    room.delete("web")
    room.wait_until(lambda: not room.exists("web"), "it is gone")
    assert keycloak.client(client_id) is None


def test_a_client_that_an_administrator_made_by_hand_at_keycloak(room: Room, keycloak: Realm, audit: AuditLog) -> None:
    client_id = f"by-hand-{room.namespace}"
    client = made_at_keycloak(room, keycloak, client_id, id=client_id)
    since = audit.mark()
    room.apply("web", keycloak.issuer, **adopting("web-client"))
    found = room.wait_for("web", "Registered")
    assert found["status"]["clientID"] == room.secret("web")["client_id"] == client_id
    assert room.secret("web")["client_secret"] == client["client_secret"]
    room.wait_until(lambda: keycloak.calls(client_id) == ["GET 200", "PUT 200"], "what the spec asks is brought")
    known = keycloak.client(client_id) or {}
    assert (known["name"], known["redirectUris"]) == (WEB["client_name"], WEB["redirect_uris"])
    # Who else has the client is looked for live, which the operator's rights let it.
    asked = [r for r in audit.requests(OPERATOR_USER, since=since) if r.namespace == names.RECORDS_NAMESPACE]
    assert {(str(r), r.status) for r in asked if r.verb == "list"} == {("list secrets", 200)}
    deleted(room, keycloak, client_id)


def test_of_one_whose_client_id_is_not_its_id_keycloak_takes_no_update_and_all_else_goes(
    room: Room, keycloak: Realm
) -> None:
    client_id = f"by-name-{room.namespace}"
    client = made_at_keycloak(room, keycloak, client_id)
    room.apply("web", keycloak.issuer, **adopting("web-client"))
    said = condition(room.wait_for("web", "UpdateAmbiguous", within=60))["message"]
    assert "the answer was HTTP 500" in said
    assert room.secret("web")["client_secret"] == client["client_secret"]
    deleted(room, keycloak, client_id)
