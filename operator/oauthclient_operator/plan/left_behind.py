"""The ladder of a record whose resource is gone: kept while somebody may need it, its clients tried once a day.

A record whose resource vanished without passing our finalizer is reported, and nothing of it is called for: whoever
forced the resource away, or restored the cluster's storage, did not say that its client may go. A person may, and then
the clients of any such record are deregistered.
"""

from datetime import datetime

from .. import names
from ..names import RecordState
from ..record.calls import CallKind
from ..record.clients import Client
from ..record.envelope import Stored
from ..record.record import Record, Release, ReleaseOutcome, may_live_on
from ..record.summary import LEFT_BEHIND_INTERVAL, Summary
from ..resource.desired import DeletionPolicy
from ..resource.oauth_client import OAuthClient
from ..verdict import without_resource
from . import action as act
from .action import (
    Abandon,
    Action,
    Amend,
    ConfirmRelease,
    DeleteRecord,
    Deregister,
    Gone,
    ReadRecord,
    ReadResource,
    Rest,
    Wait,
)
from .deregistration import can_be_called_for
from .observed import Missing, Observed, Problem, Unread


def plan_left_behind(observed: Observed, now: datetime) -> Action:
    """Return the next step for a record of which no resource is known."""
    if observed.summary is None:
        return Gone()
    rest = _rest(observed, observed.summary, now)
    if rest is not None:
        # Its metadata say that nothing is to be done yet.
        return Rest(until=rest)
    match observed.record:
        case Unread():
            return ReadRecord()
        case Missing():
            return Gone()
        case Problem(verdict=verdict):
            # Of a newer schema, or no record: it is not touched.
            return Wait(verdict=verdict, until=now + LEFT_BEHIND_INTERVAL)
        case Stored(record=record):
            pass
    if record.released is None or observed.asked_at is not None:
        if isinstance(observed.resource, Unread):
            # Absence from a cache proves nothing.
            return ReadResource()
        if observed.resource is not None:
            # It lives: what is to be done is its own pass's concern.
            return Rest()
    if record.open is not None:
        over = record.open.deadline + observed.limits.margin
        return Rest(until=over) if now < over else Abandon(record.open)
    if record.released is None and observed.asked_at is None:
        return _plan_unreleased(record)
    return _plan_released(observed, record, record.released, now)


def _rest(observed: Observed, summary: Summary, now: datetime) -> datetime | None:
    if observed.held is not None:
        return observed.held.until
    if observed.asked_at is not None:
        return None
    if observed.rests_until is not None and now < observed.rests_until:
        return observed.rests_until
    if summary.due is None or summary.state not in (RecordState.RELEASED, RecordState.LEFT_BEHIND):
        return None
    kept = observed.limits.keep_released if summary.state == RecordState.RELEASED else None
    due = summary.due if kept is None else summary.due + kept
    return due if now < due else None


def _plan_unreleased(record: Record) -> Action:
    if not may_live_on(record):
        # A process slept while its resource went: there is nothing that anybody could want back.
        return act.Release(ReleaseOutcome.CONFIRMED)
    return Wait(verdict=without_resource())


def _plan_released(observed: Observed, record: Record, released: Release | None, now: datetime) -> Action:
    if released is not None and released.outcome is ReleaseOutcome.CONFIRMED and not may_live_on(record):
        # Judged anew on what was read: a late answer may have brought a client that the summary did not know of.
        kept_until = released.at + observed.limits.keep_released
        if now < kept_until:
            return Rest(until=kept_until)
        if isinstance(observed.resource, Unread):
            return ReadResource()
        # While its finalizer is there the record is what lets the resource go.
        return Rest(until=now + LEFT_BEHIND_INTERVAL) if _is_held(observed.resource) else DeleteRecord()
    if record.deletion == DeletionPolicy.RETAIN:
        if observed.asked_at is None:
            return Rest(until=now + LEFT_BEHIND_INTERVAL)
        # A person's word, whatever the resource's policy was.
        return Amend(deletion=DeletionPolicy.DELETE, secret=None)
    for client in record.clients:
        if client.alive and can_be_called_for(observed, client) and _is_due(observed, record, client, now):
            return Deregister(client)
    if released is None:
        return act.Release(ReleaseOutcome.CONFIRMED)
    if not may_live_on(record):
        return ConfirmRelease()
    return Rest(until=now + LEFT_BEHIND_INTERVAL)


def _is_held(resource: OAuthClient | None) -> bool:
    return resource is not None and names.FINALIZER in resource.finalizers


def _is_due(observed: Observed, record: Record, client: Client, now: datetime) -> bool:
    last = record.last(CallKind.DEREGISTER, client.key)
    if last is None:
        return True
    return last.at < observed.asked_at if observed.asked_at is not None else now >= last.at + LEFT_BEHIND_INTERVAL
