"""When a watch that ended may be begun again: after one that ended at once, or with an error, not at once."""

import random
from collections.abc import Callable
from typing import Final

from ..backoff import Backoff

SHORTEST: Final = 1.0
"""A stream that ends sooner counts as a failure, or a proxy that cuts streams would make us loop."""
AGAIN: Final = Backoff(first=0.5, longest=30.0)


class WatchPace:
    """What became of the watches of one place, one after the other."""

    def __init__(self, chance: Callable[[], float] = random.random) -> None:
        self._chance = chance
        self._failures = 0
        self._owed = 0.0

    def ended(self, after: float) -> None:
        """Take note that it ended, so many seconds after it began, whatever it told in them."""
        if after < SHORTEST:
            self.failed(after)
        else:
            self._failures = 0

    def failed(self, after: float) -> None:
        """Take note that it ended with an error, after so many seconds."""
        self._failures = 1 + (self._failures if after < SHORTEST else 0)
        # Jitter, so that all watches do not come back at once after the API server was away.
        self._owed = AGAIN.after(self._failures, self._chance())

    def pause(self) -> float:
        """Return for how many seconds to wait before anything else is asked for there; once for each failure."""
        owed, self._owed = self._owed, 0.0
        return owed
