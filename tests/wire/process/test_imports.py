"""What the operator's process does not import, for it would hold it for months."""

import json
import subprocess
import sys

import pytest

NAMES_OF_MODULES = "import json, sys; print(json.dumps([*sys.modules]))"


def modules(program: str) -> set[str]:
    """Return the modules that a program has imported when it is there."""
    command = [sys.executable, "-c", f"{program}; {NAMES_OF_MODULES}"]
    return {*json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)}


@pytest.mark.parametrize(
    "program",
    [
        "import oauthclient_operator.command_line",
        "import oauthclient_operator.handlers",
        "import oauthclient_operator.cluster.api",
    ],
)
def test_the_synchronous_kubernetes_client_is_not_imported(program: str) -> None:
    imported = modules(program)
    assert {"kubernetes.aio.client.api_client", "oauthclient_operator.cluster"} <= imported
    # The one name stands for a module that is not to be had.
    assert {
        m for m in imported if m.startswith(("kubernetes.client.", "kubernetes.config", "requests", "oauthlib"))
    } == set()


def test_a_program_that_has_imported_the_whole_client_keeps_it() -> None:
    program = "import kubernetes.client; import oauthclient_operator.cluster; kubernetes.client.V1Secret"
    assert "kubernetes.client.api_client" in modules(program)


def test_what_reads_schemas_is_for_check_alone() -> None:
    assert "jsonschema" not in modules("import oauthclient_operator.command_line")
