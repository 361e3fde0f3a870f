"""A control plane of two API servers behind a balancer, of which one goes, and comes back: to the operator it is one."""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.process.own_cluster import administrator, plane, room
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import Room
from tests.parts.api_server import ControlPlane
from tests.parts.balancer import balancer
from tests.parts.certificates import CertificateAuthority
from tests.parts.installation import operator_kubeconfig
from tests.parts.misbehaving_issuer import MisbehavingIssuer
from tests.parts.ports import free_port

__all__ = ["administrator", "plane", "room"]

AT_ONCE = 10


@pytest.fixture
def second() -> int:
    """The port of the second API server."""
    return free_port()


@pytest.fixture
def operators(
    plane: ControlPlane, second: int, certificate_authority: CertificateAuthority, tmp_path: Path
) -> Iterator[Operators]:
    """The operator, for which the API server is where the balancer is."""
    file = operator_kubeconfig(plane.server.kubectl, plane.directory)
    logs = tmp_path / "operator"
    logs.mkdir()
    with balancer((plane.ports[0], second)) as port:
        kubeconfig = json.loads(file.read_text())
        kubeconfig["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{port}"
        file.write_text(json.dumps(kubeconfig))
        found = Operators(file, certificate_authority.bundle, logs)
        yield found
        found.stop()
    assert found.mishaps() == []


@pytest.mark.timeout(240)
def test_one_is_killed_and_one_is_replaced(
    plane: ControlPlane, second: int, room: Room, operators: Operators, issuer: MisbehavingIssuer
) -> None:
    numbers = itertools.count()

    def register() -> None:
        names = [f"client-{next(numbers)}" for _ in range(AT_ONCE)]
        for name in names:
            room.apply(name, issuer.issuer)
        for name in names:
            room.wait_for(name, "Registered", within=60)

    other = plane.start_second(second)
    try:
        process = operators.running()
        register()
        other.child.kill()
        other.child.wait()
        register()
        other = plane.start_second(second)
        register()
        other.stop()
        register()
    finally:
        other.stop()
    assert process.running(), "it is one cluster, and nothing of it was set back"
    assert issuer.calls == ["POST"] * next(numbers)
