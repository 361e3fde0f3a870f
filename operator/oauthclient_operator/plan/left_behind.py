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
from ..record.management import has_another_way
from ..record.record import Record, Release, ReleaseOutcome, may_live_on
from ..record.summary import LEFT_BEHIND_INTERVAL, Summary
from ..resource.desired import DeletionPolicy
from ..resource.oauth_client import OAuthClient
from ..verdict.deregistering import without_resource
from . import action as act
from . import pauses
from .action import (
    Abandon,
    Action,
    Amend,
    ConfirmRelease,
    DeleteRecord,
    Deregister,
    Gone,
    PassOn,
    ReadRecord,
    ReadResource,
    Rest,
    Retire,
    Wait,
)
from .deregistration import can_be_called_for, deregistration
from .observed import Missing, Observed, Problem, Unread
from .put_back import is_ahead
from .retaining import not_retained, plan_departure


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
    if record.released is None or observed.asked_after is not None:
        if isinstance(observed.resource, Unread):
            # Absence from a cache proves nothing.
            return ReadResource()
        if observed.resource is not None:
            # It lives: what is to be done is its own pass's concern.
            return Rest()
    if record.open is not None:
        over = pauses.given_up_at(record.open, observed)
        return Rest(until=over) if now < over else Abandon(record.open)
    if record.released is None and observed.asked_after is None:
        return _plan_unreleased(record)
    return _plan_released(observed, record, record.released, now)


def _rest(observed: Observed, summary: Summary, now: datetime) -> datetime | None:
    if observed.held is not None:
        return observed.held.until
    if observed.asked_after is not None:
        return None
    if observed.rests_until is not None and now < observed.rests_until:
        return observed.rests_until
    if summary.due is None or summary.state not in (RecordState.RELEASED, RecordState.LEFT_BEHIND):
        return None
    kept = observed.limits.keep_released if summary.state == RecordState.RELEASED else None
    due = summary.due if kept is None else summary.due + kept
    # What is tried once a day is not due later than in one, but by a clock that was ahead.
    return due if now < due and not is_ahead(due, now + LEFT_BEHIND_INTERVAL) else None


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
        if observed.asked_after is None:
            return _plan_retained(observed, record, now)
        # A person's word, whatever the resource's policy was.
        return Amend(deletion=DeletionPolicy.DELETE, secret=None)
    step = _plan_ends(observed, record, record.clients, now)
    if step is not None:
        return step
    if released is None:
        return act.Release(ReleaseOutcome.CONFIRMED)
    if not may_live_on(record):
        return ConfirmRelease()
    return Rest(until=now + LEFT_BEHIND_INTERVAL)


def _plan_retained(observed: Observed, record: Record, now: datetime) -> Action:
    """Return the next step for a record whose clients are retained, but for those that were to be ended anyway."""
    leaves = plan_departure(record, now)
    if isinstance(leaves, Retire):
        return leaves
    rest = Rest(until=min(now + LEFT_BEHIND_INTERVAL, leaves or now + LEFT_BEHIND_INTERVAL))
    return _plan_ends(observed, record, not_retained(record), now) or rest


def _plan_ends(
    observed: Observed, record: Record, clients: tuple[Client, ...], now: datetime
) -> PassOn | Deregister | Rest | None:
    """Return the next step to end those clients, or None where nothing is due."""
    held_back = []
    for client in clients:
        if client.alive and client.key in observed.newer_elsewhere:
            return PassOn(client.key)
    for client in clients:
        if client.alive and _waits_for_issuer(observed, client, now):
            # It may be about to say Access, and who tries tomorrow may be gone by then.
            held_back.append(now + observed.limits.retry_slowly)
            continue
        if client.alive and can_be_called_for(observed, client) and _is_due(observed, record, client, now):
            held, elsewhere = observed.held_at(client.issuer), observed.ended_elsewhere.get(client.key, now)
            if held is None and now >= elsewhere:
                step = deregistration(observed, record, client, now)
                if isinstance(step, Deregister):
                    return step
                # No access token is to be had, and the client has none of its own: tomorrow.
                elsewhere = now + LEFT_BEHIND_INTERVAL
            later = (held.until or now + LEFT_BEHIND_INTERVAL) if held is not None else elsewhere
            held_back.append(max(later, elsewhere))
    return Rest(until=min(held_back)) if held_back else None


def _waits_for_issuer(observed: Observed, client: Client, now: datetime) -> bool:
    """Whether a client's issuer was not looked at yet: soon after a process begins its own token waits, too."""
    if observed.asked_after is not None or not client.may_be_ended_by_access:
        return False
    begins = now < observed.began_at + observed.limits.retry_slowly
    return client.admitted_by in observed.unseen and (begins or not can_be_called_for(observed, client))


def _is_held(resource: OAuthClient | None) -> bool:
    return resource is not None and names.FINALIZER in resource.finalizers


def _is_due(observed: Observed, record: Record, client: Client, now: datetime) -> bool:
    last = record.last(CallKind.DEREGISTER, client.key)
    if last is None:
        return True
    if observed.asked_after is None:
        return now >= last.at + LEFT_BEHIND_INTERVAL
    # Who asked waits for the outcome: the other way is taken at once, too.
    return last.number <= observed.asked_after or (last.rejected and has_another_way(client, last.call, last.said))
