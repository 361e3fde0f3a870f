"""What can happen to a record: pure functions from one to the next.

Each is safe to apply again to a newer copy of the record, which is how a write that met a conflict is merged:
calls are known by number and nonce, a lower call never overwrites what a higher one brought, and an answer that
comes after its call was given up (a late one) is added beside what is there, never in its place.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from ..oauth.confidential import Confidential
from ..oauth.exchange import NotSent
from ..oauth.json_object import JSON
from ..oauth.outcome import Ambiguous, Rejected
from ..oauth.rfc7591 import ClientInformation, kept_members
from ..oauth.rfc7592 import is_unsupported, merged, says_gone
from .model import (
    Attempt,
    Call,
    CallKind,
    CallOutcome,
    Client,
    ClosedCall,
    Record,
    Release,
    ReleaseOutcome,
    Spare,
    fingerprint,
)

CLOSED_CALLS_KEPT: Final = 16
ATTEMPTS_KEPT: Final = 8
SPARES_KEPT: Final = 8


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
        return _registered(closed, call, information, endpoints, now)
    if call.kind is CallKind.UPDATE and information is not None and client is not None:
        if late:
            return closed.with_client(_late_update(client, call, information))
        return closed.with_client(_updated(client, call, information, endpoints))
    if call.kind is CallKind.DEREGISTER and client is not None:
        return closed.with_client(replace(client, deregistered_at=now))
    return closed


def close(record: Record, call: Call, outcome: NotSent | Rejected | Ambiguous, now: datetime) -> Record:
    """Write down what came of a call that was not answered by a success."""
    late = not _is_open(record, call)
    kind = _kind_of(outcome)
    if late and (call.kind is not CallKind.REGISTER or kind is CallOutcome.AMBIGUOUS):
        return record  # A late refusal says nothing: a higher call may have changed what it was refused for.
    closed = _with_closed(record, call, kind, now, outcome)
    client = record.client(call.client)
    if call.kind is CallKind.REGISTER:
        return _not_registered(closed, call, outcome, kind, now)
    if client is None:
        return closed
    client = _with_salvage(client, call, outcome)
    if call.kind is CallKind.UPDATE:
        return closed.with_client(_not_updated(client, call, outcome))
    return closed.with_client(_not_deregistered(client, outcome, now))


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


def release(record: Record, outcome: ReleaseOutcome, now: datetime) -> Record:
    """Write down that the resource may go, and whether something stays behind."""
    return record if record.released is not None else replace(record, released=Release(outcome=outcome, at=now))


def confirm_release(record: Record, now: datetime) -> Record:
    """Write down that what was left behind is gone by now."""
    if record.released is None or record.suspects or any(c.alive for c in record.clients):
        return record
    return replace(record, released=Release(outcome=ReleaseOutcome.CONFIRMED, at=now))


def _is_open(record: Record, call: Call) -> bool:
    return record.open is not None and record.open.nonce == call.nonce


def _kind_of(outcome: NotSent | Rejected | Ambiguous) -> CallOutcome:
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
    outcome: NotSent | Rejected | Ambiguous | None = None,
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
        status=rejected.status if rejected else None,
        error=rejected.error if rejected else None,
        description=words,
        retry_after=rejected.retry_after if rejected else None,
    )
    others = tuple(c for c in record.closed if c.number != call.number)
    calls = tuple(sorted((*others, entry), key=lambda c: c.number))
    still_open = None if _is_open(record, call) else record.open
    # A record that was created again has never numbered this call itself.
    return compacted(replace(record, open=still_open, closed=calls, next_call=max(record.next_call, call.number + 1)))


def _registered(
    record: Record, call: Call, information: ClientInformation, endpoints: Mapping[str, str], now: datetime
) -> Record:
    attempt = call.attempt or 1
    record = _with_attempt_outcome(record, call, CallOutcome.COMMITTED)
    same = next((c for c in record.clients if _is_same(c.information, information)), None)
    if same is not None:
        if call.number < same.answered_by:
            return record.with_client(_with_spare(same, call, information))
        return record.with_client(
            replace(_with_credentials(same, call, information), confirmed=call.metadata, confirmed_digest=call.digest)
        )
    client = Client(
        key=call.number,
        attempt=attempt,
        information=information,
        answered_by=call.number,
        registered_at=now,
        endpoints=endpoints,
        confirmed=call.metadata,
        confirmed_digest=call.digest,
    )
    first = record.current is None and record.released is None and not record.recreated
    return replace(record.with_client(client), current=client.key if first else record.current)


def _is_same(one: ClientInformation, other: ClientInformation) -> bool:
    uri = one.registration_client_uri
    return one.client_id == other.client_id or (uri is not None and uri == other.registration_client_uri)


def _updated(client: Client, call: Call, information: ClientInformation, endpoints: Mapping[str, str]) -> Client:
    whole = merged(client.information, information)
    return replace(
        _with_credentials(client, call, whole),
        endpoints=endpoints,
        confirmed=call.metadata,
        confirmed_digest=call.digest,
        kept=kept_members(client.confirmed or {}, call.metadata or {}, whole),
        unresolved=(),
        update_due=False,
    )


def _late_update(client: Client, call: Call, information: ClientInformation) -> Client:
    client = replace(client, unresolved=tuple(n for n in client.unresolved if n != call.number), update_due=True)
    unchanged = fingerprint(client.information.registration_access_token) == call.bearer
    if unchanged and client.answered_by < call.number:
        # Its sender slept with the only live registration access token in hand.
        return _with_credentials(client, call, merged(client.information, information))
    return _with_spare(client, call, information)


def _with_credentials(client: Client, call: Call, information: ClientInformation) -> Client:
    return replace(
        client,
        information=information,
        answered_by=call.number,
        management_lost=False,
        deletion_refused=False,
        spares=tuple(s for s in client.spares if s.call > call.number),
    )


def _with_spare(client: Client, call: Call, information: ClientInformation) -> Client:
    spare = Spare(
        call=call.number,
        registration_access_token=information.registration_access_token,
        client_secret=information.client_secret,
    )
    return replace(client, spares=(*client.spares, spare)[-SPARES_KEPT:])


def _with_salvage(client: Client, call: Call, outcome: NotSent | Rejected | Ambiguous) -> Client:
    salvage: Mapping[str, JSON] = {} if isinstance(outcome, NotSent) else outcome.salvage
    token, secret = salvage.get("registration_access_token"), salvage.get("client_secret")
    if not isinstance(token, str) and not isinstance(secret, str):
        return client
    spare = Spare(
        call=call.number,
        registration_access_token=Confidential(token) if isinstance(token, str) else None,
        client_secret=Confidential(secret) if isinstance(secret, str) else None,
    )
    return replace(client, spares=(*client.spares, spare)[-SPARES_KEPT:])


def _with_spare_token(client: Client) -> Client | None:
    """Return the client with its newest spare token in use, or None without one."""
    found = ((s, s.registration_access_token) for s in reversed(client.spares))
    spare, token = next(((s, t) for s, t in found if t is not None), (None, None))
    if token is None:
        return None
    information = client.information.with_registration_access_token(token)
    others = tuple(s for s in client.spares if s is not spare)
    return replace(client, information=information, spares=others, update_due=True, deletion_refused=False)


def _with_attempt_outcome(record: Record, call: Call, outcome: CallOutcome) -> Record:
    attempt = next((a for a in record.attempts if a.number == call.attempt), None)
    return record if attempt is None else record.with_attempt(replace(attempt, outcome=outcome))


def _not_registered(
    record: Record, call: Call, outcome: NotSent | Rejected | Ambiguous, kind: CallOutcome, now: datetime
) -> Record:
    if not isinstance(outcome, Ambiguous):
        attempt = next((a for a in record.attempts if a.number == call.attempt), None)
        # Known late, this settles the suspect; known in time, the same attempt goes on.
        late = attempt is not None and attempt.outcome is not None
        return _with_attempt_outcome(record, call, kind) if late else record
    salvaged = _salvaged_client(call, outcome, now)
    if salvaged is None:
        return _with_attempt_outcome(record, call, CallOutcome.AMBIGUOUS)
    # The client can be named and managed: it is not a suspect but a surplus client, to be deregistered.
    return _with_attempt_outcome(record, call, CallOutcome.COMMITTED).with_client(salvaged)


def _salvaged_client(call: Call, outcome: Ambiguous, now: datetime) -> Client | None:
    needed = ("client_id", "registration_access_token", "registration_client_uri")
    if not all(outcome.salvage.get(name) for name in needed):
        return None
    return Client(
        key=call.number,
        attempt=call.attempt or 1,
        information=ClientInformation.parse(outcome.salvage),
        answered_by=call.number,
        registered_at=now,
    )


def _not_updated(client: Client, call: Call, outcome: NotSent | Rejected | Ambiguous) -> Client:
    if isinstance(outcome, Ambiguous):
        return replace(client, unresolved=(*client.unresolved, call.number))
    if isinstance(outcome, NotSent):
        return client
    if is_unsupported(outcome):
        return replace(client, update_unsupported=True)
    if says_gone(outcome):
        return _with_spare_token(client) or replace(client, management_lost=True)
    return client


def _not_deregistered(client: Client, outcome: NotSent | Rejected | Ambiguous, now: datetime) -> Client:
    if isinstance(outcome, Ambiguous):
        return replace(client, deletion_ambiguous=True)
    if isinstance(outcome, NotSent):
        return client
    # The repetition of a DELETE whose answer was lost: the first one worked. With an update unresolved the
    # registration access token may have been rotated, and a DELETE that was refused before proves nothing now.
    repeated = client.deletion_ambiguous and not client.deletion_refused and not client.unresolved
    if repeated and says_gone(outcome):
        return replace(client, deregistered_at=now)
    if is_unsupported(outcome):
        return replace(client, deletion_unsupported=True)
    if says_gone(outcome):
        return _with_spare_token(client) or replace(client, deletion_refused=True)
    return client


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
    return replace(record, closed=kept, attempts=attempts)
