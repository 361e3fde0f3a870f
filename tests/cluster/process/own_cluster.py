"""A cluster of a test's own, whose control plane it may stop, and the operator in it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.cluster.scenarios.conftest import administrator_of, room_of
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import Room
from tests.parts.api_server import ControlPlane, control_plane
from tests.parts.certificates import CertificateAuthority
from tests.parts.installation import install, operator_kubeconfig
from tests.parts.programs import programs


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[ControlPlane]:
    """A cluster of this test's own."""
    with control_plane(tmp_path / "api-server", programs()) as plane:
        install(plane.server.kubectl)
        yield plane


@pytest.fixture
def administrator(plane: ControlPlane) -> Iterator[httpx.Client]:
    with administrator_of(plane.server) as client:
        yield client


@pytest.fixture
def operators(plane: ControlPlane, certificate_authority: CertificateAuthority, tmp_path: Path) -> Iterator[Operators]:
    kubeconfig = operator_kubeconfig(plane.server.kubectl, plane.directory)
    logs = tmp_path / "operator"
    logs.mkdir()
    found = Operators(kubeconfig, certificate_authority.bundle, logs)
    yield found
    found.stop()
    assert found.mishaps() == []


@pytest.fixture
def room(plane: ControlPlane, administrator: httpx.Client, operators: Operators) -> Iterator[Room]:
    with room_of(administrator, plane.server.kubectl, operators) as room:
        yield room
