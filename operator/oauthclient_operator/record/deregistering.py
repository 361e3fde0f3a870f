"""What a deregistration does to a record: its client is gone, may be gone, or is known to live on."""

from dataclasses import replace
from datetime import datetime

from ..exchange import NotSent
from ..oauth.outcome import Ambiguous
from ..oauth.rfc7592 import says_gone
from .calls import Call, CallKind, DeregisterCall
from .clients import Alive, Client, Ended, Ending
from .credentials import Failure, is_about, presented_newest, refused_for, with_salvage, with_spare_token
from .record import Record


def opened(record: Record, call: Call, what: DeregisterCall) -> Record:
    """Write down when the client's end was begun: how long it is waited for counts from the first call."""
    client = record.client(what.client)
    if client is None or not isinstance(client.end, Alive):
        return record
    return record.with_client(replace(client, end=Ending(since=call.opened_at)))


def committed(record: Record, call: Call, what: DeregisterCall, now: datetime, *, late: bool) -> Record:
    """Write down that the client is gone."""
    client = record.client(what.client)
    if client is None or (late and not is_about(client, call)):
        return record
    return record.with_client(replace(client, end=Ended(at=now)))


def failed(record: Record, call: Call, what: DeregisterCall, failure: Failure, now: datetime, *, late: bool) -> Record:
    """Take in that there was no plain success; the end may be confirmed by it all the same."""
    client = record.client(what.client)
    if client is None or (late and not is_about(client, call)):
        return record
    client = with_salvage(client, call, failure)
    # A late refusal says nothing: a higher call may have changed what it was refused for.
    return record.with_client(client if late else _refused(client, call, what, failure, now))


def _refused(client: Client, call: Call, what: DeregisterCall, failure: Failure, now: datetime) -> Client:
    if isinstance(client.end, Ended):
        # A late answer to a lower call said so while this one was under way.
        return client
    ending = client.end if isinstance(client.end, Ending) else Ending(since=call.opened_at)
    if isinstance(failure, Ambiguous):
        return replace(client, end=replace(ending, lost=True))
    if isinstance(failure, NotSent) or not says_gone(failure) or not presented_newest(client, what):
        return client
    if (renewed := with_spare_token(client)) is not None:
        return renewed
    # The repetition of a DELETE whose answer was lost: the first one worked. With an update unresolved the
    # registration access token may have been rotated, and where it was refused before, that proves nothing now.
    if ending.lost and not client.refused and not client.unresolved:
        return replace(client, end=Ended(at=now))
    return refused_for(client, CallKind.DEREGISTER)
