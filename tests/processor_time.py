"""What a piece of work costs this thread, apart from what the test process does meanwhile."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

RUNS = 5


@contextmanager
def without_collection() -> Iterator[None]:
    """Keep the garbage collector out: what all tests before have left takes it more than half a second at once."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def least(work: Callable[[], object], *, below: float) -> float:
    """Return the least that a run of this work took, in seconds of this thread's processor time.

    A shared machine makes a run slower and never faster: the first one below what is allowed shows it, and of five that
    are all above, the work is the reason.
    """
    found = float("inf")
    with without_collection():
        for _ in range(RUNS):
            began = time.thread_time()
            work()
            found = min(found, time.thread_time() - began)
            if found < below:
                break
    return found
