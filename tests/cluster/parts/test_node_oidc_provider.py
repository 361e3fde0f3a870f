"""node-oidc-provider does what the operator's tests lean on: over TLS, with rotation, and its own word on its clients."""

import base64
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.parts.certificates import CertificateAuthority
from tests.parts.node_oidc_provider import NodeOIDCProvider, node_oidc_provider
from tests.parts.processes import wait_for

SERVICE = {"client_name": "service", "grant_types": ["client_credentials"], "response_types": [], "redirect_uris": []}


@pytest.fixture
def http(certificate_authority: CertificateAuthority) -> Iterator[httpx.Client]:
    context = ssl.create_default_context(cafile=certificate_authority.bundle)
    with httpx.Client(verify=context, trust_env=False, headers={"accept": "application/json"}) as client:
        yield client


def register(http: httpx.Client, server: NodeOIDCProvider, token: str | None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return http.post(f"{server.issuer}/reg", json=SERVICE, headers=headers)


def token_for(http: httpx.Client, server: NodeOIDCProvider, client: dict[str, Any]) -> httpx.Response:
    pair = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
    form, headers = {"grant_type": "client_credentials"}, {"Authorization": f"Basic {pair}"}
    return http.post(f"{server.issuer}/token", data=form, headers=headers)


def test_registration_needs_an_initial_access_token(node_provider: NodeOIDCProvider, http: httpx.Client) -> None:
    assert register(http, node_provider, None).status_code == 401
    token = node_provider.initial_access_token()
    assert [register(http, node_provider, token).status_code for _ in range(2)] == [201, 201]


def test_an_update_rotates_the_registration_access_token(node_provider: NodeOIDCProvider, http: httpx.Client) -> None:
    client = register(http, node_provider, node_provider.initial_access_token()).json()
    uri, old = client["registration_client_uri"], {"Authorization": f"Bearer {client['registration_access_token']}"}
    body = {**SERVICE, "client_id": client["client_id"], "client_name": "renamed"}
    updated = http.put(uri, json=body, headers=old)
    assert updated.status_code == 200
    assert http.get(uri, headers=old).status_code == 401
    assert node_provider.clients()[client["client_id"]]["client_name"] == "renamed"


def test_a_service_gets_a_token_with_its_secret(node_provider: NodeOIDCProvider, http: httpx.Client) -> None:
    client = register(http, node_provider, node_provider.initial_access_token()).json()
    assert token_for(http, node_provider, client).json()["token_type"] == "Bearer"


def test_the_log_names_each_request(node_provider: NodeOIDCProvider, http: httpx.Client) -> None:
    since = node_provider.log.mark()
    http.get(f"{node_provider.issuer}/.well-known/openid-configuration")
    register(http, node_provider, None)
    seen = [str(request) for request in node_provider.log.requests(since=since)]
    assert seen == ["GET /.well-known/openid-configuration 200", "POST /reg 401"]
    assert node_provider.log.counts(since=since) == {"GET": 1, "POST": 1}


def test_a_forgotten_client_has_no_working_token(node_provider: NodeOIDCProvider, http: httpx.Client) -> None:
    client = register(http, node_provider, node_provider.initial_access_token()).json()
    node_provider.forget(client["client_id"])
    assert client["client_id"] not in node_provider.clients()
    headers = {"Authorization": f"Bearer {client['registration_access_token']}"}
    assert http.get(client["registration_client_uri"], headers=headers).status_code == 401


def test_what_an_administrator_changed_is_read(node_provider: NodeOIDCProvider, http: httpx.Client) -> None:
    client = register(http, node_provider, node_provider.initial_access_token()).json()
    node_provider.change(client["client_id"], client_name="changed")
    headers = {"Authorization": f"Bearer {client['registration_access_token']}"}
    assert http.get(client["registration_client_uri"], headers=headers).json()["client_name"] == "changed"


def test_a_token_may_let_the_secrets_of_its_clients_expire(node_provider: NodeOIDCProvider, http: httpx.Client) -> None:
    client = register(http, node_provider, node_provider.initial_access_token("expiring")).json()
    assert 29 * 24 * 3600 < client["client_secret_expires_at"] - time.time() < 31 * 24 * 3600
    headers = {"Authorization": f"Bearer {client['registration_access_token']}"}
    body = {**SERVICE, "client_id": client["client_id"]}
    updated = http.put(client["registration_client_uri"], json=body, headers=headers).json()
    assert updated["client_secret_expires_at"] == client["client_secret_expires_at"], "no update renews them"


def test_a_token_may_have_updates_renew_them(node_provider: NodeOIDCProvider, http: httpx.Client) -> None:
    client = register(http, node_provider, node_provider.initial_access_token("renewing")).json()
    issued = client["client_secret_expires_at"] - 30 * 24 * 3600
    wait_for(lambda: time.time() >= issued + 1, "a second of the secret's life is over", within=5)
    headers = {"Authorization": f"Bearer {client['registration_access_token']}"}
    body = {**SERVICE, "client_id": client["client_id"]}
    updated = http.put(client["registration_client_uri"], json=body, headers=headers).json()
    assert updated["client_secret_expires_at"] > client["client_secret_expires_at"]
    assert token_for(http, node_provider, updated).status_code == 200
    assert token_for(http, node_provider, client).status_code == 401, "the one before is refused at once"


def test_it_can_be_open_without_management_and_under_a_name(
    tmp_path: Path, certificate_authority: CertificateAuthority, http: httpx.Client
) -> None:
    options = {"host": "localhost", "initial_access_token": False, "management": False}
    with node_oidc_provider(tmp_path, certificate_authority, **options) as server:  # type: ignore[arg-type]
        assert server.issuer.startswith("https://localhost:")
        answer = register(http, server, None)
        assert answer.status_code == 201
        assert "registration_access_token" not in answer.json()
        since = server.log.mark()
    assert not server.process.running()
    assert since > 0
