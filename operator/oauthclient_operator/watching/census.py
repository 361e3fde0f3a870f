"""The cluster counted from what the watches know: resources by their Ready condition, records by their state."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from ..metrics import Census
from ..names import ConditionType, RecordState
from ..oauth.json_object import JSON
from ..record.summary import Summary
from ..resource.json_path import child, objects, text


def census(bodies: Iterable[Mapping[str, JSON]], records: Iterable[Summary], now: datetime) -> Census:
    """Count; suspected orphans are those that resources name, so each goes with its resource."""
    resources: Counter[tuple[str, str]] = Counter()
    orphans, expiries = 0, []
    for body in bodies:
        status = child(body, "status")
        ready = next((c for c in objects(status, "conditions") if text(c, "type") == ConditionType.READY), {})
        resources[text(ready, "status") or "Unknown", text(ready, "reason") or ""] += 1
        orphans += len(objects(status, "suspectedOrphans"))
        if (expiry := _time(text(child(status, "registration"), "secretExpiresAt"))) is not None:
            expiries.append((expiry - now).total_seconds())
    found = list(records)
    return Census(
        resources=resources,
        suspected_orphans=orphans,
        left_behind=sum(r.state == RecordState.LEFT_BEHIND for r in found),
        records_open=sum(r.open_call is not None for r in found),
        secret_expiry_seconds=min(expiries, default=None),
    )


def _time(written: str | None) -> datetime | None:
    """Read a time as this operator writes it (RFC 3339, UTC); what somebody else wrote there counts for nothing."""
    try:
        return datetime.strptime(written, "%Y-%m-%dT%H:%M:%S%z") if written else None
    except ValueError:
        return None
