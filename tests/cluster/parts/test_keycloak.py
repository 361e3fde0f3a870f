"""Keycloak does what the operator's tests lean on: counted tokens, policies, rotation, and no unknown metadata."""

import ssl
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.parts.certificates import CertificateAuthority
from tests.parts.keycloak import Realm
from tests.parts.processes import wait_for

WEB = {"client_name": "web", "redirect_uris": ["https://web.example/cb"]}


@pytest.fixture
def http(certificate_authority: CertificateAuthority) -> Iterator[httpx.Client]:
    context = ssl.create_default_context(cafile=certificate_authority.bundle)
    with httpx.Client(verify=context, trust_env=False, timeout=30) as client:
        yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def register(http: httpx.Client, realm: Realm, headers: dict[str, str], **more: Any) -> httpx.Response:
    metadata = http.get(f"{realm.issuer}/.well-known/openid-configuration").json()
    assert metadata["issuer"] == realm.issuer
    return http.post(metadata["registration_endpoint"], json={**WEB, **more}, headers=headers)


def test_a_tokens_uses_are_counted_and_a_refusal_is_none(keycloak: Realm, http: httpx.Client) -> None:
    token = bearer(keycloak.initial_access_token(uses=1))
    refused = register(http, keycloak, token, unheard_of="x")
    assert (refused.status_code, refused.json().keys()) == (400, {"error"})
    assert refused.json()["error"].startswith("Invalid json representation for OIDCClientRepresentation. Unrecognized")
    assert [register(http, keycloak, token).status_code for _ in range(2)] == [201, 401]


def test_nobody_registers_without_a_token(keycloak: Realm, http: httpx.Client) -> None:
    answer = register(http, keycloak, {})
    assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")
    assert "Policy 'Trusted Hosts'" in answer.json()["error_description"]


def test_an_update_rotates_the_registration_access_token(keycloak: Realm, http: httpx.Client) -> None:
    client = register(http, keycloak, bearer(keycloak.initial_access_token())).json()
    uri, old = client["registration_client_uri"], bearer(client["registration_access_token"])
    body = {**WEB, "client_id": client["client_id"], "client_name": "renamed"}
    updated = http.put(uri, json=body, headers=old)
    assert (updated.status_code, updated.json()["client_name"]) == (200, "renamed")
    assert http.get(uri, headers=old).status_code == 401
    assert http.delete(uri, headers=bearer(updated.json()["registration_access_token"])).status_code == 204
    assert keycloak.client(client["client_id"]) is None


def test_it_logs_what_reached_a_realms_registration_endpoint(keycloak: Realm, http: httpx.Client) -> None:
    before = len(keycloak.calls())
    register(http, keycloak, {})
    wait_for(lambda: keycloak.calls()[before:] == ["POST 403"], "the call in its log", within=10)
