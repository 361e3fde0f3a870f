"""What a person sees while something takes long: one line when it begins, one when it ends."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


def say(line: str) -> None:
    """Show one line at once, also where the output is a file."""
    print(line, flush=True)  # noqa: T201 - this is the one place that talks to people


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say what begins, and how long it took when it is done; a failure is said by whoever stops for it."""
    say(f"{what} …")
    began = time.monotonic()
    yield
    say(f"{what}: done in {time.monotonic() - began:.0f} s")
