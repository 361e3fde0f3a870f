"""What tests on a real API server stand on."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from oauthclient_operator import names
from tests.parts.api_server import APIServer
from tests.parts.api_server import api_server as run_api_server
from tests.parts.audit import AuditLog
from tests.parts.certificates import CertificateAuthority
from tests.parts.installation import install
from tests.parts.installation import operator_kubeconfig as make_operator_kubeconfig
from tests.parts.keycloak import Realm
from tests.parts.kubectl import Kubectl
from tests.parts.programs import programs

AT_WORK = ("process", "scenarios")
"""The tests whose operators use, all together, every right that there is."""
LAST = "test_rights_used.py"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What was used by the whole suite is counted last, and only where no test of it was left out."""
    last = [item for item in items if item.path.name == LAST]
    others = [item for item in items if item.path.name != LAST]
    here = Path(__file__).parent
    needed = {file for room in AT_WORK for file in (here / room).glob("test_*.py")}
    narrowed = config.option.keyword or config.option.markexpr or config.getoption("lf", default=False)
    if narrowed or any("::" in str(argument) for argument in config.args) or needed - {item.path for item in others}:
        if last:
            config.hook.pytest_deselected(items=last)
        last = []
    items[:] = [*others, *last]


@pytest.fixture(scope="session")
def at_work() -> list[Callable[[], None]]:
    """How those operators are stopped that are kept at work from one test to the next."""
    return []


@pytest.fixture(scope="module", autouse=True)
def nobody_else_at_work(request: pytest.FixtureRequest, at_work: list[Callable[[], None]]) -> None:
    """What other tests than scenarios write is left as they wrote it, also after scenarios in the same process."""
    if request.path.parent.name != "scenarios":
        for stop in at_work:
            stop()


@pytest.fixture(scope="session")
def api_server(
    tmp_path_factory: pytest.TempPathFactory, certificate_authority: CertificateAuthority
) -> Iterator[APIServer]:
    # The issuers' authority vouches for it, too: one of them fetches its keys.
    with run_api_server(tmp_path_factory.mktemp("api-server"), programs(), certificate_authority) as server:
        yield server


@pytest.fixture(scope="session")
def kubectl(api_server: APIServer) -> Kubectl:
    return api_server.kubectl


@pytest.fixture(scope="session")
def audit(api_server: APIServer) -> AuditLog:
    return api_server.audit


@pytest.fixture(scope="session")
def installed(api_server: APIServer) -> APIServer:
    """The API server with the CRD, the namespaces, the operator's rights and its fence, as deploy/ has them."""
    install(api_server.kubectl)
    return api_server


@pytest.fixture(scope="session")
def operator_kubeconfig(installed: APIServer) -> Path:
    """Who uses it has exactly the operator's rights."""
    return make_operator_kubeconfig(installed.kubectl, installed.directory)


SEEN_BY_ALL: dict[str, Any] = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "ClusterRoleBinding",
    "metadata": {"name": "test-service-account-issuer-discovery"},
    "roleRef": {
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "ClusterRole",
        "name": "system:service-account-issuer-discovery",
    },
    "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:unauthenticated"}],
}
"""What an administrator does so that an authorization server outside may fetch the cluster's keys."""


@pytest.fixture(scope="session")
def registrar_realm(keycloak: Realm, installed: APIServer) -> Iterator[Realm]:
    """A realm that trusts the cluster, with a client for its registrar and one with a secret, which may register others."""
    installed.kubectl.apply(SEEN_BY_ALL)
    keycloak.trust_service_accounts("cluster", installed.url)
    service = {"serviceAccountsEnabled": True, "standardFlowEnabled": False}
    account = f"system:serviceaccount:{names.SYSTEM_NAMESPACE}:{names.REGISTRAR}"
    keycloak.make_client(
        "registrar",
        clientAuthenticatorType="federated-jwt",
        attributes={"jwt.credential.issuer": "cluster", "jwt.credential.sub": account},
        **service,
    )
    keycloak.make_client("registrar-with-secret", **service)
    keycloak.let_register("registrar")
    keycloak.let_register("registrar-with-secret")
    yield keycloak
    installed.kubectl("delete", "clusterrolebinding", SEEN_BY_ALL["metadata"]["name"])


@pytest.fixture
def namespace(kubectl: Kubectl) -> Iterator[str]:
    name = f"test-{secrets.token_hex(4)}"
    kubectl("create", "namespace", name)
    yield name
    kubectl("delete", "namespace", name, "--wait=false")
