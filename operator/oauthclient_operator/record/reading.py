"""What a read does to a record: the server's newest word on its client, or a doubt about the credentials."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from ..exchange import NotSent
from ..oauth.client_information import ClientInformation
from ..oauth.outcome import Ambiguous, NotUnderstood
from ..oauth.rfc7591 import kept_members
from ..oauth.rfc7592 import changed_members, merged_read
from . import doubts, registering
from .calls import Call, CallKind, CallOutcome, ClosedCall, ReadCall, fingerprint
from .clients import Client, Registered, UpdateDue
from .credentials import Failure, answers_for, is_about, is_same, with_answer, with_salvage, with_spare
from .management import after_access_refused, after_refusal, as_used, to_be_called
from .record import Record

UNRESOLVED_KEPT: Final = 16


def committed(
    record: Record, call: Call, what: ReadCall, information: ClientInformation, now: datetime, *, late: bool
) -> Record:
    """Take in the server's answer."""
    client = record.client(what.client)
    if client is not None and answers_for(client, call, information, late=late):
        return record.with_client((_answered_late if late else answered)(client, call, what, information))
    # A record that was made anew does not know the client by that number, and may know it by another one.
    same = next((c for c in record.clients if is_same(c, call.issuer, information)), None)
    if same is not None:
        return record.with_client(_answered_late(same, call, what, information))
    # What was asked for it is not known either.
    return registering.known(record, call, None, information, {}, Registered(attempt=1, at=now))


def failed(record: Record, call: Call, what: ReadCall, failure: Failure, *, late: bool) -> Record:
    """Take in that there was no success."""
    client = record.client(what.client)
    if client is None or (late and not is_about(client, call)):
        return record
    client = with_salvage(client, call, failure)
    # A late refusal says nothing: a higher call may have changed what it was refused for.
    return record.with_client(client if late else _refused(record, client, call, what, failure))


def last_failed(record: Record, client: Client) -> ClosedCall | None:
    """Return the client's last read, if it brought nothing and the server has answered nothing else since."""
    last = record.last(CallKind.READ, client.key)
    fails = last is not None and last.outcome is not CallOutcome.COMMITTED
    return last if last is not None and fails and last.number > client.answer.call else None


def to_be_repeated(record: Record, client: Client) -> bool:
    """Whether the client's last read is made again, without that anybody asks for one more.

    Once where its answer was lost or where there is another address or token; and where the server never decided.
    """
    last = last_failed(record, client)
    if last is None:
        return False
    match last.outcome:
        case CallOutcome.NOT_SENT:
            return True
        case CallOutcome.AMBIGUOUS:
            return not (isinstance(last.what, ReadCall) and last.what.repeats)
        case CallOutcome.REJECTED:
            if last.said.status == 429 or _is_once_more(last):
                return True
            return to_be_called(record, client, CallKind.READ, by_access=last.by_access) is not client
        case CallOutcome.COMMITTED | CallOutcome.NOT_UNDERSTOOD:
            return False


def repeats(record: Record, client: Client) -> bool:
    """Whether the client's next read, where nobody asks for a new one, is the one repetition of a lost one."""
    last = last_failed(record, client)
    if last is None or not isinstance(last.what, ReadCall) or not to_be_repeated(record, client):
        return False
    return last.what.repeats or last.outcome is CallOutcome.AMBIGUOUS or _is_once_more(last)


def _is_once_more(last: ClosedCall) -> bool:
    """Whether a read was refused for an access token that may have been withdrawn: once, another is obtained."""
    return last.by_access and last.said.status == 401 and isinstance(last.what, ReadCall) and not last.what.repeats


def answered(client: Client, call: Call, _: ReadCall, information: ClientInformation) -> Client:
    """Take in the answer: its credentials hold, and what others changed of what is asked for is to be put right."""
    before, used = client.information, as_used(client, call)
    whole = merged_read(used, information)
    still_kept = {name: value for name, value in before.metadata.items() if name in client.kept}
    changed = changed_members(client.accepted, before, whole)
    return replace(
        # A read brings no word of the issuer's endpoints.
        with_answer(client, call, whole, client.endpoints, used),
        kept=kept_members(still_kept, client.accepted.members, whole),
        standing=UpdateDue(client.unresolved) if changed else client.standing,
        doubts=doubts.answered(client.doubts),
    )


def _answered_late(client: Client, call: Call, what: ReadCall, information: ClientInformation) -> Client:
    """Take in the answer to a read that was given up: whose credentials hold depends, and an update may tell."""
    client = replace(client, unresolved_reads=tuple(n for n in client.unresolved_reads if n != call.number))
    unchanged = what.by_access or fingerprint(client.information.registration_access_token) in (what.bearer, None)
    if unchanged and client.answer.call < call.number:
        # Its sender slept with the only live registration access token in hand.
        return answered(client, call, what, information)
    known, told = client.information, merged_read(client.information, information)
    if (known.registration_access_token, known.client_secret) == (told.registration_access_token, told.client_secret):
        return client
    return replace(with_spare(client, call, information), standing=UpdateDue(client.unresolved))


def _refused(record: Record, client: Client, call: Call, what: ReadCall, failure: Failure) -> Client:
    if isinstance(failure, Ambiguous | NotUnderstood):
        return replace(client, unresolved_reads=(*client.unresolved_reads, call.number)[-UNRESOLVED_KEPT:])
    if isinstance(failure, NotSent):
        return client
    if what.by_access:
        return after_access_refused(client, call, failure)
    return after_refusal(record, client, call, what, failure)
