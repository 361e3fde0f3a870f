"""`make test-node`: get what a node is made of, then run its tests in a network, with mounts and processes of their own.

All of these go with the last process, however it ends. Nothing outside can be reached from in there.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from deploy.image.engines import engine
from tests.node import IMAGE, PAUSE, needs
from tests.node.needs import APART
from tests.parts.built_image import build
from tests.parts.installation import ROOT
from tests.parts.node_oidc_provider import installed
from tests.parts.programs import node_programs, programs
from tests.parts.progress import step

# What containerd and runc keep at fixed places is this run's own, too.
_OWN_RUN = ("sh", "-c", 'mount -t tmpfs tmpfs /run && exec "$@"', "sh")
_CGROUPS = Path("/sys/fs/cgroup")


def main(arguments: list[str]) -> int:
    """Return pytest's exit status, or 2 where this machine is not enough."""
    if needs.main():
        return 2
    programs()
    ours = node_programs()
    installed()
    with tempfile.TemporaryDirectory(prefix="oauthclient-node-") as made:
        with step("Building the image"):
            image = build(engine(None), Path(made))
        try:
            environment = {
                **os.environ,
                IMAGE: str(image.archive),
                PAUSE: str(ours / "pause"),
                "TMPDIR": tempfile.gettempdir(),
            }
            command = [*APART, *_OWN_RUN, sys.executable, "-m", "pytest", "tests/node", *arguments]
            return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        finally:
            image.remove()
            _remove_cgroups()


def _remove_cgroups() -> None:
    # The kernel keeps them when their processes have gone; that of containerd's namespace is nobody else's here.
    for group in sorted(_CGROUPS.glob("**/k8s.io/**/"), key=lambda path: -len(path.parts)):
        group.rmdir()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
