"""The demo as a person starts it: in a terminal, which may be closed."""

import os
import pty
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.parts.installation import ROOT

DEMO = [sys.executable, "-m", "examples.demo"]
_IN_TERMINAL = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


@dataclass(kw_only=True)
class Terminal:
    """A terminal, and the demo that it controls."""

    process: subprocess.Popen[bytes]
    _file: int
    _shown: str = field(default="")
    _open: bool = True

    def until(self, what: str) -> str:
        """Return what is shown so far, once that is."""
        while what not in self._shown:
            self._shown += os.read(self._file, 65536).decode().replace("\r\n", "\n")
        return self._shown

    def type(self, line: str) -> None:
        os.write(self._file, f"{line}\n".encode())

    def close(self) -> None:
        """Close it: the kernel sends SIGHUP to what it controls."""
        if self._open:
            self._open = False
            os.close(self._file)


@contextmanager
def in_terminal(*options: str, environment: Mapping[str, str] | None = None) -> Iterator[Terminal]:
    """Start the demo in a terminal of its own."""
    ours, its = pty.openpty()
    try:
        process = subprocess.Popen(
            [sys.executable, "-c", _IN_TERMINAL, *DEMO, *options],
            cwd=ROOT,
            stdin=its,
            stdout=its,
            stderr=its,
            env={**os.environ, **(environment or {})},
        )
    finally:
        os.close(its)
    terminal = Terminal(process=process, _file=ours)
    try:
        yield terminal
    finally:
        terminal.close()
        ended(process)


def ended(process: subprocess.Popen[bytes]) -> None:
    """Wait until it has ended what it began and itself, as it was told to; and kill it where it does not."""
    try:
        process.terminate()
        process.wait(20)
    finally:
        process.kill()
        process.wait()
