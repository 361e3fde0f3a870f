"""Whose turn it is to replace a client that an issuer seems not to know: one at a time, and faster with each success.

A gateway that answers 401 for a minute must not have five hundred clients registered anew. What is known here is known
to this process alone, so it begins with one full pause; and once more where its clock is put back.

There is a pace for each tenant of an issuer and one for all of them, and a replacement waits for both. What fails may
be a tenant's own doing, a Secret that takes nothing or metadata that the server refuses: it slows that tenant down at
once, and all of them only when several tenants have failed in a row. Nor does one that never ends hold up the others
for long.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from ..reach import IssuerAddress
from ..record.clients import CLOCKS_DIFFER
from ..resource.key import Key

FIRST_PAUSE: Final = timedelta(minutes=10)
SHORTEST_PAUSE: Final = timedelta(seconds=1)
HELD_BEFORE_OTHERS: Final = timedelta(minutes=1)
"""For so long other tenants wait for a replacement that has not ended; its own tenant waits for `FIRST_PAUSE`."""
TENANTS_TO_SLOW_ALL: Final = 3
_FORGOTTEN_AFTER: Final = timedelta(hours=6)
_PACES: Final = 4096
"""Tenants choose issuers: of more than these the ones longest untouched begin anew."""

_Name = TypeVar("_Name", bound=Hashable)


@dataclass(slots=True)
class _Pace:
    held_for: timedelta
    tenants_to_slow: int
    not_before: datetime
    touched_at: datetime
    pause: timedelta = FIRST_PAUSE
    whose: Key | None = None
    failed: frozenset[str] = frozenset()
    """Tenants whose replacements failed since the last that did not."""

    def waits(self, key: Key, now: datetime) -> datetime | None:
        if self.whose == key:
            return None
        until = self.not_before if self.whose is None else self.touched_at + self.held_for
        return until if now < until else None

    def begun(self, key: Key, now: datetime) -> None:
        if self.whose is not None and self.whose != key:
            # It never ended.
            self._failed(self.whose, now)
        self.whose, self.touched_at = key, now

    def ended(self, key: Key, now: datetime, *, promoted: bool) -> None:
        if self.whose != key:
            return
        self.whose, self.touched_at = None, now
        if promoted:
            self.pause, self.failed = max(self.pause / 2, SHORTEST_PAUSE), frozenset()
            self.not_before = now + self.pause
        else:
            self._failed(key, now)

    def _failed(self, key: Key, now: datetime) -> None:
        self.failed |= {key.namespace}
        if len(self.failed) >= self.tenants_to_slow:
            self.pause = FIRST_PAUSE
            self.not_before = now + self.pause


class Fleet:
    """The paces of replacements at each issuer whose word is mistrusted."""

    def __init__(self, now: datetime) -> None:
        self.began_at = now
        self._newest = now
        self._of_tenants: dict[tuple[IssuerAddress, str], _Pace] = {}
        self._of_all: dict[IssuerAddress, _Pace] = {}

    def began(self, now: datetime) -> datetime:
        """Return when this process began to act, or when its clock was put back last: then it begins anew."""
        if now < self._newest - CLOCKS_DIFFER:
            self.began_at = self._newest = now
            self._of_tenants.clear()
            self._of_all.clear()
        self._newest = max(self._newest, now)
        return self.began_at

    def not_before(self, issuer: IssuerAddress, key: Key, now: datetime) -> datetime | None:
        """Return until when a key has to wait for its turn, or None where it has it."""
        if now < (first := self.began_at + FIRST_PAUSE):
            return first
        own = self._of_tenants.get((issuer, key.namespace))
        if own is not None and own.whose == key:
            return None
        return max((until for pace in self._paces(issuer, key) if (until := pace.waits(key, now))), default=None)

    def begun(self, issuer: IssuerAddress, key: Key, now: datetime) -> None:
        """Take the turn."""
        _tidy(self._of_tenants, now)
        _tidy(self._of_all, now)
        own, of_all = _Pace(FIRST_PAUSE, 1, now, now), _Pace(HELD_BEFORE_OTHERS, TENANTS_TO_SLOW_ALL, now, now)
        self._of_tenants.setdefault((issuer, key.namespace), own).begun(key, now)
        self._of_all.setdefault(issuer, of_all).begun(key, now)

    def ended(self, issuer: IssuerAddress, key: Key, now: datetime, *, promoted: bool) -> None:
        """Give the turn back: after a success the next comes twice as soon, after anything else at the first pace."""
        for pace in self._paces(issuer, key):
            pace.ended(key, now, promoted=promoted)

    def _paces(self, issuer: IssuerAddress, key: Key) -> Iterator[_Pace]:
        for pace in (self._of_tenants.get((issuer, key.namespace)), self._of_all.get(issuer)):
            if pace is not None:
                yield pace


def _tidy(paces: dict[_Name, _Pace], now: datetime) -> None:
    stale = [name for name, pace in paces.items() if now > pace.touched_at + _FORGOTTEN_AFTER]
    by_age = sorted(paces, key=lambda name: paces[name].touched_at)
    for name in {*stale, *by_age[: max(0, len(by_age) - _PACES + 1)]}:
        del paces[name]
