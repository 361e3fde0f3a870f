"""The cluster counted from what the watches know: resources by their Ready condition, records by their state.

Each change is counted when it comes, so that whoever asks walks over nothing: ten thousand resources would be half a
second in which nobody else gets a turn, and anybody may ask.
"""

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from enum import Enum, auto
from typing import Final, NamedTuple

from .. import names
from ..cluster.metadata import Key, Metadata
from ..metrics import Census
from ..names import ConditionType, Reason, RecordState
from ..oauth.json_object import JSON
from ..record.holds import Word
from ..record.summary import Summary, summary
from ..resource.json_path import child, objects, text

_READY: Final = frozenset({"True", "False", "Unknown"})
_REASONS: Final = frozenset(reason.value for reason in Reason)


class _Standing(NamedTuple):
    """What is counted of a resource; thousands share one."""

    ready: str
    reason: str
    registered: bool
    suspects: int
    leaving: int
    renewal_failed: bool


class _Counted(Enum):
    """What a record may be counted as."""

    OPEN = auto()
    LEFT_BEHIND = auto()
    RETAINED = auto()
    WITHOUT_RESOURCE = auto()


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


class Tally:
    """What is counted of each resource and record, and the sums; `namespaces` are those that are watched, none: all."""

    def __init__(self, namespaces: Collection[str] = ()) -> None:
        self._watched = tuple(names.NAMESPACE_LABEL_PREFIX + namespace for namespace in namespaces)
        self._standings: dict[Key, _Standing] = {}
        self._shared: dict[_Standing, _Standing] = {}
        self._standing_count: Counter[_Standing] = Counter()
        self._expiries = _Dates()
        self._renewals = _Dates()
        self._records: dict[str, frozenset[_Counted]] = {}
        self._record_count: Counter[_Counted] = Counter()

    def resource(self, key: Key, body: Mapping[str, JSON] | None) -> None:
        """Count a resource as it is now, or no more."""
        if (before := self._standings.pop(key, None)) is not None:
            self._standing_count[before] -= 1
        self._expiries.put(key, None)
        self._renewals.put(key, None)
        if body is None:
            return
        status = child(body, "status")
        standing = _standing(status)
        self._standings[key] = standing = self._shared.setdefault(standing, standing)
        self._standing_count[standing] += 1
        self._expiries.put(key, _time(text(child(status, "registration"), "secretExpiresAt")))
        # One that failed is counted as that, whenever it is due.
        due = None if standing.renewal_failed else _time(text(child(status, "rotation"), "renewAt"))
        self._renewals.put(key, due)

    def record(self, uid: str, metadata: Metadata | None, *, has_resource: bool) -> None:
        """Count a record as it is now, or no more; `uid` is its resource's."""
        if metadata is None:
            self._count(uid, frozenset())
            return
        # Where nobody watches, a resource that is not known may well be there.
        labels = child(metadata, "labels")
        unseen = bool(self._watched) and not any(label in labels for label in self._watched)
        self._count(uid, _counted(summary(metadata), has_resource=has_resource or unseen))

    def has_resource(self, uid: str) -> None:
        """Take note that the resource of a record was found."""
        if uid in self._records:
            self._count(uid, self._records[uid] - {_Counted.WITHOUT_RESOURCE})

    def census(self, now: datetime) -> Census:
        """Return the sums; suspects are those that resources name, so each goes with its resource."""
        resources: Counter[tuple[str, str]] = Counter()
        suspects: Counter[bool] = Counter()
        leaving, failed = 0, 0
        for standing, count in self._standing_count.items():
            if count:
                resources[standing.ready, standing.reason] += count
                suspects[standing.registered] += count * standing.suspects
                leaving += count * standing.leaving
                failed += count * standing.renewal_failed
        expired, expires_next = self._expiries.passed(now.timestamp())
        overdue, _ = self._renewals.passed(now.timestamp())
        return Census(
            resources=resources,
            suspects_unregistered=suspects[False],
            suspects_registered=suspects[True],
            left_behind=self._record_count[_Counted.LEFT_BEHIND],
            retained=self._record_count[_Counted.RETAINED],
            without_resource=self._record_count[_Counted.WITHOUT_RESOURCE],
            records_open=self._record_count[_Counted.OPEN],
            expired=expired,
            secret_expiry_seconds=None if expires_next is None else expires_next - now.timestamp(),
            leaving=leaving,
            renewal_overdue=failed + overdue,
        )

    def _count(self, uid: str, counted: frozenset[_Counted]) -> None:
        self._record_count.subtract(self._records.pop(uid, frozenset()))
        self._record_count.update(counted)
        # At rest a record is counted as nothing, and there are as many as resources.
        if counted:
            self._records[uid] = counted


def _standing(status: Mapping[str, JSON]) -> _Standing:
    conditions = objects(status, "conditions")
    ready = next((c for c in conditions if text(c, "type") == ConditionType.READY), {})
    value, reason = text(ready, "status"), text(ready, "reason") or ""
    # Whoever may write a status could make a time series with each word.
    return _Standing(
        ready=value if value in _READY else "Unknown",
        reason=reason if reason in _REASONS or not reason else "Other",
        registered=text(status, "clientID") is not None,
        suspects=len(objects(status, "suspectedOrphans")),
        leaving=len(objects(child(status, "rotation"), "leaving")),
        renewal_failed=any(
            text(c, "type") == ConditionType.RENEWING and text(c, "status") == "False" for c in conditions
        ),
    )


def _counted(record: Summary, *, has_resource: bool) -> frozenset[_Counted]:
    found = set()
    if record.open_call is not None:
        found.add(_Counted.OPEN)
    if record.state == RecordState.LEFT_BEHIND:
        # Of a record without a client that has a name nobody knows whether it was meant to stay.
        retained = set(record.client_labels.values()) == {Word.HELD}
        found.add(_Counted.RETAINED if retained else _Counted.LEFT_BEHIND)
    elif record.state != RecordState.RELEASED and not has_resource:
        found.add(_Counted.WITHOUT_RESOURCE)
    return frozenset(found)


def _time(written: str | None) -> float | None:
    """Read a time with its zone, as seconds since 1970; anything else that somebody wrote there counts for nothing."""
    try:
        found = datetime.fromisoformat(written) if written else None
    except ValueError:
        return None
    return found.timestamp() if found is not None and found.tzinfo is not None else None
