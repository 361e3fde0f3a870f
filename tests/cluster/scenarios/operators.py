"""The operator as a process of its own, one at a time: the Lease would keep a second one waiting."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.parts.installation import PROGRAM, loopback_issuer, operator
from tests.parts.processes import Process

PREFIX = "example.com"
QUICK = (
    "--exchange-timeout=6s",
    "--lease-duration=22s",
    "--release-after=2s",
    f"--secret-metadata-prefix={PREFIX}",
)
"""Short where a test would wait, and longer than a busy machine stands still.

Not `--retry-slowly`: what goes on by itself must not do so by the clock.
"""
AT_WORK = "the operator is at work"
"""What it logs then."""
_START = 40.0
"""Seconds: longer than a Lease that a killed process left."""


class Operators:
    """Start the operator with the options that a test needs, and keep it for the next test that needs the same."""

    def __init__(self, kubeconfig: Path, trust: Path, directory: Path, program: Sequence[str | Path] = PROGRAM) -> None:
        self._program = program
        self._kubeconfig = kubeconfig
        self._trust = trust
        self._directory = directory
        self._options: tuple[str, ...] = ()
        self._running: Process | None = None
        self._stop = ExitStack()
        self._count = 0

    def running(self, *options: str) -> Process:
        """Return the operator with those options over `QUICK`, started anew only if it runs otherwise."""
        if self._running is not None and self._running.running() and self._options == options:
            return self._running
        process = self.begin(*options)
        process.wait_until(lambda: AT_WORK in process.log.read_text(), within=_START)
        return process

    def begin(self, *options: str) -> Process:
        """Start the operator anew, and return before it has begun to work."""
        self.stop()
        self._count += 1
        log = self._directory / f"operator-{self._count}.log"
        trusted = loopback_issuer(self._trust)
        running = operator(self._kubeconfig, *trusted, *QUICK, *options, log=log, program=self._program)
        process = self._stop.enter_context(running)
        self._running, self._options = process, options
        return process

    def stop(self) -> None:
        """Ask it to end, as Kubernetes does, and return when it has."""
        self._stop.close()

    @property
    def process(self) -> Process | None:
        """The one that was started last, dead or alive."""
        return self._running

    def log(self) -> str:
        """Return all that it has logged since it was started."""
        return "" if self._running is None else self._running.log.read_text()

    def mishaps(self) -> list[str]:
        """Return the lines of all its logs that tell of a mistake in the operator itself."""
        lines = [line for log in self._directory.glob("*.log") for line in log.read_text().splitlines()]
        return [
            line for line in lines if "unexpected failure" in line or "too many steps" in line or "Traceback" in line
        ]

    def last_lines(self, about: str) -> str:
        """Return the last lines of its log that hold a word, such as a namespace's name, or tell of any trouble."""
        lines = [line for line in self.log().splitlines() if about in line or '"level": "info"' not in line]
        return "\n".join(lines[-20:])
