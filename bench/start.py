"""`python -m bench.start PROGRAM…`: how long each takes from nothing to work, and what it holds then.

Each PROGRAM is an installed `oauthclient-operator`. They take turns, so that drift favours none of them.
"""

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from tests.parts.api_server import api_server
from tests.parts.installation import install, operator, operator_kubeconfig
from tests.parts.programs import programs
from tests.parts.progress import say

from .usage import cpu, memory

_ROUNDS = 15
_AT_WORK = "the operator is at work"


def _start(program: Path, kubeconfig: Path, log: Path) -> tuple[float, float, int]:
    """Return the seconds until it is at work, those of CPU, and the bytes that it has resident then."""
    began = time.monotonic()
    with operator(kubeconfig, log=log, program=("env", "--ignore-environment", program)) as process:
        process.wait_until(lambda: _AT_WORK in log.read_text(), within=60)
        took = time.monotonic() - began
        resident, _ = memory(process.child.pid)
        used = cpu(process.child.pid)
    return took, used, resident


def main(named: Sequence[str]) -> None:
    """Start each in turn and say the medians."""
    found: dict[str, list[tuple[float, float, int]]] = {program: [] for program in named}
    with tempfile.TemporaryDirectory(prefix="oauthclient-bench-") as made, api_server(Path(made), programs()) as server:
        install(server.kubectl)
        kubeconfig = operator_kubeconfig(server.kubectl, server.directory)
        # The first of all finds nothing in the page cache: it is not counted.
        for turn in range(_ROUNDS + 1):
            for number, (program, measured) in enumerate(found.items()):
                figures = _start(Path(program), kubeconfig, Path(made, f"{turn}-{number}.log"))
                if turn:
                    measured.append(figures)
    for program, measured in found.items():
        seconds, used, resident = (median(each) for each in zip(*measured, strict=True))
        size = sum(path.stat().st_size for path in Path(program).parents[1].rglob("*") if path.is_file())
        took, holds = f"{seconds:.2f} s, {used:.2f} s of CPU", f"{resident / 2**20:.1f} MiB resident"
        say(f"{program}: at work after {took}, {holds}, {size / 1e6:.0f} MB of files")


if __name__ == "__main__":
    main(sys.argv[1:])
