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
    narrowed = config.option.keyword or config.option.markexpr or config.getoption("lf")
    if narrowed or any("::" in str(argument) for argument in config.args) or needed - {item.path for item in others}:
        if last:
            config.hook.pytest_deselected(items=last)
        last = []
    items[:] = [*others, *last]


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
