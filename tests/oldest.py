"""`make test-oldest`: what the API server does for us, and lives of clients, on the oldest Kubernetes that is supported.

What is only done since a later version is marked `newer`, and left out. And the cluster is upgraded, to the newest one.
"""

import os
import subprocess
import sys

from tests.parts.installation import ROOT
from tests.parts.node_oidc_provider import installed
from tests.parts.programs import oldest_programs

TESTS = (
    *(f"tests/cluster/{room}" for room in ("admission", "api", "process", "scenarios")),
    "tests/cluster/process/from_the_oldest.py",
)


def main(arguments: list[str]) -> int:
    """Return pytest's exit status."""
    environment = {**os.environ, "KUBEBUILDER_ASSETS": str(oldest_programs())}
    installed()
    tests = arguments or TESTS
    spread = ("--numprocesses", "2", "--dist", "loadscope", "--no-loadscope-reorder")
    command = [sys.executable, "-m", "pytest", *spread, "-m", "not newer", *tests]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
