"""How long to wait before the next try: twice as long after each failure in a row, up to a longest pause."""

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

Pause = TypeVar("Pause", float, timedelta)
"""Seconds where a clock counts them, `timedelta` where times are dates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff(Generic[Pause]):
    """An exponential backoff: `first` after one failure, doubled after each further one, never above `longest`.

    `failures` counts those in a row, the newest included. Who counts, and when it begins anew, is the user's matter.
    """

    first: Pause
    longest: Pause

    def __post_init__(self) -> None:
        if not self.first * 0 < self.first <= self.longest:
            raise ValueError("the first pause is above 0 and not above the longest one")

    def after(self, failures: int, chance: float) -> Pause:
        """Return the pause with jitter, from half of it (`chance` is 0) up to the whole (`chance` is 1).

        Jitter keeps what failed together from coming back together. The half that stays is a pause in any case ("equal
        jitter"). Who calls draws `chance`, evenly from 0 to 1: this value is the same whenever it is asked.
        """
        return self.without_jitter(failures) * (0.5 + 0.5 * chance)

    def without_jitter(self, failures: int) -> Pause:
        """Return the whole pause: for what only one waits for, and for what has to be the same each time."""
        if failures < 1:
            raise ValueError("a backoff follows a failure")
        doublings = failures - 1
        # Not min(longest, first * 2**doublings): neither a float nor a timedelta is endless, and failures may be.
        if doublings >= math.log2(self.longest / self.first):
            return self.longest
        return self.first * math.ldexp(1.0, doublings)
