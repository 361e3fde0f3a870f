"""The manifests of the servers that docs/servers/README.md calls tried, at those servers."""

import ssl
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.cluster.scenarios.room import Room
from tests.parts.canaille import Canaille
from tests.parts.installation import ROOT
from tests.parts.issuer_log import IssuerLog
from tests.parts.node_oidc_provider import NodeOIDCProvider
from tests.parts.processes import wait_for
from tests.parts.spring_authorization_server import CLIENT_ID, SCOPE, SpringAuthorizationServer

pytestmark = pytest.mark.usefixtures("operator")


def manifest(name: str, room: Room, *, issuer: str, token: str) -> list[dict[str, Any]]:
    """Return what the example holds, with this issuer in place of its own and a token of this issuer's."""
    text = Path(ROOT, "examples", "servers", f"{name}.yaml").read_text()
    written = next(line.split()[1] for line in text.splitlines() if line.startswith("  issuer: "))
    documents = list(yaml.safe_load_all(text.replace(written, issuer).replace("REPLACE-ME", token)))
    for document in documents:
        document["metadata"]["namespace"] = room.namespace
    return documents


def live(room: Room, resource: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Let the example's client be registered, changed and deleted; return its client_id and its status in between."""
    name, spec = resource["metadata"]["name"], dict(resource["spec"])
    room.wait_for(name, "Registered")
    secret = spec["secret"]["name"]
    client_id = room.secret(secret)["client_id"]
    assert {"client_secret", "token_endpoint", "authorization_endpoint", "jwks_uri"} <= room.secret(secret).keys()
    metadata = {**spec.pop("clientMetadata"), "client_name": "Web shop, renamed"}
    room.apply(name, spec.pop("issuer"), metadata=metadata, **spec)
    status = room.wait_for(name, "Registered")["status"]
    assert room.secret(secret)["client_id"] == client_id
    room.delete(name)
    room.wait_until(lambda: not room.exists(name), f"{name} is gone")
    return client_id, status


def calls(log: IssuerLog, client_id: str) -> list[str]:
    """Return what was asked of one client: other tests' clients go at the same time."""
    return [str(request) for request in log.requests() if client_id in request.path]


def test_node_oidc_provider(room: Room, node_provider: NodeOIDCProvider) -> None:
    token = node_provider.initial_access_token()
    documents = manifest("node-oidc-provider", room, issuer=node_provider.issuer, token=token)
    room.kubectl.apply(documents)
    client_id, status = live(room, documents[0])
    assert status["registration"].keys() == {"registeredAt", "manageable"}
    assert status["registration"]["manageable"] is True
    assert calls(node_provider.log, client_id) == [f"PUT /reg/{client_id} 200", f"DELETE /reg/{client_id} 204"]


def test_canaille(room: Room, canaille: Canaille) -> None:
    token = canaille.initial_access_token()
    documents = manifest("canaille", room, issuer=canaille.issuer, token=token)
    room.kubectl.apply(documents)
    client_id, status = live(room, documents[0])
    assert status["registration"].keys() == {"registeredAt", "manageable"}
    assert status["registration"]["manageable"] is True
    at = f"/oauth/register/{client_id}"
    wait_for(lambda: calls(canaille.log, client_id) == [f"PUT {at} 200", f"DELETE {at} 204"], "its log", within=10)


def test_spring_authorization_server(room: Room, spring_authorization_server: SpringAuthorizationServer) -> None:
    server = spring_authorization_server
    form = {"grant_type": "client_credentials", "scope": SCOPE}
    context = ssl.create_default_context(cafile=server.trust)
    with httpx.Client(verify=context, trust_env=False, auth=(CLIENT_ID, server.secret)) as administrator:
        token = administrator.post(f"{server.issuer}/oauth2/token", data=form).raise_for_status().json()["access_token"]
    documents = manifest("spring", room, issuer=server.issuer, token=token)
    room.kubectl.apply(documents)
    name = documents[0]["metadata"]["name"]
    status = room.wait_for(name, "Registered")["status"]
    assert room.secret("web-shop-oauth")["client_id"] == status["clientID"]
    room.delete(name)
    room.wait_until(lambda: not room.exists(name), f"{name} is gone, and its client is kept there")
