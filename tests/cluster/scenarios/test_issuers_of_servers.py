"""The issuer of each server that docs/servers/README.md calls tried, as it is in the repository, at that server."""

from pathlib import Path

import pytest

from tests.cluster.scenarios.room import Room
from tests.cluster.scenarios.test_examples_of_access import applied, apply_web, registered, written
from tests.parts.canaille import canaille
from tests.parts.certificates import CertificateAuthority
from tests.parts.installation import ROOT
from tests.parts.keycloak import Realm
from tests.parts.node_oidc_provider import NodeOIDCProvider
from tests.parts.spring_authorization_server import SpringAuthorizationServer

pytestmark = pytest.mark.usefixtures("operator")

EXAMPLES = Path(ROOT, "examples", "issuers")


def test_keycloak(room: Room, registrar_realm: Realm) -> None:
    with applied(room, written("issuers/keycloak.yaml", room, registrar_realm.issuer)) as issuer:
        apply_web(issuer)
        assert registrar_realm.client(registered(room, "web")) is not None


def test_node_oidc_provider(room: Room, node_provider: NodeOIDCProvider) -> None:
    token = node_provider.initial_access_token()
    with applied(room, written("issuers/node-oidc-provider.yaml", room, node_provider.issuer, token)) as issuer:
        for name in ("web", "api"):
            apply_web(issuer, name)
            assert registered(room, name) in node_provider.clients()


def test_canaille(room: Room, tmp_path: Path, certificate_authority: CertificateAuthority) -> None:
    with (
        canaille(tmp_path, certificate_authority, initial_access_token=False) as server,
        applied(room, written("issuers/canaille.yaml", room, server.issuer)) as issuer,
    ):
        metadata = {"grant_types": ["authorization_code"], "response_types": ["code"]}
        apply_web(issuer, metadata=metadata)
        registered(room, "web")
        # Before the server is: it takes its client with it.
        room.delete("web")
        room.wait_until(lambda: not room.exists("web"), "it is gone")


def test_spring(room: Room, spring_authorization_server: SpringAuthorizationServer) -> None:
    server = spring_authorization_server
    with applied(room, written("issuers/spring.yaml", room, server.issuer, server.secret)) as issuer:
        for name in ("web", "api"):
            apply_web(issuer, name, policy={"deletion": "Retain"})
            registered(room, name)


def test_no_issuer_is_called_tried_without_its_test() -> None:
    tried = [path.stem for path in EXAMPLES.glob("*.yaml") if "\n# Tried: " in path.read_text()]
    assert len(tried) > 3
    assert [name for name in tried if f'"issuers/{name}.yaml"' not in Path(__file__).read_text()] == []
