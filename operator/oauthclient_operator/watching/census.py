"""The cluster counted from what the watches know: resources by their Ready condition, records by their state.

Each change is counted when it comes, so that whoever asks walks over nothing: ten thousand resources would be half a
second in which nobody else gets a turn, and anybody may ask.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from enum import Enum, auto

from .. import names
from ..cluster.metadata import Key, Metadata
from ..metrics import Census
from ..names import RecordState
from ..oauth.json_object import JSON
from ..record.holds import Word
from ..record.summary import Summary, summary
from ..resource.json_path import child
from .resource_counts import ResourceCounts, Standing, standing_of


class _Counted(Enum):
    """What a record may be counted as."""

    OPEN = auto()
    LEFT_BEHIND = auto()
    RETAINED = auto()
    WITHOUT_RESOURCE = auto()


class Tally:
    """What is counted of each resource and record, and the sums.

    `namespaces` are those that are watched, none: all. `by_namespace` is whether the resources of each namespace are
    counted by themselves, too.
    """

    def __init__(self, namespaces: Collection[str] = (), *, by_namespace: bool = False) -> None:
        self._watched = tuple(names.NAMESPACE_LABEL_PREFIX + namespace for namespace in namespaces)
        self._all = ResourceCounts()
        self._by_namespace = by_namespace
        self._of_namespace: dict[str, ResourceCounts] = {}
        self._shared: dict[Standing, Standing] = {}
        self._records: dict[str, frozenset[_Counted]] = {}
        self._record_count: Counter[_Counted] = Counter()

    def resource(self, key: Key, body: Mapping[str, JSON] | None) -> None:
        """Count a resource as it is now, or no more."""
        namespace, _ = key
        counted = [self._all]
        if self._by_namespace:
            counted.append(self._of_namespace.setdefault(namespace, ResourceCounts()))
        if body is not None:
            status = child(body, "status")
            standing = standing_of(status)
            standing = self._shared.setdefault(standing, standing)
            for counts in counted:
                counts.put(key, standing, status)
            return
        for counts in counted:
            counts.remove(key)
        if self._by_namespace and not self._of_namespace[namespace]:
            # A namespace that has none has no time series, either.
            del self._of_namespace[namespace]

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
        seconds = now.timestamp()
        found = self._all.census(seconds)
        return Census(
            resources=found.resources,
            suspects_unregistered=found.suspects_unregistered,
            suspects_registered=found.suspects_registered,
            expired=found.expired,
            leaving=found.leaving,
            renewal_overdue=found.renewal_overdue,
            secret_expiry_seconds=found.secret_expiry_seconds,
            namespaces={namespace: counts.census(seconds) for namespace, counts in self._of_namespace.items()},
            left_behind=self._record_count[_Counted.LEFT_BEHIND],
            retained=self._record_count[_Counted.RETAINED],
            without_resource=self._record_count[_Counted.WITHOUT_RESOURCE],
            records_open=self._record_count[_Counted.OPEN],
        )

    def _count(self, uid: str, counted: frozenset[_Counted]) -> None:
        self._record_count.subtract(self._records.pop(uid, frozenset()))
        self._record_count.update(counted)
        # At rest a record is counted as nothing, and there are as many as resources.
        if counted:
            self._records[uid] = counted


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
