"""The OAuthClients of one namespace counted, or of all: by their Ready condition, by dates, by what they still have."""

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from ..cluster.metadata import Key
from ..metrics import ResourceCensus
from ..names import ConditionType, Reason
from ..oauth.json_object import JSON
from ..resource.json_path import child, objects, text

_READY: Final = frozenset({"True", "False", "Unknown"})
_REASONS: Final = frozenset(reason.value for reason in Reason)


class Standing(NamedTuple):
    """What is counted of a resource's status; thousands share one."""

    ready: str
    reason: str
    registered: bool
    suspects: int
    leaving: int
    renewal_failed: bool


class _Dates:
    """At most one date for each resource, in order."""

    def __init__(self) -> None:
        self._of: dict[Key, float] = {}
        self._in_order: list[float] = []

    def put(self, key: Key, at: float | None) -> None:
        """Let a resource have that date, or none."""
        if (before := self._of.pop(key, None)) is not None:
            del self._in_order[bisect_left(self._in_order, before)]
        if at is not None:
            self._of[key] = at
            insort(self._in_order, at)

    def passed(self, now: float) -> tuple[int, float | None]:
        """Return how many have passed, and which comes next."""
        count = bisect_right(self._in_order, now)
        return count, self._in_order[count] if count < len(self._in_order) else None


class ResourceCounts:
    """The sums over some OAuthClients."""

    def __init__(self) -> None:
        self._standings: dict[Key, Standing] = {}
        self._count: Counter[Standing] = Counter()
        self._expiries = _Dates()
        self._renewals = _Dates()

    def __bool__(self) -> bool:
        """Tell whether any is counted."""
        return bool(self._standings)

    def put(self, key: Key, standing: Standing, status: Mapping[str, JSON]) -> None:
        """Count a resource as it is now, and no more as it was."""
        self.remove(key)
        self._standings[key] = standing
        self._count[standing] += 1
        self._expiries.put(key, _time(text(child(status, "registration"), "secretExpiresAt")))
        # One that failed is counted as that, whenever it is due.
        due = None if standing.renewal_failed else _time(text(child(status, "rotation"), "renewAt"))
        self._renewals.put(key, due)

    def remove(self, key: Key) -> None:
        """Count a resource no more."""
        if (before := self._standings.pop(key, None)) is not None:
            self._count[before] -= 1
        self._expiries.put(key, None)
        self._renewals.put(key, None)

    def census(self, now: float) -> ResourceCensus:
        """Return the sums at a time in seconds since 1970; suspects are those that resources name."""
        resources: Counter[tuple[str, str]] = Counter()
        suspects: Counter[bool] = Counter()
        leaving, failed = 0, 0
        for standing, count in self._count.items():
            if count:
                resources[standing.ready, standing.reason] += count
                suspects[standing.registered] += count * standing.suspects
                leaving += count * standing.leaving
                failed += count * standing.renewal_failed
        expired, expires_next = self._expiries.passed(now)
        overdue, _ = self._renewals.passed(now)
        return ResourceCensus(
            resources=resources,
            suspects_unregistered=suspects[False],
            suspects_registered=suspects[True],
            expired=expired,
            secret_expiry_seconds=None if expires_next is None else expires_next - now,
            leaving=leaving,
            renewal_overdue=failed + overdue,
        )


def standing_of(status: Mapping[str, JSON]) -> Standing:
    """Return what is counted of a status."""
    conditions = objects(status, "conditions")
    ready = next((c for c in conditions if text(c, "type") == ConditionType.READY), {})
    value, reason = text(ready, "status"), text(ready, "reason") or ""
    # Whoever may write a status could make a time series with each word.
    return Standing(
        ready=value if value in _READY else "Unknown",
        reason=reason if reason in _REASONS or not reason else "Other",
        registered=text(status, "clientID") is not None,
        suspects=len(objects(status, "suspectedOrphans")),
        leaving=len(objects(child(status, "rotation"), "leaving")),
        renewal_failed=any(
            text(c, "type") == ConditionType.RENEWING and text(c, "status") == "False" for c in conditions
        ),
    )


def _time(written: str | None) -> float | None:
    """Read a time with its zone, as seconds since 1970; anything else that somebody wrote there counts for nothing."""
    try:
        found = datetime.fromisoformat(written) if written else None
    except ValueError:
        return None
    return found.timestamp() if found is not None and found.tzinfo is not None else None
