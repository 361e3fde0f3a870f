"""What tests on a real API server stand on."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts.api_server import APIServer
from tests.parts.api_server import api_server as run_api_server
from tests.parts.audit import AuditLog
from tests.parts.installation import install
from tests.parts.installation import operator_kubeconfig as make_operator_kubeconfig
from tests.parts.kubectl import Kubectl
from tests.parts.programs import programs


@pytest.fixture(scope="session")
def api_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIServer]:
    with run_api_server(tmp_path_factory.mktemp("api-server"), programs()) as server:
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


@pytest.fixture
def namespace(kubectl: Kubectl) -> Iterator[str]:
    name = f"test-{secrets.token_hex(4)}"
    kubectl("create", "namespace", name)
    yield name
    kubectl("delete", "namespace", name, "--wait=false")
