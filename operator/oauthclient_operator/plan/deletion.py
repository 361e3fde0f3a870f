"""The ladder of a resource that is being deleted: deregister what can be, report the rest, then let it go."""

from datetime import datetime

from .. import names
from ..record.calls import CallKind
from ..record.clients import Client, Ending
from ..record.envelope import Stored
from ..record.record import Record, ReleaseOutcome
from ..resource.desired import DeletionPolicy, Desired
from ..resource.oauth_client import OAuthClient
from ..verdict import deletion_unconfirmed, deregistering, left_behind
from . import pauses
from .action import (
    Abandon,
    Action,
    Amend,
    Deregister,
    Gone,
    ReadRecord,
    ReadResource,
    RecordLoss,
    Release,
    RemoveFinalizer,
    Wait,
)
from .deregistration import can_be_called_for, is_given_up
from .observed import Missing, Observed, Problem, Unread


def plan_deletion(observed: Observed, resource: OAuthClient, desired: Desired, now: datetime) -> Action:
    """Return the next step towards letting a resource go."""
    if names.FINALIZER not in resource.finalizers:
        return Gone()
    if not observed.live:
        # What follows destroys something: the resource is read live and its UID compared.
        return ReadResource()
    match observed.record:
        case Unread():
            # Absence from a cache proves nothing.
            return ReadRecord()
        case Problem() as problem:
            return pauses.standing(problem, observed, now)
        case Missing() if resource.status.client_id:
            # The client can only be reported: what the status knows of it is written down, then the resource goes.
            return RecordLoss()
        case Missing():
            return RemoveFinalizer()
        case Stored(record=record):
            return _plan_recorded(observed, resource, desired, record, now)


def is_unnamed(record: Record, resource: OAuthClient) -> bool:
    """Whether the status names a client that the record, made anew or restored from a backup, does not know."""
    named = {c.information.client_id for c in record.clients}
    return record.published is None and resource.status.client_id not in {None, *named}


def _plan_recorded(
    observed: Observed, resource: OAuthClient, desired: Desired, record: Record, now: datetime
) -> Action:
    if record.released is not None:
        return RemoveFinalizer()
    if record.open is not None:
        if now < record.open.deadline + observed.limits.margin:
            return Wait(verdict=deregistering(), until=record.open.deadline + observed.limits.margin)
        return Abandon(record.open)
    if record.deletion != desired.deletion:
        return Amend(deletion=desired.deletion, secret=None)
    if is_unnamed(record, resource):
        # A record that was made anew does not know the client that is published: that one is left behind.
        return RecordLoss()
    if desired.deletion is DeletionPolicy.RETAIN:
        return Release(ReleaseOutcome.RETAINED)
    alive = [c for c in record.clients if c.alive]
    waits: list[Wait] = []
    for client in alive:
        step = plan_deregistration(observed, record, client, now)
        if isinstance(step, Wait):
            waits.append(step)
        elif step is not None:
            return step
    if waits:
        return min(waits, key=lambda w: w.until or now)
    if alive or record.suspects:
        # No call can help any more; the record stays as left behind.
        clients = tuple(c.information.client_id for c in alive)
        return Release(ReleaseOutcome.UNCONFIRMED, left_behind(clients, len(record.suspects)))
    return Release(ReleaseOutcome.CONFIRMED)


def plan_deregistration(observed: Observed, record: Record, client: Client, now: datetime) -> Deregister | Wait | None:
    """Return the next step to deregister a living resource's client, or None where no call can help, or not in time."""
    if not can_be_called_for(observed, client) or is_given_up(record, client):
        return None
    give_up = client.end.since + observed.limits.release_after if isinstance(client.end, Ending) else None
    if give_up is not None and now >= give_up:
        return None
    if observed.held is not None:
        until = min(t for t in (observed.held.until, give_up) if t is not None) if observed.held.until else give_up
        return Wait(verdict=deletion_unconfirmed(client, record.last(CallKind.DEREGISTER, client.key)), until=until)
    return Deregister(client)
