"""A time as RFC 7591 section 3.2.1 has it, in seconds since 1970, and as servers write it that have it otherwise."""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from .json_object import JSON
from .rfc9110 import date

_LAST_INSTANT: Final = 253_370_764_800
"""The year 9999; what ends later does not end."""
_FROM, _TO = 946_684_800, 7_258_118_400
"""From 2000 to 2200: a number of another unit that tells of such a time would be farther away as one of seconds."""
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,19}(?:\.[0-9]{0,19})?(?:[eE][+]?[0-9]{1,2})?")
_LONGEST: Final = 64
"""Characters of a date."""


class Form(StrEnum):
    """How a time is written that is not written as the RFC says; the words for it."""

    MILLISECONDS = "counts milliseconds"
    MICROSECONDS = "counts microseconds"
    NANOSECONDS = "counts nanoseconds"
    DATE = "is a date"
    LONG_AGO = "is a time before 2000, as if it were a lifetime"
    UNREADABLE = "is no time"


_UNITS: Final = ((Form.MILLISECONDS, 10**3), (Form.MICROSECONDS, 10**6), (Form.NANOSECONDS, 10**9))


@dataclass(frozen=True, slots=True)
class NumericDate:
    """A time in seconds since 1970, 0 for never; and how it is written, where that is otherwise than the RFC says."""

    seconds: int
    form: Form | None = None

    @classmethod
    def read(cls, written: JSON) -> "NumericDate":
        """Read a time; what is no time, and says so, is never, like what is missing, null, empty or not above 0."""
        if written is None or written is False or written in ("", 0):
            return cls(0)
        if isinstance(written, str):
            return _of_text(written.strip())
        if isinstance(written, int | float) and written is not True and math.isfinite(written):
            return _of_number(int(written))
        return cls(0, Form.UNREADABLE)


def _of_text(written: str) -> NumericDate:
    if _NUMBER.fullmatch(written):
        # Some servers write numbers as strings; what is whole stays exact.
        return _of_number(int(written) if written.lstrip("+-").isdigit() else int(float(written)))
    at = _date(written) if len(written) <= _LONGEST else None
    if at is None:
        return NumericDate(0, Form.UNREADABLE if written else None)
    found = _of_number(int((at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()))
    return NumericDate(found.seconds, Form.DATE if found.seconds else None)


def _date(written: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return date(written)
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _of_number(value: int) -> NumericDate:
    if value <= 0:
        # -1 is never, and so is the year 1, with which some platforms' dates begin.
        return NumericDate(0)
    for form, unit in _UNITS:
        if _FROM * unit <= value < _TO * unit:
            return NumericDate(value // unit, form)
    if value >= _LAST_INSTANT:
        return NumericDate(0)
    return NumericDate(value, Form.LONG_AGO if value < _FROM else None)
