"""A process of ours: started with a log, known to be ready by asking it, stopped for certain."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_LAUNCHER = Path(__file__).with_name("launcher.py")
_PAUSE = 0.05
"""Seconds between two questions; each question is a probe, none is a hope."""


class ProcessError(Exception):
    """A process ended by itself, or was not ready in time; the message ends with the last lines of its log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One running command. It is killed by the kernel when the thread that started it is gone (Linux)."""

    name: str
    log: Path
    child: subprocess.Popen[bytes]

    @classmethod
    def start(
        cls,
        name: str,
        *command: str | Path,
        log: Path,
        directory: Path | None = None,
        environment: Mapping[str, str] | None = None,
        ours: bool = True,
    ) -> Self:
        """Start the command in `directory` with `environment` over `ours`, its output appended to `log`."""
        launch = [sys.executable, "-I", "-S", str(_LAUNCHER), str(os.getpid()), *map(str, command)]
        with log.open("ab") as output:
            child = subprocess.Popen(
                launch,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=directory,
                env={**(os.environ if ours else {}), **(environment or {})},
                # A group of its own: Ctrl-C reaches us, and we stop the parts in the right order.
                start_new_session=True,
            )
        return cls(name=name, log=log, child=child)

    def wait_until(self, ready: Callable[[], bool], *, within: float) -> None:
        """Ask `ready` until it says yes; raise ProcessError when the process ends or `within` seconds have passed."""
        deadline = time.monotonic() + within
        while not ready():
            if self.child.poll() is not None:
                raise ProcessError(f"{self.name} ended with {self.child.returncode}:\n{self.last_lines()}")
            if time.monotonic() > deadline:
                raise ProcessError(f"{self.name} was not ready within {within:.0f} s:\n{self.last_lines()}")
            time.sleep(_PAUSE)

    def running(self) -> bool:
        """Tell whether the process is still there."""
        return self.child.poll() is None

    def stop(self, *, within: float = 20.0) -> None:
        """Ask the process to end, wait `within` seconds, then kill it and what it started; return when it is gone."""
        if self.running():
            self.child.terminate()
        try:
            self.child.wait(within)
        except subprocess.TimeoutExpired:
            pass
        finally:
            self._kill()

    def _kill(self) -> None:
        try:
            os.killpg(self.child.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.child.wait()

    def last_lines(self, count: int = 20) -> str:
        """Return the end of the log, for a message."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])


def run(
    name: str,
    *command: str | Path,
    log: Path,
    directory: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run a command to its end; raise ProcessError where it fails. Interrupted, it leaves no child behind."""
    process = Process.start(name, *command, log=log, directory=directory, environment=environment)
    try:
        code = process.child.wait()
    finally:
        process.stop(within=0)
    if code:
        raise ProcessError(f"{name} failed with {code}:\n{process.last_lines()}")


def wait_for(answer: Callable[[], bool], what: str, *, within: float) -> None:
    """Ask until the answer is yes; raise TimeoutError that names `what` after `within` seconds."""
    deadline = time.monotonic() + within
    while not answer():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {within:.0f} s")
        time.sleep(_PAUSE)
