"""What apps stand on that log their users in: the operator, authorization servers that have users, and a browser."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from oauthclient_operator import names
from tests.cluster.scenarios.conftest import administrator, operator, operators, room
from tests.cluster.scenarios.issuer_resources import issuer_resource
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import Body, Room
from tests.parts.certificates import CertificateAuthority
from tests.parts.keycloak import Realm
from tests.parts.node_oidc_provider import node_oidc_provider
from tests.parts.oauth2_proxy import oauth2_proxy
from tests.parts.spring_app import spring_app

__all__ = ["administrator", "operator", "operators", "room"]

USER = "alice"
PASSWORD = "wonderland"


def pytest_collection_finish(session: pytest.Session) -> None:
    if session.config.option.collectonly or all(item.path.parent != Path(__file__).parent for item in session.items):
        return
    # A first build takes longer than a test may.
    with session.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        oauth2_proxy()
        spring_app()


@pytest.fixture(scope="module", autouse=True)
def nobody_at_work_afterwards(operators: Operators) -> Iterator[None]:
    """Scenarios have an operator of their own, and the Lease lets one act."""
    yield
    operators.stop()


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """An authorization server that has a user, and how an OAuthClient names it."""

    trust: Path
    named: Body
    """What stands in the place of the example's `issuer`."""


@pytest.fixture(scope="session")
def open_issuer(
    tmp_path_factory: pytest.TempPathFactory, certificate_authority: CertificateAuthority
) -> Iterator[Issuer]:
    """node-oidc-provider, where everyone may register: it takes the examples as they are."""
    directory = tmp_path_factory.mktemp("issuer-of-apps")
    with node_oidc_provider(directory, certificate_authority, initial_access_token=False, logins=True) as server:
        yield Issuer(trust=server.trust, named={"issuer": server.issuer})


@pytest.fixture(scope="session")
def realm_with_user(keycloak: Realm) -> Realm:
    """A realm and somebody in it."""
    credentials = [{"type": "password", "value": PASSWORD, "temporary": False}]
    keycloak.server.administer(
        "POST",
        f"{keycloak.name}/users",
        username=USER,
        email=f"{USER}@example.com",
        emailVerified=True,
        firstName="Alice",
        lastName="Liddell",
        enabled=True,
        credentials=credentials,
    )
    return keycloak


@pytest.fixture
def realm_of_teams(room: Room, realm_with_user: Realm) -> Iterator[Issuer]:
    """Keycloak as a platform team offers it, where teams write scopes: docs/issuers/dialect.md."""
    with issuer_resource(room, realm_with_user.issuer, "apps") as resource:
        resource.put_access(resource.name, realm_with_user.initial_access_token())
        resource.apply(
            access={"initialAccessToken": {"secretRef": {"name": resource.name}}},
            allowed={"namespaces": {"names": [room.namespace]}, "redirectURIs": ["https://*.example.com/*"]},
            dialect={"scope": "Omit"},
        )
        reference = {"kind": names.ISSUER_KIND, "name": resource.name}
        yield Issuer(trust=realm_with_user.trust, named={"issuerRef": reference})


@pytest.fixture
def issuer(request: pytest.FixtureRequest) -> Any:
    """One of these, by its name."""
    return request.getfixturevalue(request.param)


Apply = Callable[[Body], None]


@pytest.fixture
def apply(room: Room, issuer: Issuer) -> Iterator[Apply]:
    """Apply the OAuthClient of an example, with another issuer and nothing else changed; it goes before the issuer does."""
    applied: list[str] = []

    def apply(document: Body) -> None:
        spec = {name: value for name, value in document["spec"].items() if name != "issuer"}
        metadata = {**document["metadata"], "namespace": room.namespace}
        room.kubectl.apply({**document, "metadata": metadata, "spec": {**spec, **issuer.named}})
        applied.append(metadata["name"])

    yield apply
    for name in applied:
        room.delete(name)
        room.wait_until(lambda name=name: not room.exists(name), f"{name} is gone")  # type: ignore[misc]
