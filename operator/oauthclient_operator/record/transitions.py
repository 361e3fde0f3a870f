"""What can happen to a record: pure functions from one to the next.

    open a call -> absorb its answer, or close it with what else came of it -> settle, amend, recover -> release

Each is safe to apply again to a newer copy of the record, which is how a write that met a conflict is merged: calls
are known by number and nonce, a lower call never overwrites what a higher one brought, and an answer that comes after
its call was given up (a late one) is added beside what is there, never in its place. What each kind of call does is
in the module of its name.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from ..exchange import NotSent
from ..oauth.client_information import ClientInformation
from ..oauth.outcome import Ambiguous, NotUnderstood, Rejected
from . import adopting, deregistering, reading, registering, updating
from .attempts import AttemptState
from .calls import Call, CallOutcome, ClosedCall, DeregisterCall, ReadCall, RegisterCall, Said, UpdateCall
from .clients import CLOCKS_DIFFER, Answer, Client, Ending, NamedByStatus, PassedOn, Untold
from .compaction import compacted
from .credentials import Failure, is_same_term
from .record import Record, Release, ReleaseOutcome, may_live_on


def open_call(record: Record, call: Call, *, again: bool = False) -> Record:
    """Write a call down before it is sent; the caller numbers it `record.next_call`.

    With `again` it is a deregistration of a client that was left behind, for which nobody waits.

    Raises:
        ValueError: another call is open, or the number is not the next one.
    """
    if record.open is not None or call.number != record.next_call:
        raise ValueError("a record has one open call at most, and numbers its calls in order")
    record = replace(record, open=call, next_call=call.number + 1)
    match call.what:
        case RegisterCall() as what:
            return registering.opened(record, call, what)
        case ReadCall():
            return record
        case UpdateCall() as what:
            return updating.opened(record, what)
        case DeregisterCall() as what:
            return deregistering.opened(record, call, what, again=again)
        case _:
            assert_never(call.what)


def absorb(
    record: Record,
    call: Call,
    information: ClientInformation | None,
    endpoints: Mapping[str, str],
    now: datetime,
    *,
    flaws: tuple[str, ...] = (),
    dated: datetime | None = None,
) -> Record:
    """Take in the answer to a committed call, whoever sent it and however late it comes.

    `information` is None for a call whose success holds none; `flaws` name what was wrong with the answer's form,
    `dated` is its own `Date` (RFC 9110 section 6.6.1).
    """
    if any(c.call.nonce == call.nonce and c.outcome is CallOutcome.COMMITTED for c in record.closed):
        return record  # Our own write that answered too late to be seen: it is in already.
    late, before = not _is_open(record, call), record
    said = Said(description="; ".join(flaws) or None)
    record = _with_closed(record, ClosedCall(call=call.compacted(), outcome=CallOutcome.COMMITTED, at=now, said=said))
    match call.what:
        case RegisterCall() as what if information is not None:
            record = registering.committed(record, call, what, information, endpoints, now)
        case UpdateCall() as what if information is not None:
            record = updating.committed(record, call, what, information, endpoints, now, late=late)
        case ReadCall(adopts=True) as what if information is not None:
            record = adopting.committed(record, call, what, information, now, late=late)
        case ReadCall() as what if information is not None:
            record = reading.committed(record, call, what, information, now, late=late)
        case RegisterCall() | ReadCall() | UpdateCall():
            raise ValueError("what is registered, read or updated is answered with a client")
        case DeregisterCall() as what:
            record = deregistering.committed(record, call, what, now, late=late)
        case _:
            assert_never(call.what)
    return compacted(_dated(before, record, call, dated))


def _dated(before: Record, record: Record, call: Call, dated: datetime | None) -> Record:
    """Write down when a client secret came by its server's clock, where ours is ahead of that and may be what errs."""
    client = next((c for c in record.clients if c.answer.call == call.number), None)
    if client is None or dated is None or dated >= client.credential_since - CLOCKS_DIFFER:
        return record
    known = before.client(client.key)
    if known is not None and is_same_term(known, client.information, call.opened_at):
        return record
    return record.with_client(replace(client, credential_dated=dated))


def close(record: Record, call: Call, failure: Failure, now: datetime) -> Record:
    """Write down what came of a call that was not answered by a success."""
    late = not _is_open(record, call)
    if late and isinstance(failure, Ambiguous) and not failure.salvage:
        return record
    entry = _closed(call, failure, now)
    closed = _with_closed(record, entry)
    match call.what:
        case RegisterCall() as what:
            record = registering.failed(closed, call, what, failure, now)
        case ReadCall(adopts=True) as what:
            told = None if late else entry
            record = adopting.failed(record if late else closed, call, what, failure, told, now)
        case ReadCall() as what:
            record = reading.failed(record if late else closed, call, what, failure, late=late)
        case UpdateCall() as what:
            record = updating.failed(record if late else closed, call, what, failure, late=late)
        case DeregisterCall() as what:
            record = deregistering.failed(record if late else closed, call, what, failure, now, late=late)
        case _:
            assert_never(call.what)
    return compacted(record)


def settle(record: Record, attempt: int) -> Record:
    """Take a person's word that the suspects up to that attempt are dealt with."""
    attempts = tuple(
        replace(a, state=AttemptState.SETTLED) if a.suspect and a.number <= attempt else a for a in record.attempts
    )
    settled = replace(record, attempts=attempts)
    return compacted(settled if settled.suspects else replace(settled, untold=_without_suspects(record.untold)))


def _without_suspects(untold: Untold | None) -> Untold | None:
    """Return what is left to be told of: the newest suspect is settled with all before it."""
    return None if untold is None or not untold.clients else replace(untold, suspects=0)


def amend(record: Record, deletion: str, secret: str | None) -> Record:
    """Write down what the spec changed: the deletion policy, and the name of a Secret before it is made."""
    secrets = record.secrets if secret is None or secret in record.secrets else (*record.secrets, secret)
    return replace(record, deletion=deletion, secrets=secrets)


def take_expiry(record: Record, issuer: str, *, of_client: bool) -> Record:
    """Write down of an issuer's clients whether they end at `client_secret_expires_at`, or their secrets alone."""
    for client in record.clients:
        if client.issuer == issuer and client.ends_at_expiry is not of_client:
            record = record.with_client(replace(client, ends_at_expiry=of_client))
    return record


def serve(
    record: Record,
    *,
    retry: str | None = None,
    refresh: str | None = None,
    rotate: str | None = None,
    prove: str | None = None,
) -> Record:
    """Write down which of a resource's annotations, by their fingerprints, were served, or asked for nothing."""
    return replace(
        record,
        retry=retry or record.retry,
        refresh=refresh or record.refresh,
        rotate=rotate or record.rotate,
        prove=prove or record.prove,
    )


def without_secret(record: Record, name: str) -> Record:
    """Write down that a Secret which was made for the resource is gone."""
    return replace(record, secrets=tuple(s for s in record.secrets if s != name))


def recover(record: Record, key: int, edition: int) -> Record:
    """Make a client the published one; only in a record that was created again, of a resource that lives.

    `edition` is one that nobody has seen.
    """
    client = record.client(key)
    if record.pair is not None or record.released is not None or client is None:
        return record
    return replace(record.publishing(client, edition), recreated=False)


def pass_on(record: Record, key: int, now: datetime) -> Record:
    """Leave a client to another record, which was given it later; none that is being called for."""
    client = record.client(key)
    if client is None or not client.alive or (record.open is not None and record.open.client == key):
        return record
    return compacted(record.with_client(replace(client, end=PassedOn(at=now))))


def doubt(record: Record, key: int, now: datetime) -> Record:
    """Publish a client no more that another record's deregistration may have ended; it may be gone."""
    client = record.client(key)
    if client is None or record.pair is None or record.pair.client != key or record.open is not None:
        return record
    return replace(record, pair=None).with_client(replace(client, end=Ending(since=now, lost=True)))


def name_lost(record: Record, client_id: str, issuer: str, trust: str, now: datetime) -> Record:
    """Write down a client of which nothing is known but its identifier, from the status."""
    if any(c.issuer == issuer and c.information.client_id == client_id for c in record.clients):
        return record
    number = record.next_call
    client = Client(
        key=number,
        issuer=issuer,
        trust=trust,
        origin=NamedByStatus(at=now),
        answer=Answer(information=ClientInformation.parse({"client_id": client_id}), call=number),
    )
    return replace(record.with_client(client), next_call=number + 1)


def release(record: Record, outcome: ReleaseOutcome, now: datetime) -> Record:
    """Write down that the resource may go, and whether something stays behind."""
    if record.released is not None:
        return record
    if outcome is ReleaseOutcome.CONFIRMED and may_live_on(record):
        # A late answer came between the decision and this write.
        outcome = ReleaseOutcome.UNCONFIRMED
    return replace(record, released=Release(outcome=outcome, at=now))


def confirm_release(record: Record, now: datetime) -> Record:
    """Write down that what was left behind is gone by now."""
    if record.released is None or may_live_on(record):
        return record
    return replace(record, released=Release(outcome=ReleaseOutcome.CONFIRMED, at=now))


def _is_open(record: Record, call: Call) -> bool:
    return record.open is not None and record.open.nonce == call.nonce


def _closed(call: Call, failure: Failure, now: datetime) -> ClosedCall:
    call = call.compacted()
    match failure:
        case NotSent(cause=cause, tls=tls):
            return ClosedCall(call=call, outcome=CallOutcome.NOT_SENT, at=now, said=Said(description=cause, tls=tls))
        case Ambiguous(cause=cause, retry_after=wait):
            said = Said(description=cause, retry_after=wait)
            return ClosedCall(call=call, outcome=CallOutcome.AMBIGUOUS, at=now, said=said)
        case NotUnderstood(status=status, cause=cause):
            said = Said(status=status, description=cause)
            return ClosedCall(call=call, outcome=CallOutcome.NOT_UNDERSTOOD, at=now, said=said)
        case Rejected():
            said = Said(
                status=failure.status,
                error=failure.error,
                description=failure.description,
                retry_after=failure.retry_after,
                json=failure.json,
            )
            return ClosedCall(call=call, outcome=CallOutcome.REJECTED, at=now, said=said)


def _with_closed(record: Record, entry: ClosedCall) -> Record:
    others = tuple(c for c in record.closed if c.call.nonce != entry.call.nonce)
    calls = tuple(sorted((*others, entry), key=lambda c: c.number))
    still_open = None if _is_open(record, entry.call) else record.open
    # A record that was created again has never numbered this call itself.
    next_call = max(record.next_call, entry.number + 1)
    return replace(record, open=still_open, closed=calls, next_call=next_call)
