"""`make test-kine`: the operator on an API server that keeps its objects in SQLite, by kine, as that of k3s does.

What is done to etcd by interfaces of its own, which fills it or damages what is in it, is left out.
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
    *(f"--ignore=tests/cluster/process/test_{what}.py" for what in ("secrets_not_decrypted", "storage_full")),
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
