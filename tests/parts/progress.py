"""What a person sees while something takes long: a line when it begins, each minute, and when it ends."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_EVERY = 60.0


def say(line: str) -> None:
    """Show one line at once, also where the output is a file; where nobody is there any more, to nobody."""
    # The terminal may be closed while things are stopped, and that must not end the stopping.
    with suppress(OSError):
        print(line, flush=True)  # noqa: T201 - this is the one place that talks to people


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say what begins, that it goes on, and how long it took; a failure is said by whoever stops for it."""
    say(f"{what} …")
    began = time.monotonic()
    ended = threading.Event()
    clock = threading.Thread(target=_tick, args=(what, began, ended), daemon=True)
    clock.start()
    try:
        yield
    finally:
        ended.set()
        clock.join()
    say(f"{what}: done in {time.monotonic() - began:.0f} s")


def _tick(what: str, began: float, ended: threading.Event) -> None:
    while not ended.wait(_EVERY):
        say(f"{what}: {(time.monotonic() - began) / 60:.0f} min so far")
