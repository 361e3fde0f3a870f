"""Real servers that do otherwise than the RFCs say, as an issuer resource says of them."""

import ssl
from typing import Any

import httpx
import pytest

from oauthclient_operator.record.calls import CallKind, CallOutcome
from tests.cluster.scenarios.issuer_resources import IssuerResource, issuer_resource, pem
from tests.cluster.scenarios.room import WEB, Body, Room, condition
from tests.parts.canaille import Canaille
from tests.parts.keycloak import Realm
from tests.parts.processes import Process
from tests.parts.spring_authorization_server import CLIENT_ID, SCOPE, SpringAuthorizationServer

GRANTS: Body = {**WEB, "grant_types": ["authorization_code"], "response_types": ["code"]}
PAGES: Body = {**GRANTS, "tos_uri": "https://shop.example.com/terms", "client_uri": "https://shop.example.com/"}
ODD: Body = {**WEB, "client_name#ja": "Web shop", "x_shop": 1, "scope": "openid shop:read"}


def let_in(issuer: IssuerResource, server: Canaille | Realm, **spec: Any) -> None:
    issuer.put_access(issuer.name, server.initial_access_token())
    access = {"initialAccessToken": {"secretRef": {"name": issuer.name}}}
    issuer.apply(trust={"caBundle": pem(server.trust)}, access=access, **spec)


def held(room: Room, server: Canaille, uid: str) -> Body:
    """Return what the server itself says of a client."""
    client = room.record(uid).published
    assert client is not None
    address, token = client.information.registration_client_uri, client.information.registration_access_token
    assert address is not None
    assert token is not None
    context = ssl.create_default_context(cafile=server.trust)
    found = httpx.get(address, headers={"Authorization": f"Bearer {token.reveal()}"}, verify=context, trust_env=False)
    body: Body = found.raise_for_status().json()
    return body


@pytest.mark.parametrize(("dialect", "stays"), [({}, ["tos_uri"]), ({"update": "Merge"}, [])], ids=["absent", "Merge"])
def test_what_is_taken_out_is_gone_at_canaille_where_the_issuer_says_that_it_merges(
    room: Room, operator: Process, canaille: Canaille, dialect: Body, stays: list[str]
) -> None:
    assert operator.running()
    with issuer_resource(room, canaille.issuer) as issuer:
        let_in(issuer, canaille, dialect=dialect)
        uid = issuer.apply_client(metadata=PAGES)
        room.wait_for("web", "Registered")
        assert held(room, canaille, uid)["tos_uri"] == PAGES["tos_uri"]
        issuer.apply_client(metadata={name: value for name, value in PAGES.items() if name != "tos_uri"})
        resource = room.wait_for("web", "Registered")
        now = held(room, canaille, uid)
        assert [name for name in ("tos_uri",) if now.get(name)] == stays
        assert now["client_uri"] == PAGES["client_uri"]
        assert [name for name in resource["status"]["registration"].get("deviations", []) if name == "tos_uri"] == stays
        assert ("tos_uri" in condition(resource)["message"]) is bool(stays)
        room.delete("web")
        room.wait_until(lambda: not room.exists("web"), "it is gone")


def test_what_keycloak_refuses_is_not_sent_where_the_issuer_says_so_and_updates_leave_its_scopes_alone(
    room: Room, operator: Process, keycloak: Realm
) -> None:
    assert operator.running()
    with issuer_resource(room, keycloak.issuer) as issuer:
        let_in(issuer, keycloak)
        issuer.apply_client(metadata=ODD)
        refused = room.wait_for("web", "RegistrationRejected")
        assert "Unrecognized field" in condition(refused)["message"]
        let_in(issuer, keycloak, dialect={"unknownMetadata": "Omit", "scope": "Omit"})
        resource = room.wait_for("web", "Registered")
        assert condition(resource)["message"].endswith(
            "these are not sent, as spec.dialect of the issuer has it: client_name#ja, scope, x_shop"
        )
        client_id = resource["status"]["clientID"]
        before = keycloak.client(client_id) or {}
        assert {"profile", "email"} <= {*before["defaultClientScopes"]}
        issuer.apply_client(metadata={**ODD, "client_name": "Web shop, renamed"})
        room.wait_for("web", "Registered")
        after = keycloak.client(client_id) or {}
        assert after["name"] == "Web shop, renamed"
        assert {*after["defaultClientScopes"]} == {*before["defaultClientScopes"]}
        assert {*after["optionalClientScopes"]} == {*before["optionalClientScopes"]}
        room.delete("web")
        room.wait_until(lambda: not room.exists("web"), "it is gone")
        assert keycloak.client(client_id) is None


def test_each_client_is_registered_at_spring_with_an_access_token_of_its_own(
    room: Room, operator: Process, spring_authorization_server: SpringAuthorizationServer
) -> None:
    assert operator.running()
    server, names = spring_authorization_server, ("web", "api", "batch")
    with issuer_resource(room, server.issuer) as issuer:
        issuer.put_credentials(issuer.name, CLIENT_ID, server.secret)
        access = {"clientCredentials": {"secretRef": {"name": issuer.name}, "scope": SCOPE}}
        dialect = {"clientsPerToken": 1, "scope": "Omit"}
        issuer.apply(trust={"caBundle": pem(server.trust)}, access=access, dialect=dialect)
        uids = {name: issuer.apply_client(name, metadata={**WEB, "scope": "openid"}) for name in names}
        for name, uid in uids.items():
            room.wait_for(name, "Registered")
            calls = [call for call in room.record(uid).closed if call.what.kind is CallKind.REGISTER]
            assert [call.outcome for call in calls] == [CallOutcome.COMMITTED], (
                "none was shown a token that another one had used"
            )
        issuer.wait_for("Ready")
        for name in names:
            room.delete(name)
        room.wait_until(lambda: not any(room.exists(name) for name in names), "all are let go")
