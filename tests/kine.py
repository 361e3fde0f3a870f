"""`make test-kine`: the operator on an API server that keeps its objects in SQLite, by kine, as that of k3s does.

What takes etcd's own interfaces, a full storage, is left out.
"""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.parts.installation import ROOT
from tests.parts.node_oidc_provider import installed
from tests.parts.programs import on_kine

TESTS = (
    "tests/cluster/api",
    "tests/cluster/process",
    "--ignore=tests/cluster/process/test_storage_full.py",
    *(f"tests/cluster/scenarios/test_{what}.py" for what in ("adopting", "costs", "create", "deletion", "rotation")),
)


def main(arguments: list[str]) -> int:
    """Return pytest's exit status."""
    installed()
    spread = ("--numprocesses", "2", "--dist", "loadscope", "--no-loadscope-reorder")
    command = [sys.executable, "-m", "pytest", *spread, *(arguments or TESTS)]
    with TemporaryDirectory() as directory:
        environment = {**os.environ, "KUBEBUILDER_ASSETS": str(on_kine(Path(directory)))}
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
