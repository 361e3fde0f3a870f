"""A definition whose own finalizer somebody took off: its objects stay in the storage, and come back with it."""

import pytest

from oauthclient_operator import names
from tests.cluster.commands.conftest import command_of, operator_of
from tests.cluster.commands.test_orphans import listed
from tests.cluster.process.own_cluster import administrator, operators, plane, room
from tests.cluster.scenarios.room import Room
from tests.parts.api_server import ControlPlane
from tests.parts.certificates import CertificateAuthority
from tests.parts.installation import install, operator_kubeconfig
from tests.parts.kubectl import KubectlError
from tests.parts.misbehaving_issuer import MisbehavingIssuer
from tests.parts.processes import wait_for

__all__ = ["administrator", "operators", "plane", "room"]


def is_served(room: Room) -> bool:
    """Whether the API server has OAuthClients."""
    try:
        room.kubectl("get", f"{names.PLURAL}.{names.GROUP}", "-n", room.namespace)
    except KubectlError:
        return False
    return True


def test_nothing_is_deregistered_for_a_resource_that_may_come_back(
    plane: ControlPlane,
    room: Room,
    issuer: MisbehavingIssuer,
    certificate_authority: CertificateAuthority,
    capfd: pytest.CaptureFixture[str],
) -> None:
    kubeconfig = operator_kubeconfig(plane.server.kubectl, plane.directory)
    uid = operator_of(room, kubeconfig, certificate_authority.bundle).register(issuer)
    command = command_of(plane.server, certificate_authority, capfd)
    definition = f"{names.PLURAL}.{names.GROUP}"
    room.kubectl("delete", "crd", definition, "--wait=false")
    # As many do for whom that hangs.
    room.kubectl("patch", "crd", definition, "--type=merge", "-p", '{"metadata": {"finalizers": null}}')
    wait_for(lambda: not is_served(room), "the definition to be gone", within=30)
    assert listed(command, uid)["kind"] == "WithoutResource"
    ran = command("orphans", "--deregister", uid)
    assert ran.status == 1
    assert "are the definitions (crds/) there?" in ran.said
    assert issuer.calls == ["POST"]
    install(room.kubectl)
    wait_for(lambda: is_served(room), "OAuthClients to be served", within=30)
    assert room.read("web")["metadata"]["uid"] == uid
    assert listed(command, uid) == {}
