"""What a node needs of this machine: `python3 -m tests.node.needs` says what is missing. The standard library is enough."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from deploy.image.engines import NoEngine, engine

PROGRAMS: Final = {
    "unshare": "util-linux",
    "ip": "iproute2",
    "runc": "runc",
    "/usr/lib/cni/bridge": "containernetworking-plugins",
}
"""And Debian's packages that have them."""
APART: Final = ("unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child")
_CGROUPS: Final = Path("/sys/fs/cgroup")


def missing() -> list[str]:
    """Return what this machine lacks, in words."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return ["to be root, on Linux"]
    lacks = [f"{program} (Debian: {package})" for program, package in PROGRAMS.items() if shutil.which(program) is None]
    try:
        engine(None)
    except NoEngine as error:
        lacks.append(str(error))
    if not lacks and not _network():
        lacks.append("a network of its own with a bridge in it (unshare, ip link)")
    if not _control_groups():
        lacks.append(f"to make control groups in {_CGROUPS}")
    return lacks


def _network() -> bool:
    command = (*APART, "ip", "link", "add", "probe", "type", "bridge")
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def _control_groups() -> bool:
    # Version 1 has a hierarchy for each resource, version 2 has one for all.
    hierarchy = _CGROUPS / "memory" if (_CGROUPS / "memory").is_dir() else _CGROUPS
    probe = hierarchy / f"probe-{os.getpid()}"
    try:
        probe.mkdir()
        probe.rmdir()
    except OSError:
        return False
    return True


def main() -> int:
    """Say what is missing; return 1 if anything is."""
    lacks = missing()
    if lacks:
        print("A node cannot be run here. What is missing: " + "; ".join(lacks))  # noqa: T201 - told to a person
    return 1 if lacks else 0


if __name__ == "__main__":
    sys.exit(main())
