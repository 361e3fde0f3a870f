"""What can happen to a record: pure functions from one to the next.

Each is safe to apply again to a newer copy of the record, which is how a write that met a conflict is merged:
calls are known by number and nonce, a lower call never overwrites what a higher one brought, and an answer that
comes after its call was given up (a late one) is added beside what is there, never in its place.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from ..exchange import NotSent
from ..oauth.outcome import Ambiguous, Rejected
from ..oauth.rfc7591 import ClientInformation
from .answers import is_same, late_update, registered, updated
from .failures import Failure, not_deregistered, not_registered, not_updated, with_salvage
from .model import Attempt, Call, CallKind, CallOutcome, Client, ClosedCall, Record, Release, ReleaseOutcome

CLOSED_CALLS_KEPT: Final = 16
ATTEMPTS_KEPT: Final = 8
GONE_CLIENTS_KEPT: Final = 8


def next_attempt(record: Record) -> int:
    """Return the number of the attempt that goes on, or of the next one."""
    newest = record.attempts[-1] if record.attempts else None
    if newest is None:
        return 1
    return newest.number if newest.outcome is None else newest.number + 1


def open_call(record: Record, call: Call) -> Record:
    """Write a call down before it is sent; the caller numbers it `record.next_call`.

    Raises:
        ValueError: another call is open, or the number is not the next one.
    """
    if record.open is not None or call.number != record.next_call:
        raise ValueError("a record has one open call at most, and numbers its calls in order")
    opened = replace(record, open=call, next_call=call.number + 1)
    if call.kind is CallKind.REGISTER and call.attempt is not None:
        return opened.with_attempt(
            Attempt(
                number=call.attempt,
                issuer=record.issuer,
                endpoint=call.endpoint,
                sent_at=call.opened_at,
                until=call.deadline,
                metadata=call.metadata or {},
            )
        )
    client = record.client(call.client)
    if call.kind is CallKind.DEREGISTER and client is not None and client.deletion_first_opened_at is None:
        return opened.with_client(replace(client, deletion_first_opened_at=call.opened_at))
    return opened


def absorb(
    record: Record, call: Call, information: ClientInformation | None, endpoints: Mapping[str, str], now: datetime
) -> Record:
    """Take in the answer to a committed call, whoever sent it and however late it comes."""
    if any(c.nonce == call.nonce and c.outcome is CallOutcome.COMMITTED for c in record.closed):
        return record  # Our own write that answered too late to be seen: it is in already.
    late = not _is_open(record, call)
    closed = _with_closed(record, call, CallOutcome.COMMITTED, now)
    client = record.client(call.client)
    if call.kind is CallKind.REGISTER and information is not None:
        return registered(closed, call, information, endpoints, now)
    if call.kind is CallKind.UPDATE and information is not None:
        if client is None or not is_same(client.information, information):
            # A record that was made anew does not know the client by that number.
            return registered(closed, call, information, endpoints, now)
        if late:
            return closed.with_client(late_update(client, call, information))
        return closed.with_client(updated(client, call, information, endpoints))
    if call.kind is CallKind.DEREGISTER and client is not None:
        return closed.with_client(replace(client, deregistered_at=now))
    return closed


def close(record: Record, call: Call, outcome: Failure, now: datetime) -> Record:
    """Write down what came of a call that was not answered by a success."""
    late = not _is_open(record, call)
    kind = _kind_of(outcome)
    client = record.client(call.client)
    if late and call.kind is not CallKind.REGISTER:
        # A late refusal says nothing: a higher call may have changed what it was refused for.
        return record if client is None else record.with_client(with_salvage(client, call, outcome))
    if late and isinstance(outcome, Ambiguous) and not outcome.salvage:
        return record
    closed = _with_closed(record, call, kind, now, outcome)
    if call.kind is CallKind.REGISTER:
        return not_registered(closed, call, outcome, kind, now)
    if client is None:
        return closed
    client = with_salvage(client, call, outcome)
    if call.kind is CallKind.UPDATE:
        return closed.with_client(not_updated(client, call, outcome))
    return closed.with_client(not_deregistered(client, call, outcome, now))


def settle(record: Record, attempt: int) -> Record:
    """Take a person's word that the suspects up to that attempt are dealt with."""
    settled = (replace(a, settled=True) if a.number <= attempt else a for a in record.attempts)
    return compacted(replace(record, attempts=tuple(settled)))


def amend(record: Record, deletion: str, secret: str | None) -> Record:
    """Write down what the spec changed: the deletion policy, and the name of a Secret before it is made."""
    secrets = record.secrets if secret is None or secret in record.secrets else (*record.secrets, secret)
    return replace(record, deletion=deletion, secrets=secrets)


def adopt(record: Record, key: int) -> Record:
    """Make a client the published one; only for a record that was created again and names none."""
    return replace(record, current=key, recreated=False) if record.current is None else record


def name_lost(record: Record, client_id: str, now: datetime) -> Record:
    """Write down a client of which nothing is known but its identifier, from the status."""
    if any(c.information.client_id == client_id for c in record.clients):
        return record
    number, information = record.next_call, ClientInformation.parse({"client_id": client_id})
    client = Client(key=number, attempt=1, information=information, answered_by=number, registered_at=now)
    return replace(record.with_client(client), next_call=number + 1)


def release(record: Record, outcome: ReleaseOutcome, now: datetime) -> Record:
    """Write down that the resource may go, and whether something stays behind."""
    if record.released is not None:
        return record
    if outcome is ReleaseOutcome.CONFIRMED and _may_live_on(record):
        # A late answer came between the decision and this write.
        outcome = ReleaseOutcome.UNCONFIRMED
    return replace(record, released=Release(outcome=outcome, at=now))


def confirm_release(record: Record, now: datetime) -> Record:
    """Write down that what was left behind is gone by now."""
    if record.released is None or _may_live_on(record):
        return record
    return replace(record, released=Release(outcome=ReleaseOutcome.CONFIRMED, at=now))


def _may_live_on(record: Record) -> bool:
    return bool(record.suspects) or any(c.alive for c in record.clients)


def _is_open(record: Record, call: Call) -> bool:
    return record.open is not None and record.open.nonce == call.nonce


def _kind_of(outcome: Failure) -> CallOutcome:
    match outcome:
        case NotSent():
            return CallOutcome.NOT_SENT
        case Rejected():
            return CallOutcome.REJECTED
        case Ambiguous():
            return CallOutcome.AMBIGUOUS


def _with_closed(
    record: Record,
    call: Call,
    kind: CallOutcome,
    now: datetime,
    outcome: Failure | None = None,
) -> Record:
    rejected = outcome if isinstance(outcome, Rejected) else None
    words = outcome.description if isinstance(outcome, Rejected) else outcome.cause if outcome is not None else None
    entry = ClosedCall(
        number=call.number,
        kind=call.kind,
        endpoint=call.endpoint,
        nonce=call.nonce,
        outcome=kind,
        at=now,
        attempt=call.attempt,
        client=call.client,
        bearer=call.bearer,
        digest=call.digest,
        credential=call.credential,
        proof_key=call.proof_key,
        repeats=call.repeats,
        status=rejected.status if rejected else None,
        error=rejected.error if rejected else None,
        description=words,
        retry_after=outcome.retry_after if isinstance(outcome, Rejected | Ambiguous) else None,
    )
    others = tuple(c for c in record.closed if c.nonce != call.nonce)
    calls = tuple(sorted((*others, entry), key=lambda c: c.number))
    still_open = None if _is_open(record, call) else record.open
    # A record that was created again has never numbered this call itself.
    return compacted(replace(record, open=still_open, closed=calls, next_call=max(record.next_call, call.number + 1)))


def compacted(record: Record) -> Record:
    """Return the record without what nothing refers to any more, so that its size is bounded."""
    newest = {(c.kind, c.client): c.number for c in record.closed}
    needed = {*newest.values(), *(n for client in record.clients for n in client.unresolved)}
    recent = {c.number for c in record.closed[-CLOSED_CALLS_KEPT:]}
    kept = tuple(c for c in record.closed if c.number in needed or c.number in recent)
    attempts = tuple(
        a if a.suspect or a.outcome is None else replace(a, metadata={})
        for a in record.attempts
        if a.suspect or a in record.attempts[-ATTEMPTS_KEPT:]
    )
    gone = [c.key for c in record.clients if not c.alive and c.key != record.current]
    clients = tuple(
        c if c.key not in gone else replace(c, information=c.information.identity(), confirmed=None, spares=())
        for c in record.clients
        if c.key not in gone[:-GONE_CLIENTS_KEPT]
    )
    return replace(record, closed=kept, attempts=attempts, clients=clients)
