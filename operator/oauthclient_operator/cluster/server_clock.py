"""What the time is by the API server's clock, from the `Date` of its newest answer (RFC 9110 section 6.6.1)."""

import logging
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from .elapsed import elapsed

_LOG = logging.getLogger(__name__)
_APART: Final = 30.0
"""Seconds by which two clocks that are set by anything do not differ; a key's assertion is good for a minute."""
_SAID_AGAIN_AFTER: Final = 3600.0


class ServerClock:
    """Reckons on from the newest answer, on a clock that runs during suspend.

    With `own`, the clock of who asks, it is said in the log that the two differ, where they do.
    """

    def __init__(self, clock: Callable[[], float] = elapsed, own: Callable[[], datetime] | None = None) -> None:
        self._clock = clock
        self._own = own
        self._told_at = -math.inf
        self._said: tuple[datetime, float] | None = None
        self._header: str | None = None

    def heard(self, date: str | None, took: float = 0.0) -> None:
        """Take the header of an answer that came within so many seconds; what is no date changes nothing."""
        if date == self._header:
            return  # Most answers of a second: reckoned from the first of them, it is the least behind.
        try:
            said = parsedate_to_datetime(date or "")
        except (ValueError, TypeError, OverflowError):
            return
        self._header = date
        self._said = (said if said.tzinfo is not None else said.replace(tzinfo=UTC), self._clock())
        if self._own is not None:
            self._compare(self._own(), *self._said, took)

    def _compare(self, ours: datetime, theirs: datetime, at: float, took: float) -> None:
        apart = (ours - theirs).total_seconds()
        if apart > 0:
            # It may have been dated when it was asked for: who sleeps meanwhile reads it late, by the right clock.
            apart = max(0.0, apart - took)
        if abs(apart) < _APART or at < self._told_at + _SAID_AGAIN_AFTER:
            return
        self._told_at = at
        why = "secrets are renewed at the wrong time, and servers refuse keys: set the clock of the node"
        _LOG.warning("this machine's clock is not the API server's", extra={"seconds_ahead": round(apart), "why": why})

    def now(self) -> datetime | None:
        """Return the time, up to a second behind, or None where no answer named one."""
        if self._said is None:
            return None
        said, at = self._said
        return said + timedelta(seconds=self._clock() - at)
