"""What scenarios stand on: the operator as its own process and service account, a namespace, and issuers."""

import json
import secrets
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from oauthclient_operator import names
from tests.cluster.scenarios.in_time import Begin, beginning
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import Room
from tests.parts.api_server import APIServer
from tests.parts.certificates import CertificateAuthority
from tests.parts.kubectl import Kubectl
from tests.parts.misbehaving_issuer import MisbehavingIssuer
from tests.parts.processes import Process, wait_for

MakeIssuer = Callable[..., MisbehavingIssuer]


@pytest.fixture(scope="session")
def operators(
    operator_kubeconfig: Path,
    certificate_authority: CertificateAuthority,
    tmp_path_factory: pytest.TempPathFactory,
    at_work: list[Callable[[], None]],
) -> Iterator[Operators]:
    """For tests that need options of their own, or a restart."""
    found = Operators(operator_kubeconfig, certificate_authority.bundle, tmp_path_factory.mktemp("operator"))
    at_work.append(found.stop)
    yield found
    found.stop()
    assert found.mishaps() == []


@pytest.fixture
def operator(operators: Operators) -> Process:
    """The operator with the usual options."""
    return operators.running()


@pytest.fixture(scope="session")
def administrator(installed: APIServer) -> Iterator[httpx.Client]:
    with administrator_of(installed) as client:
        yield client


@contextmanager
def administrator_of(server: APIServer) -> Iterator[httpx.Client]:
    """The cluster's administrator over one kept connection: a test asks often, and kubectl is a process each time."""
    user = json.loads(server.kubeconfig.read_text())["users"][0]["user"]
    context = ssl.create_default_context(cafile=server.authority)
    headers = {"Authorization": f"Bearer {user['token']}"}
    with httpx.Client(base_url=server.url, verify=context, headers=headers, trust_env=False, timeout=30) as client:
        # For a second after its CRD is established the API server says of a resource: later (429).
        listed = f"/apis/{names.API_VERSION}/{names.PLURAL}"
        wait_for(lambda: client.get(listed).is_success, "the API server serves OAuthClients", within=30)
        yield client


@contextmanager
def room_of(administrator: httpx.Client, kubectl: Kubectl, operators: Operators) -> Iterator[Room]:
    name = f"test-{secrets.token_hex(4)}"
    administrator.post("/api/v1/namespaces", json={"metadata": {"name": name}}).raise_for_status()
    yield Room(namespace=name, kubectl=kubectl, api=administrator, operators=operators)
    # Nobody waits for the end of it.
    administrator.delete(f"/api/v1/namespaces/{name}").raise_for_status()


@pytest.fixture
def room(administrator: httpx.Client, kubectl: Kubectl, operators: Operators) -> Iterator[Room]:
    """A namespace of the test's own; the operator runs only if the test asks for it."""
    with room_of(administrator, kubectl, operators) as room:
        yield room


@pytest.fixture
def other_room(administrator: httpx.Client, kubectl: Kubectl, operators: Operators) -> Iterator[Room]:
    """A namespace of another tenant."""
    with room_of(administrator, kubectl, operators) as room:
        yield room


@pytest.fixture(scope="module")
def lasting_room(administrator: httpx.Client, kubectl: Kubectl, operators: Operators) -> Iterator[Room]:
    """A namespace for the tests of a module, where one thing takes its time while others go on."""
    with room_of(administrator, kubectl, operators) as room:
        yield room


@pytest.fixture
def begin(
    room: Room, operators: Operators, operator_kubeconfig: Path, certificate_authority: CertificateAuthority
) -> Begin:
    """Begin the operator in this process, over time that the test owns."""
    operators.stop()
    return beginning(room, operator_kubeconfig, certificate_authority.bundle)


@contextmanager
def _issuers(authority: CertificateAuthority) -> Iterator[MakeIssuer]:
    certificate = authority.certificate()
    with ExitStack() as running:

        def make(**options: Any) -> MisbehavingIssuer:
            issuer = MisbehavingIssuer(certificate=certificate, **options)
            running.enter_context(issuer.server.in_thread())
            return issuer

        yield make


@pytest.fixture
def make_issuer(certificate_authority: CertificateAuthority) -> Iterator[MakeIssuer]:
    """Make misbehaving issuers, over TLS, as many as a test wants and with the options that it gives."""
    with _issuers(certificate_authority) as make:
        yield make


@pytest.fixture(scope="module")
def make_lasting_issuer(certificate_authority: CertificateAuthority) -> Iterator[MakeIssuer]:
    """Make misbehaving issuers that serve all tests of a module."""
    with _issuers(certificate_authority) as make:
        yield make


@pytest.fixture
def issuer(make_issuer: MakeIssuer) -> MisbehavingIssuer:
    """One that behaves until told otherwise: open registration, management, rotation."""
    return make_issuer()
