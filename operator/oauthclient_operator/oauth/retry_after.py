"""The Retry-After header (RFC 9110 section 10.2.3), as seconds."""

from collections.abc import Mapping
from typing import Final

from .rfc9110 import date

LIMIT: Final = 3600.0
"""A server can ask us to wait for an hour at most: a tenant's issuer must not park a resource for ever."""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return for how many seconds the server asks us to wait, or None if it does not say so.

    A date is measured against the response's own Date header: the two clocks need not agree.
    """
    written = headers.get("retry-after", "").strip()
    if written.isascii() and written.isdigit():
        # Longer numbers than the limit's own are over it, however long.
        return LIMIT if len(written) > 9 else min(float(written), LIMIT)
    until, now = date(written), date(headers.get("date", ""))
    if until is None or now is None:
        return None
    return min(max((until - now).total_seconds(), 0.0), LIMIT)
