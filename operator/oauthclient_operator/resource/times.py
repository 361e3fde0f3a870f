"""Times as resources and records have them (RFC 3339), read so that they can be compared, moved and written again."""

from datetime import UTC, datetime, tzinfo
from typing import Final

_YEARS: Final = range(1970, 9999)
"""In which a day can be added to any moment, and each is written with four digits."""


def moment(written: str | None, *, zone: tzinfo | None = None) -> datetime | None:
    """Return a time in UTC, or None where there is none that can be reckoned with.

    `zone` is what is meant where none is written; without it such a time is none.
    """
    try:
        found = datetime.fromisoformat(written) if written else None
        if found is None or (found.tzinfo or zone) is None:
            return None
        found = (found if found.tzinfo is not None else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if found.year in _YEARS else None
