"""What tests of the image stand on: a cluster of their own, for its operator needs the Lease to itself; and the image built."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from deploy.image.engines import NoEngine, engine
from tests.cluster.conftest import installed, kubectl, operator_kubeconfig
from tests.cluster.scenarios.conftest import administrator, issuer, make_issuer, room_of
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import WEB, Room
from tests.parts.api_server import APIServer
from tests.parts.api_server import api_server as run_api_server
from tests.parts.certificates import CertificateAuthority
from tests.parts.kubectl import Kubectl
from tests.parts.misbehaving_issuer import MisbehavingIssuer
from tests.parts.programs import programs

__all__ = ("administrator", "installed", "issuer", "kubectl", "make_issuer", "operator_kubeconfig")


def _can_be_run() -> bool:
    try:
        found = engine(None)
    except NoEngine:
        return False
    # What buildah has built is run with its root changed, which takes root.
    return found.name != "buildah" or os.geteuid() == 0


# `make test` says so before.
collect_ignore = [] if _can_be_run() else ["test_built_image.py"]


@pytest.fixture(scope="session")
def api_server(
    tmp_path_factory: pytest.TempPathFactory, certificate_authority: CertificateAuthority
) -> Iterator[APIServer]:
    directory = tmp_path_factory.mktemp("api-server-of-images")
    with run_api_server(directory, programs(), certificate_authority) as server:
        yield server


Lives = Callable[[Operators], None]


@pytest.fixture
def a_client_lives(administrator: httpx.Client, kubectl: Kubectl, issuer: MisbehavingIssuer) -> Lives:
    """Let an operator register a client, publish its credentials, change it and deregister it."""

    def lives(operators: Operators) -> None:
        with operators_end(operators), room_of(administrator, kubectl, operators) as room:
            operators.running()
            _live(room, issuer)
            assert operators.mishaps() == []

    return lives


@contextmanager
def operators_end(operators: Operators) -> Iterator[None]:
    try:
        yield
    finally:
        operators.stop()


def _live(room: Room, issuer: MisbehavingIssuer) -> None:
    room.apply("shop", issuer.issuer)
    room.wait_for("shop", "Registered")
    (client_id,) = issuer.clients
    assert room.secret("shop")["client_id"] == client_id
    room.apply("shop", issuer.issuer, metadata={**WEB, "client_name": "Web shop, renamed"})
    room.wait_until(
        lambda: issuer.clients[client_id]["client_name"] == "Web shop, renamed", "the issuer has the change"
    )
    room.delete("shop")
    room.wait_until(lambda: not room.exists("shop"), "the resource is gone")
    assert client_id not in issuer.clients
