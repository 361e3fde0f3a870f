"""When a pair that was published is needed no longer."""

from datetime import datetime, timedelta

from .pairs import expiry
from .record import Record
from .replacements import Leaving


def leaves_at(record: Record, leaving: Leaving, overlap: timedelta) -> datetime | None:
    """Return when a pair is needed no longer, or None while the one after it was not seen in the Secret.

    An overlap that is made shorter is one for those that leave later.
    """
    if leaving.shown_at is None or leaving.until is None:
        return None
    client = record.client(leaving.pair.client)
    expires_at = expiry(client) if client is not None else None
    over = max(leaving.until, leaving.shown_at + overlap)
    return over if expires_at is None else max(leaving.shown_at, min(over, expires_at))
