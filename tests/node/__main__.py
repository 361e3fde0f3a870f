"""`make test-node`: get what a node is made of, then run its tests in a network, with mounts and processes of their own.

All of these go with the last process, however it ends. Nothing outside can be reached from in there.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Collection
from contextlib import suppress
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
        before = groups_of_pods(_CGROUPS)
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
            remove_cgroups(_CGROUPS, _containers(Path(made)), before)


def _containers(directory: Path) -> set[str]:
    """Return what containers had a task when containerd ended: it keeps a directory for each."""
    return {task.name for task in directory.glob("node/containerd/io.containerd.runtime.v2.task/k8s.io/*")}


def groups_of_pods(hierarchies: Path) -> set[Path]:
    """Return the control groups of containerd's namespace for pods, this run's or of another containerd here."""
    return set(hierarchies.glob("**/k8s.io/"))


def remove_cgroups(hierarchies: Path, containers: Collection[str], before: Collection[Path]) -> None:
    """Remove the control groups of these containers, which the kernel keeps when their processes have gone.

    Where the groups that they are in were not there `before`, these go as well, but for what others have in them by now.
    """
    for around in groups_of_pods(hierarchies):
        for container in containers:
            below = (around / container).glob("**/")
            for group in sorted(below, key=lambda path: -len(path.parts)):
                group.rmdir()
        if around not in before:
            with suppress(OSError):
                around.rmdir()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
