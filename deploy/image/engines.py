"""docker, podman and buildah: which of them works here, and what each is told."""

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from shutil import which
from typing import Final

NAMES: Final = ("docker", "podman", "buildah")
"""In the order in which they are asked."""
_PATIENCE: Final = 30.0
"""Seconds: a client whose engine is not there may wait for it without end."""

Answer = Callable[[Sequence[str]], str | None]
"""What asks an engine by a command, and returns None where it works, else what is wrong."""


class NoEngine(Exception):
    """No engine works here; the message says of each why not, and what to do."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A program that builds images and pushes them."""

    name: str

    def build(self, *tags: str, arguments: dict[str, str], flags: Sequence[str]) -> list[str]:
        """Return the command that builds what the current directory holds, under those names."""
        said = [f"--build-arg={key}={value}" for key, value in arguments.items()]
        # The person's own flags last: of two build arguments of one name the second counts.
        return [self.name, "build", *(f"--tag={tag}" for tag in tags), *said, *flags, "."]

    def push(self, tag: str) -> list[str]:
        """Return the command that sends an image to the registry that its name begins with."""
        return [self.name, "push", tag]


def engine(named: str | None, answer: Answer | None = None) -> Engine:
    """Return the engine of that name, or else the first that works.

    A client is no engine: docker's may be there without the daemon that does the work, so each is asked.

    Raises:
        NoEngine: neither works.
    """
    ask = answer or _answer
    faults = []
    for name in (named,) if named else NAMES:
        if (fault := ask((name, "info"))) is None:
            return Engine(name)
        faults.append(f"  {name}: {fault}")
    what = f"{named} does not work here" if named else "None of docker, podman and buildah works here"
    cure = "Start its engine or install one of them (Debian: apt-get install buildah), then run this again."
    raise NoEngine("\n".join((f"{what}:", *faults, cure)))


def _answer(command: Sequence[str]) -> str | None:
    if which(command[0]) is None:
        return "is not installed"
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        return f"did not answer within {_PATIENCE:.0f} s"
    said = (done.stderr or done.stdout).strip().splitlines() or [f"ended with {done.returncode}"]
    return said[-1] if done.returncode else None
