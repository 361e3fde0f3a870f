"""What a deregistration does to a record: its client is gone, may be gone, or is known to live on."""

from dataclasses import replace
from datetime import datetime

from ..exchange import NotSent
from ..oauth.outcome import Ambiguous, NotUnderstood
from ..oauth.rfc7592 import says_gone
from .calls import Call, CallKind, DeregisterCall, Managing
from .clients import Alive, Client, Ended, Ending, LeftBehind, PassedOn, UpdateDue
from .credentials import (
    Failure,
    is_about,
    presented_newest,
    refused_for,
    with_salvage,
    with_spare_token,
)
from .holds import given_at
from .management import counts, has_another_way, is_absent, was_refused
from .record import Record


def opened(record: Record, call: Call, what: DeregisterCall, *, again: bool = False) -> Record:
    """Write down when the client's end was begun: how long it is waited for counts from the first call.

    With `again` nobody waits for it: it was left behind, and stays so unless this works.
    """
    client = record.client(what.client)
    if client is None or again or not isinstance(client.end, Alive | LeftBehind):
        return record
    return record.with_client(replace(client, end=Ending(since=call.opened_at, lost=client.may_be_gone)))


def begun(record: Record, key: int, now: datetime) -> Record:
    """Write down that a client's end was tried, and that there was nothing yet to make a call with."""
    client = record.client(key)
    if client is None or not client.wanted or record.open is not None:
        return record
    return record.with_client(replace(client, end=Ending(since=now)))


def committed(record: Record, call: Call, what: DeregisterCall, now: datetime, *, late: bool) -> Record:
    """Write down that the client is gone."""
    client = record.client(what.client)
    if client is None or isinstance(client.end, PassedOn) or (late and not is_about(client, call)):
        return record
    given = given_at(record, client) if late else None
    if given is None or call.opened_at >= given:
        return record.with_client(replace(client, end=Ended(at=now)))
    # A server may give the same client out again. What was registered after the deregistration could take effect lives.
    if call.deadline <= given or not client.wanted:
        return record
    # Nobody knows which the server did first: it is asked by an update.
    return record.with_client(replace(client, standing=UpdateDue(client.unresolved)))


def failed(record: Record, call: Call, what: DeregisterCall, failure: Failure, now: datetime, *, late: bool) -> Record:
    """Take in that there was no plain success; the end may be confirmed by it all the same."""
    client = record.client(what.client)
    if client is None or (late and not is_about(client, call)):
        return record
    client = with_salvage(client, call, failure)
    # A late refusal says nothing: a higher call may have changed what it was refused for.
    return record.with_client(client if late else _refused(record, client, call, what, failure, now))


def _refused(
    record: Record, client: Client, call: Call, what: DeregisterCall, failure: Failure, now: datetime
) -> Client:
    if not client.alive:
        # A late answer to a lower call said so while this one was under way.
        return client
    ending = client.end if isinstance(client.end, Ending | LeftBehind) else Ending(since=call.opened_at)
    if isinstance(failure, Ambiguous | NotUnderstood):
        return replace(client, end=replace(ending, lost=True))
    if isinstance(failure, NotSent):
        # How long it is waited for counts from a call that could go out: nobody has tried yet.
        untried = failure.ours and client.end == Ending(since=call.opened_at)
        return replace(client, end=Alive()) if untried else client
    if what.by_access:
        # With RFC 7592's own token a 404 is no more than a refusal. To whom all clients are shown it is an answer.
        return replace(client, end=Ended(at=now)) if is_absent(client, call, failure) else client
    if not says_gone(failure) or not counts(record, client, call):
        return client
    another_way = has_another_way(client, call, failure)
    if failure.status == 404 and (another_way or failure.error is None):
        # A wrong address says nothing of the client, nor does what has not the form of OAuth's refusals: whatever
        # stands before a server answers so for a path that it does not know, as while the server is away.
        return client
    if presented_newest(client, what) and (renewed := with_spare_token(client)) is not None:
        return renewed
    refused = client if another_way else refused_for(client, CallKind.DEREGISTER)
    if _was_by_access(record, client):
        # Nobody knows since when its own token is none.
        return refused
    # The repetition of a DELETE whose answer was lost: the first one worked. With an update or a read unresolved the
    # registration access token may have been rotated, and where it was refused before, that proves nothing now.
    if ending.lost and not (client.refused or client.unanswered or was_refused(record, client, call)):
        return replace(client, end=Ended(at=now))
    return refused


def _was_by_access(record: Record, client: Client) -> bool:
    managed = (c.what for c in record.closed if isinstance(c.what, Managing) and c.what.client == client.key)
    return any(what.by_access for what in managed)
