"""Writes for which the API server takes long, said in the log: the resource they are of cannot tell of it meanwhile."""

import logging
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from .elapsed import elapsed

LONG: Final = 5.0
"""Seconds. A write takes some hundredths, and one that an admission webhook holds mostly 10, which is their default."""
_EVERY: Final = 60.0
"""Seconds between two messages about it."""
_LOG = logging.getLogger(__name__)
HELD: Final = "an admission webhook that does not answer may hold it"


class SlowWrites:
    """What is said of the writes of one connection."""

    def __init__(self, clock: Callable[[], float] = elapsed) -> None:
        self._clock = clock
        self._said_at = -math.inf

    @contextmanager
    def timed(self, request: str) -> Iterator[None]:
        """Take note of how long a write takes, whatever comes of it."""
        began = self._clock()
        try:
            yield
        finally:
            now = self._clock()
            if now - began >= LONG and now - self._said_at >= _EVERY:
                self._said_at = now
                about = {"request": request, "seconds": round(now - began), "why": HELD}
                _LOG.warning("the API server takes long for a write", extra=about)
