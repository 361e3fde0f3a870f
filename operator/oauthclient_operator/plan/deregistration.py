"""Whether one client can be deregistered, whoever wants it gone, and the next step to that."""

from datetime import datetime

from ..record.calls import CallKind, CallOutcome, DeregisterCall
from ..record.clients import Client, Ending
from ..record.management import Way, to_be_called
from ..record.record import Record
from ..verdict.deregistering import awaits_issuer, deletion_unconfirmed, deregistering
from ..verdict.updating import obstacle
from . import pauses
from .action import BeginEnd, Deregister, Wait
from .managing import denied, way_of
from .observed import Limits, Observed


def can_be_called_for(observed: Observed, client: Client) -> bool:
    """Whether a deregistration may be sent for a client.

    Not where another resource holds the same client: a server may give one client to two registrations. It stays
    written down here as left behind, which holds it no longer: the last one to go deregisters it.
    """
    return client.key not in observed.sharing and obstacle(client, way_of(observed, client)) is None


def is_given_up(record: Record, client: Client, *, by_access: bool = False) -> bool:
    """Whether no call can help as far as the server's answers go, so that the resource need not wait for one.

    The server does not support it, or it refused the registration access token for an update and a deletion, and there
    is nothing else to show.
    """
    last = record.last(CallKind.DEREGISTER, client.key)
    unsupported = last is not None and last.unsupported
    return unsupported or (not by_access and client.refused >= {CallKind.UPDATE, CallKind.DEREGISTER})


def plan_deregistration(
    observed: Observed, record: Record, client: Client, now: datetime, *, patient: bool = False
) -> Deregister | Wait | None:
    """Return the next step to deregister a living resource's client, or None where no call can help, or not in time.

    Who is `patient` takes no single answer for the server's last word on whether it does such a thing.
    """
    last = record.last(CallKind.DEREGISTER, client.key)
    asked_again = patient and last is not None and last.unsupported
    by_access = way_of(observed, client) is Way.ACCESS
    given_up = is_given_up(record, client, by_access=by_access) and not asked_again
    if not can_be_called_for(observed, client) or given_up:
        return None
    give_up = gives_up_at(record, client, observed.limits)
    # In time only an issuer stood in the way, maybe while no operator was there: where it does not now, it is tried.
    untried = last is None and denied(observed, client) is None and observed.held_at(client.issuer) is None
    if give_up is not None and now >= give_up and not untried:
        return None
    elsewhere = observed.ended_elsewhere.get(client.key)
    if elsewhere is not None and now < elsewhere:
        return Wait(verdict=deregistering(), until=elsewhere)
    if (held := observed.held_at(client.issuer)) is not None:
        until = min(t for t in (held.until, give_up) if t is not None) if held.until else give_up
        return Wait(verdict=deletion_unconfirmed(client, last), until=until)
    return deregistration(observed, record, client, now)


def plan_awaited(observed: Observed, record: Record, client: Client, now: datetime) -> BeginEnd | Wait | None:
    """Return how a resource that goes waits for its issuer, where nothing but access can end a client, or None.

    An issuer that is not looked at yet, or cannot be used for a moment, keeps it as long as one that lets nobody in.
    """
    by_access = client.may_be_ended_by_access and client.admitted_by == observed.awaited
    if not by_access or client.key in observed.sharing | observed.unmanageable:
        return None
    if client.wanted:
        return BeginEnd(client.key)
    give_up = gives_up_at(record, client, observed.limits)
    if give_up is None:
        return None
    # What began to be waited for before this process did may be over: this one has to have looked at it.
    looked_by = observed.began_at + min(observed.limits.release_after, observed.limits.retry_slowly)
    until = max(give_up, looked_by)
    return Wait(verdict=awaits_issuer(client), until=until) if now < until else None


def deregistration(
    observed: Observed, record: Record, client: Client, now: datetime, *, again: bool = False
) -> Deregister | Wait:
    """Return the call that ends a client: where no access token helps, its own token may.

    That an issuer lets nobody in keeps no resource from going whose client has a token of its own.
    """
    by_access, why_not = way_of(observed, client) is Way.ACCESS, denied(observed, client)
    if by_access and (_is_forbidden(record, client) or why_not is not None):
        if why_not is not None and not _has_own_token(client):
            return pauses.fresh(why_not, observed, now)
        by_access = not _has_own_token(client)
    way = to_be_called(record, client, CallKind.DEREGISTER, by_access=by_access)
    return Deregister(way, again=again, by_access=by_access)


def is_locked_out(observed: Observed, client: Client) -> bool:
    """Whether an issuer gives no access token, and the client has none of its own that its end was not refused with.

    What fails on our own side is no try.
    """
    why_not = denied(observed, client)
    lets_nobody_in = why_not is not None and why_not.issuer is not None
    return lets_nobody_in and way_of(observed, client) is Way.ACCESS and not _has_own_token(client)


def _is_forbidden(record: Record, client: Client) -> bool:
    """Whether access tokens end nothing here: one lacks the right, or of two one after the other none was taken."""
    calls = [c for c in record.closed if isinstance(c.what, DeregisterCall) and c.what.client == client.key]
    refusals = [c.said.status if c.by_access and c.rejected else None for c in calls[-2:]]
    return refusals[-1:] == [403] or refusals == [401, 401]


def _has_own_token(client: Client) -> bool:
    return client.manageable and CallKind.DEREGISTER not in client.refused


def is_tried(record: Record, client: Client, limits: Limits) -> bool:
    """Whether a deregistration of the client was answered, or could have been."""
    return record.last(CallKind.DEREGISTER, client.key) is not None and not is_unheard(record, client, limits)


def is_unheard(record: Record, client: Client, limits: Limits) -> bool:
    """Whether the process that deregistered a client last was gone before it heard, so that nobody has tried yet.

    Its call was given up by another process, after all the time that it may take.
    """
    last = record.last(CallKind.DEREGISTER, client.key)
    return last is not None and last.outcome is CallOutcome.AMBIGUOUS and last.at >= last.call.deadline + limits.margin


def gives_up_at(record: Record, client: Client, limits: Limits) -> datetime | None:
    """Return when the end of a client is waited for no longer: not before somebody has tried, however long that is."""
    if not isinstance(client.end, Ending) or is_unheard(record, client, limits):
        return None
    return client.end.since + limits.release_after
