"""The operator and its definitions are applied in one moment, as installations do: it waits for them, and says so.

So it does where they go while it runs.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from oauthclient_operator import names
from tests.cluster.commands.team import Team
from tests.parts.api_server import APIServer
from tests.parts.api_server import api_server as run_api_server
from tests.parts.installation import DEFINITIONS, PROGRAM, ROOT, install, operator, operator_kubeconfig
from tests.parts.kubectl import KubectlError
from tests.parts.processes import wait_for
from tests.parts.programs import programs

MISSING = "the API server has no definition oauthclients.oauth-operator.dev and no clusteroauthissuers"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIServer]:
    """A cluster with all that belongs to an installation but the definitions."""
    with run_api_server(tmp_path_factory.mktemp("without-definitions"), programs()) as server:
        install(server.kubectl)
        server.kubectl.delete_definitions(*DEFINITIONS)

        def are_gone() -> bool:
            try:
                server.kubectl("get", "--raw", f"/apis/{names.API_VERSION}")
            except KubectlError as error:
                return "could not find the requested resource" in str(error)
            return False

        wait_for(are_gone, "the definitions to be gone", within=30)
        yield server


def test_without_them_it_ends_and_says_what_to_apply_and_so_does_doctor(server: APIServer, tmp_path: Path) -> None:
    log = tmp_path / "operator.log"
    with operator(operator_kubeconfig(server.kubectl, tmp_path), log=log) as process:
        assert process.child.wait(30) == 1
    why = json.loads(log.read_text().splitlines()[-1])["why"]
    assert MISSING in why
    assert "apply crds/ of this operator's release" in why
    ran = Team(kubectl=server.kubectl.program, kubeconfig=server.kubeconfig)("doctor", "-o", "json")
    checks = {check["check"]: check for check in json.loads(ran.said)}
    assert (ran.status, checks["definitions"]["holds"], checks["admission fence"]["holds"]) == (1, False, True)
    assert MISSING in checks["definitions"]["said"]
    assert "are the definitions (crds/) there?" in ran.complained


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("uninstall", "There is no OAuthClient: nothing has to be done"),
        ("orphans", "no record holds a client that nobody needs"),
    ],
)
def test_without_them_commands_go_on(command: str, says: str, server: APIServer) -> None:
    ran = subprocess.run(
        [*PROGRAM, command, f"--kubeconfig={server.kubeconfig}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert says in ran.stdout


def test_it_waits_for_them(server: APIServer, tmp_path: Path) -> None:
    log = tmp_path / "operator.log"
    with operator(operator_kubeconfig(server.kubectl, tmp_path), log=log) as process:
        process.wait_until(lambda: "waiting for the definitions" in log.read_text(), within=20)
        server.kubectl.apply(ROOT / "crds")
        process.wait_until(lambda: "the operator is at work" in log.read_text(), within=40)


def test_where_they_go_it_ends_and_says_so(server: APIServer, tmp_path: Path) -> None:
    log = tmp_path / "operator.log"
    with operator(operator_kubeconfig(server.kubectl, tmp_path), log=log) as process:
        process.wait_until(lambda: "the operator is at work" in log.read_text(), within=40)
        server.kubectl.delete_definitions(*DEFINITIONS)
        assert process.child.wait(40) == 1
    assert MISSING in json.loads(log.read_text().splitlines()[-1])["why"]
    assert "Traceback" not in log.read_text()


def test_where_they_are_made_anew_it_goes_on(server: APIServer, tmp_path: Path) -> None:
    server.kubectl.apply(ROOT / "crds")
    log = tmp_path / "operator.log"
    with operator(operator_kubeconfig(server.kubectl, tmp_path), log=log) as process:
        process.wait_until(lambda: "the operator is at work" in log.read_text(), within=40)
        server.kubectl.delete_definitions(*DEFINITIONS)
        server.kubectl.apply(ROOT / "crds")
        server.kubectl.wait_for_definitions(*DEFINITIONS)
        applied = {
            "apiVersion": names.API_VERSION,
            "kind": names.KIND,
            "metadata": {"name": "web", "namespace": "default"},
            "spec": {"issuer": "https://127.0.0.1:1", "clientMetadata": {"redirect_uris": ["https://a.example/cb"]}},
        }

        def is_applied() -> bool:
            try:
                server.kubectl.apply(applied)
            except KubectlError:
                return False
            return True

        wait_for(is_applied, "OAuthClients to be served", within=20)
        looked_at = ("get", names.PLURAL, "web", "-o", "jsonpath={.status.observedGeneration}")
        process.wait_until(lambda: server.kubectl(*looked_at) == "1", within=40)
    assert "Traceback" not in log.read_text()
