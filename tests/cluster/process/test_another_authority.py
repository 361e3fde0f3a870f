"""The API server is vouched for by another authority: a process ends, for which one that is it reads when it begins."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.scenarios.operators import AT_WORK, QUICK
from tests.parts.api_server import ControlPlane, control_plane
from tests.parts.certificates import CertificateAuthority
from tests.parts.installation import install, operator, operator_kubeconfig
from tests.parts.programs import programs

SOON = """
import sys
from oauthclient_operator.cluster import contact
contact.DISTRUSTED_FOR, contact._LOOK = 5.0, 0.5
from oauthclient_operator.command_line import main
sys.exit(main())
"""
"""The operator, but that it does not take a minute."""
DISTRUSTED = "only certificates that are not accepted"


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[ControlPlane]:
    """A cluster of this test's own."""
    with control_plane(tmp_path / "api-server", programs()) as plane:
        install(plane.server.kubectl)
        yield plane


def test_the_process_ends_and_the_next_one_works(plane: ControlPlane, tmp_path: Path) -> None:
    kubeconfig = operator_kubeconfig(plane.server.kubectl, tmp_path)
    log = tmp_path / "operator.log"
    with operator(kubeconfig, *QUICK, log=log, program=(sys.executable, "-c", SOON)) as process:
        process.wait_until(lambda: AT_WORK in log.read_text(), within=40)
        plane.stop()
        plane.certificates = CertificateAuthority.made(tmp_path / "another")
        plane.serving = plane.certificates.certificate(*plane.addresses)
        for name, user in zip(("admin", "manager"), plane.users, strict=True):
            plane.write_kubeconfig(name, user)
        plane.start()
        assert process.child.wait(60) == 1
    assert DISTRUSTED in json.loads(log.read_text().splitlines()[-1])["why"]
    assert "Traceback" not in log.read_text()

    # One that begins before it can read of the other authority waits for it no longer.
    log = tmp_path / "too-early.log"
    with operator(kubeconfig, *QUICK, log=log, program=(sys.executable, "-c", SOON)) as process:
        assert process.child.wait(60) == 1
    assert DISTRUSTED in json.loads(log.read_text().splitlines()[-1])["why"]

    kubeconfig = operator_kubeconfig(plane.server.kubectl, tmp_path)
    log = tmp_path / "the-next.log"
    with operator(kubeconfig, *QUICK, log=log) as process:
        process.wait_until(lambda: AT_WORK in log.read_text(), within=60)
