"""What an update does to a record: its client is in step again, or nobody knows what the server holds."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from ..exchange import NotSent
from ..oauth.client_information import ClientInformation
from ..oauth.outcome import Ambiguous, NotUnderstood
from ..oauth.rfc7591 import kept_members
from ..oauth.rfc7592 import UpdateForm, merged
from . import doubts, registering
from .calls import Call, UpdateCall, fingerprint
from .clients import Client, InStep, Registered, UpdateDue
from .credentials import (
    Failure,
    answers_for,
    is_about,
    with_answer,
    with_salvage,
    with_spare,
)
from .management import after_access_refused, after_refusal, as_used
from .record import Record
from .renewal_tries import tried
from .replacing import renewed
from .signing_keys import lacking

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
    if client is None or not answers_for(client, call, information, late=late):
        # A record that was made anew does not know the client by that number.
        return registering.known(record, call, what.asked, information, endpoints, Registered(attempt=1, at=now))
    if late:
        return record.with_client(_answered_late(client, call, what, information))
    answered = _answered(client, call, what, information, endpoints)
    return renewed(record.with_client(_with_keys(record, answered, what, information)), client, now)


def failed(record: Record, call: Call, what: UpdateCall, failure: Failure, *, late: bool) -> Record:
    """Take in that there was no success."""
    client = record.client(what.client)
    if client is None or (late and not is_about(client, call)):
        return record
    client = with_salvage(client, call, failure)
    # A late refusal says nothing: a higher call may have changed what it was refused for.
    record = record.with_client(client if late else _refused(record, client, call, what, failure))
    if isinstance(failure, NotSent):
        return record
    return tried(record, client, call.opened_at, answered=isinstance(failure, NotUnderstood))


def opened(record: Record, what: UpdateCall) -> Record:
    """Write down the key that is born with the call: it is the client's, whatever comes of the call."""
    client = record.client(what.client)
    if client is None or what.key is None or client.signing_key(what.key.kid) is not None:
        return record
    return record.with_client(replace(client, keys=(*client.keys, what.key)))


def _with_keys(record: Record, client: Client, what: UpdateCall, information: ClientInformation) -> Client:
    """Take in which keys the server accepted; those that it was not told and that no pair needs are forgotten."""
    if not client.keys:
        return client
    needed = {*what.kids, *(key.kid for key in record.keys_of(client))}
    keys = tuple(key for key in client.keys if key.kid in needed)
    told = [key for key in keys if key.kid in what.kids]
    one_key = client.one_key or (len(told) > 1 and lacking(told, information.members))
    return replace(client, keys=keys, kids=what.kids, one_key=one_key)


def _answered(
    client: Client, call: Call, what: UpdateCall, information: ClientInformation, endpoints: Mapping[str, str]
) -> Client:
    """Take in the answer to the client's newest call: its credentials and metadata hold."""
    used = as_used(client, call)
    whole = merged(used, information)
    still_kept = {name: value for name, value in client.information.metadata.items() if name in client.kept}
    return replace(
        with_answer(client, call, whole, endpoints, used),
        confirmed=what.asked,
        form=client.form if what.form is UpdateForm.FULL else what.form,
        kept=kept_members({**still_kept, **client.accepted.members}, what.asked.members or {}, whole),
        standing=InStep(),
        doubts=doubts.answered(client.doubts),
    )


def _answered_late(client: Client, call: Call, what: UpdateCall, information: ClientInformation) -> Client:
    """Take in the answer to an update that was given up: another is due, and whose credentials hold depends."""
    client = replace(client, standing=UpdateDue(tuple(n for n in client.unresolved if n != call.number)))
    unchanged = what.by_access or fingerprint(client.information.registration_access_token) in (what.bearer, None)
    if unchanged and client.answer.call < call.number:
        # Its sender slept with the only live registration access token in hand.
        told = with_answer(client, call, merged(client.information, information), client.endpoints)
        return replace(told, doubts=doubts.answered(client.doubts))
    return with_spare(client, call, information)


def _refused(record: Record, client: Client, call: Call, what: UpdateCall, failure: Failure) -> Client:
    if isinstance(failure, Ambiguous | NotUnderstood):
        return replace(client, standing=UpdateDue((*client.unresolved, call.number)[-UNRESOLVED_KEPT:]))
    if isinstance(failure, NotSent):
        return client
    if what.by_access:
        return after_access_refused(client, call, failure)
    return after_refusal(record, client, call, what, failure)
