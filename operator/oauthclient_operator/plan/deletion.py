"""The ladder of a resource that is being deleted: deregister what can be, report the rest, then let it go."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from .. import names
from ..names import RecordState
from ..record.calls import CallKind
from ..record.clients import Client, Ending
from ..record.envelope import Stored
from ..record.record import Record, ReleaseOutcome, may_live_on
from ..resource.desired import DeletionPolicy, Desired
from ..resource.oauth_client import OAuthClient
from ..resource.status import shown_client_id
from ..verdict.deregistering import deregistering, left_behind, let_go, taken_off
from ..verdict.publishing import finalizer_not_kept
from ..verdict.records import paused
from . import pauses
from .action import (
    Abandon,
    Action,
    Amend,
    BeginEnd,
    Gone,
    PassOn,
    ReadRecord,
    ReadResource,
    RecordLoss,
    Release,
    RemoveFinalizer,
    Wait,
)
from .deregistration import is_locked_out, is_tried, plan_awaited, plan_deregistration
from .observed import Missing, Observed, Problem, Unread
from .retaining import plan_retained

_OF_THE_COLLECTOR: Final = frozenset({"foregroundDeletion", "orphan"})
"""What `kubectl delete --cascade` puts there, and Argo CD; it goes in a moment, and a status could come too late."""


def plan_deletion(observed: Observed, resource: OAuthClient, desired: Desired, now: datetime) -> Action:
    """Return the next step towards letting a resource go."""
    if names.FINALIZER not in resource.finalizers:
        others = {*resource.finalizers} - _OF_THE_COLLECTOR
        # What its status said before is over, and others may hold it for long.
        words = let_go if is_let_go(observed, resource) else taken_off
        return Wait(verdict=words(others)) if others else Gone()
    if resource.paused:
        return Wait(verdict=paused("the deletion of this resource waits, and its client lives on"))
    if not observed.live:
        # What follows destroys something: the resource is read live and its UID compared.
        return ReadResource()
    match observed.record:
        case Unread():
            # Absence from a cache proves nothing.
            return ReadRecord()
        case Problem() as problem:
            return pauses.standing(problem, observed, now)
        case Missing() if resource.status.client_ids or resource.status.suspected_orphans:
            # It can only be reported: what the status knows of it is written down, then the resource goes.
            return RecordLoss()
        case Missing():
            return _plan_removal(observed, now)
        case Stored(record=record):
            return _plan_recorded(observed, resource, desired, record, now)


def is_let_go(observed: Observed, resource: OAuthClient) -> bool:
    """Whether a resource is being deleted, and the operator is done with it: by its record, if there is one."""
    if not resource.deleting or names.FINALIZER in resource.finalizers:
        return False
    if isinstance(observed.record, Stored):
        return observed.record.record.released is not None
    return observed.summary is None or observed.summary.state in (RecordState.RELEASED, RecordState.LEFT_BEHIND)


def is_unnamed(record: Record, resource: OAuthClient) -> bool:
    """Whether the status names a client that the record, made anew or restored from a backup, does not know."""
    said, edition = resource.status.client_id, resource.status.edition or 0
    older = record.published is None or edition > record.edition
    return older and said is not None and not any(is_said(c, resource) for c in record.clients)


def is_said(client: Client, resource: OAuthClient) -> bool:
    """Whether it is the client that the status names."""
    client_id = client.information.client_id
    return resource.status.client_id in (client_id, shown_client_id(client_id))


def _plan_recorded(
    observed: Observed, resource: OAuthClient, desired: Desired, record: Record, now: datetime
) -> Action:
    if record.released is not None:
        return _plan_removal(observed, now)
    if record.open is not None:
        over = pauses.given_up_at(record.open, observed)
        return Wait(verdict=deregistering(), until=over) if now < over else Abandon(record.open)
    if record.deletion != desired.deletion:
        return Amend(deletion=desired.deletion, secret=None)
    if is_unnamed(record, resource):
        # A record that was made anew does not know the client that is published: that one is left behind.
        return RecordLoss()
    if desired.deletion is DeletionPolicy.RETAIN:
        return plan_retained(observed, record, now)
    return _plan_ends(observed, record, now)


def _plan_ends(observed: Observed, record: Record, now: datetime) -> Action:
    """Return the next step towards the end of all clients, or the release where no call can help any more."""
    # They take turns: one that its server does not end must not keep the others from being asked for in time.
    alive = sorted((c for c in record.clients if c.alive), key=lambda c: _asked_last(record, c))
    over = _over_at(observed, record)
    waits: list[Wait] = []
    for client in alive:
        if client.key in observed.newer_elsewhere:
            return PassOn(client.key)
        if over is not None and now >= over and is_tried(record, client, observed.limits):
            continue
        step = plan_deregistration(observed, record, client, now) or plan_awaited(observed, record, client, now)
        if isinstance(step, Wait) and client.wanted and is_locked_out(observed, client):
            # Who lets nobody in for good keeps the resource no longer than a server that does not answer.
            return BeginEnd(client.key)
        if isinstance(step, Wait):
            sooner = min((at for at in (step.until, over) if at is not None and at > now), default=step.until)
            waits.append(replace(step, until=sooner))
        elif step is not None:
            return step
    if waits:
        return min(waits, key=lambda w: w.until or now)
    if may_live_on(record):
        # No call can help any more; the record stays as left behind.
        clients = tuple(c.information.client_id for c in alive)
        return Release(ReleaseOutcome.UNCONFIRMED, left_behind(clients, len(record.suspects), record.untold))
    return Release(ReleaseOutcome.CONFIRMED)


def _asked_last(record: Record, client: Client) -> int:
    last = record.last(CallKind.DEREGISTER, client.key)
    return 0 if last is None else last.number


def _over_at(observed: Observed, record: Record) -> datetime | None:
    """Return until when the ends of all clients are waited for, once the first that was in use is asked for."""
    clients = (record.client(pair.client) for pair in record.pairs)
    begun = (c.end.since for c in clients if c is not None and isinstance(c.end, Ending))
    first = min(begun, default=None)
    return None if first is None else first + observed.limits.release_after


def _plan_removal(observed: Observed, now: datetime) -> RemoveFinalizer | Wait:
    if observed.finalizer is not None:
        # It was taken off in this pass, and is there again.
        return pauses.fresh(observed.finalizer, observed, now)
    if observed.held is not None and observed.held.verdict == finalizer_not_kept(there=False):
        return pauses.held(observed.held)
    return RemoveFinalizer()
