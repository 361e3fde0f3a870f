"""The control plane is upgraded under the operator, from the oldest Kubernetes that is supported: `make test-oldest`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from oauthclient_operator import names
from tests.cluster.process.own_cluster import administrator, operators, room
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import WEB, Room
from tests.parts.api_server import ControlPlane, control_plane
from tests.parts.installation import install
from tests.parts.misbehaving_issuer import MisbehavingIssuer
from tests.parts.programs import kubernetes_version, oldest_programs, programs

__all__ = ["administrator", "operators", "room"]


@pytest.fixture
def plane(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ControlPlane]:
    """A cluster of this test's own, of the oldest version."""
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(oldest_programs()))
    with control_plane(tmp_path / "api-server", programs()) as plane:
        install(plane.server.kubectl)
        yield plane


def upgrade(plane: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop it, and start the newest one on what it has stored."""
    plane.stop()
    monkeypatch.delenv("KUBEBUILDER_ASSETS")
    plane.programs = programs()
    plane.start()


def test_the_process_that_runs_goes_on_with_all_that_there_is(
    plane: ControlPlane,
    room: Room,
    operators: Operators,
    issuer: MisbehavingIssuer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    process = operators.running()
    for name in ("kept", "edited", "rotated", "deleted"):
        room.apply(name, issuer.issuer)
        room.wait_for(name, "Registered")
    before = room.secret("kept")
    assert f"Server Version: {kubernetes_version('kubernetes-oldest')}" in plane.server.kubectl("version")
    upgrade(plane, monkeypatch)
    assert f"Server Version: {kubernetes_version()}" in plane.server.kubectl("version")

    room.apply("edited", issuer.issuer, metadata={**WEB, "client_name": "Web shop, renamed"})
    room.annotate("rotated", names.ROTATE_ANNOTATION, "now")
    room.delete("deleted")
    room.apply("made", issuer.issuer)
    for name in ("kept", "edited", "made"):
        room.wait_for(name, "Registered")
    room.wait_for("rotated", "Leaving", kind="Renewing")
    room.wait_until(lambda: not room.exists("deleted"), "it is gone")
    assert process.running()
    assert room.secret("kept") == before
    assert sorted(issuer.calls) == ["DELETE", *["POST"] * 6, "PUT"]
