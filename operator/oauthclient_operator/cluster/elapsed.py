"""The clock for durations that other processes count too: monotonic, and it runs while the machine is suspended."""

import sys
import time

# time.monotonic() stands still during suspend on Linux: a process that slept would believe that it still holds what
# it lost. Elsewhere CLOCK_MONOTONIC is the nearest (on macOS it does run during sleep).
if sys.platform == "linux":
    _CLOCK = time.CLOCK_BOOTTIME
else:
    _CLOCK = time.CLOCK_MONOTONIC


def elapsed() -> float:
    """Return seconds since some moment that is the same for the whole life of the process."""
    return time.clock_gettime(_CLOCK)
