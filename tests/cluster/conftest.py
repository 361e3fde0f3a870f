"""What tests on a real API server stand on."""

import secrets
from collections.abc import Iterator

import pytest

from tests.parts.api_server import APIServer
from tests.parts.api_server import api_server as run_api_server
from tests.parts.audit import AuditLog
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


@pytest.fixture
def namespace(kubectl: Kubectl) -> Iterator[str]:
    name = f"test-{secrets.token_hex(4)}"
    kubectl("create", "namespace", name)
    yield name
    kubectl("delete", "namespace", name, "--wait=false")
