"""What an update does to a record: its client is in step again, or nobody knows what the server holds."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from ..exchange import NotSent
from ..oauth.client_information import ClientInformation
from ..oauth.outcome import Ambiguous
from ..oauth.rfc7591 import kept_members
from ..oauth.rfc7592 import merged, says_gone, says_nothing_there
from . import registering
from .calls import Call, CallKind, UpdateCall, fingerprint
from .clients import Client, InStep, Registered, UpdateDue
from .credentials import (
    Failure,
    is_about,
    is_same,
    presented_newest,
    refused_for,
    with_answer,
    with_salvage,
    with_spare,
    with_spare_token,
)
from .record import Record

UNRESOLVED_KEPT: Final = 16


def committed(
    record: Record,
    call: Call,
    what: UpdateCall,
    information: ClientInformation,
    endpoints: Mapping[str, str],
    now: datetime,
    *,
    late: bool,
) -> Record:
    """Take in the server's answer."""
    client = record.client(what.client)
    if client is None or not is_same(client, call.issuer, information):
        # A record that was made anew does not know the client by that number.
        return registering.known(record, call, what.asked, information, endpoints, Registered(attempt=1, at=now))
    if late:
        return record.with_client(_answered_late(client, call, what, information))
    return record.with_client(_answered(client, call, what, information, endpoints))


def failed(record: Record, call: Call, what: UpdateCall, failure: Failure, *, late: bool) -> Record:
    """Take in that there was no success."""
    client = record.client(what.client)
    if client is None or (late and not is_about(client, call)):
        return record
    client = with_salvage(client, call, failure)
    # A late refusal says nothing: a higher call may have changed what it was refused for.
    return record.with_client(client if late else _refused(client, call, what, failure))


def _answered(
    client: Client, call: Call, what: UpdateCall, information: ClientInformation, endpoints: Mapping[str, str]
) -> Client:
    """Take in the answer to the client's newest call: its credentials and metadata hold."""
    whole = merged(client.information, information)
    still_kept = {name: value for name, value in client.information.metadata.items() if name in client.kept}
    return replace(
        with_answer(client, call, whole, endpoints),
        confirmed=what.asked,
        kept=kept_members({**still_kept, **client.accepted.members}, what.asked.members or {}, whole),
        standing=InStep(),
    )


def _answered_late(client: Client, call: Call, what: UpdateCall, information: ClientInformation) -> Client:
    """Take in the answer to an update that was given up: another is due, and whose credentials hold depends."""
    client = replace(client, standing=UpdateDue(tuple(n for n in client.unresolved if n != call.number)))
    unchanged = fingerprint(client.information.registration_access_token) in (what.bearer, None)
    if unchanged and client.answer.call < call.number:
        # Its sender slept with the only live registration access token in hand.
        return with_answer(client, call, merged(client.information, information), client.endpoints)
    return with_spare(client, call, information)


def _refused(client: Client, call: Call, what: UpdateCall, failure: Failure) -> Client:
    if isinstance(failure, Ambiguous):
        return replace(client, standing=UpdateDue((*client.unresolved, call.number)[-UNRESOLVED_KEPT:]))
    if isinstance(failure, NotSent):
        return client
    nothing_there = says_nothing_there(failure.status, json=failure.json)
    if says_gone(failure) and not nothing_there and presented_newest(client, what):
        return with_spare_token(client) or refused_for(client, CallKind.UPDATE)
    return client
