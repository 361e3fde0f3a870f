"""What the time is by the API server's clock, from the `Date` of its newest answer (RFC 9110 section 6.6.1)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from .elapsed import elapsed


class ServerClock:
    """Reckons on from the newest answer, on a clock that runs during suspend."""

    def __init__(self, clock: Callable[[], float] = elapsed) -> None:
        self._clock = clock
        self._said: tuple[datetime, float] | None = None
        self._header: str | None = None

    def heard(self, date: str | None) -> None:
        """Take the header of an answer; what is no date changes nothing."""
        if date == self._header:
            return  # Most answers of a second: reckoned from the first of them, it is the least behind.
        try:
            said = parsedate_to_datetime(date or "")
        except (ValueError, TypeError, OverflowError):
            return
        self._header = date
        self._said = (said if said.tzinfo is not None else said.replace(tzinfo=UTC), self._clock())

    def now(self) -> datetime | None:
        """Return the time, up to a second behind, or None where no answer named one."""
        if self._said is None:
            return None
        said, at = self._said
        return said + timedelta(seconds=self._clock() - at)
