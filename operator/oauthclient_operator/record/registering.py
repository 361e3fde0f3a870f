"""What a registration does to a record: its attempt goes on, ends with a client, or becomes a suspect."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from ..oauth.client_information import ClientInformation
from ..oauth.outcome import Ambiguous, NotUnderstood
from .attempts import Attempt, AttemptState
from .calls import Asked, Call, CallKind, RegisterCall
from .clients import Alive, Answer, Client, Ending, InStep, Previous, Registered, UpdateDue
from .credentials import Failure, is_same, with_answer, with_spare
from .record import Record
from .replacing import offered
from .signing_keys import SigningKey, names


def next_attempt(record: Record) -> int:
    """Return the number of the attempt that goes on, or of the next one."""
    newest = record.attempts[-1] if record.attempts else None
    if newest is None:
        return 1
    return newest.number if newest.state is AttemptState.OPEN else newest.number + 1


def opened(record: Record, call: Call, what: RegisterCall) -> Record:
    """Write the attempt down, or that it goes on with another request."""
    return record.with_attempt(
        Attempt(
            number=what.attempt,
            issuer=call.issuer,
            endpoint=call.endpoint,
            sent_at=call.opened_at,
            until=call.deadline,
            metadata=what.asked.members or {},
        )
    )


def committed(
    record: Record,
    call: Call,
    what: RegisterCall,
    information: ClientInformation,
    endpoints: Mapping[str, str],
    now: datetime,
) -> Record:
    """Take in the client, late or not."""
    record = _with_attempt_state(record, call, what, AttemptState.COMMITTED)
    origin = Registered(attempt=what.attempt, at=now, admitted_by=what.admitted_by)
    return known(record, call, what.asked, information, endpoints, origin, what.key)


def failed(record: Record, call: Call, what: RegisterCall, failure: Failure, now: datetime) -> Record:
    """Take in that no client was read: what may have made one is a suspect, or a client if it can be named."""
    if not isinstance(failure, Ambiguous | NotUnderstood):
        attempt = _attempt_of(record, call, what)
        # Known late, this settles the suspect; known in time, the same attempt goes on.
        late = attempt is not None and attempt.state is not AttemptState.OPEN
        return _with_attempt_state(record, call, what, AttemptState.REFUSED) if late else record
    if not all(failure.salvage.get(n) for n in ("client_id", "registration_access_token", "registration_client_uri")):
        # What a person settled, or a whole answer did, stays so when its sender wakes with half an answer.
        attempt = _attempt_of(record, call, what)
        lost = attempt is not None and attempt.state is AttemptState.OPEN
        return _with_attempt_state(record, call, what, AttemptState.SUSPECT) if lost else record
    # The client can be named and managed: it is not a suspect but a surplus client, to be deregistered.
    record = _with_attempt_state(record, call, what, AttemptState.COMMITTED)
    return _named(record, call, what, ClientInformation.parse(failure.salvage), now)


def known(
    record: Record,
    call: Call,
    asked: Asked | None,
    information: ClientInformation,
    endpoints: Mapping[str, str],
    origin: Registered,
    born: SigningKey | None = None,
) -> Record:
    """Take in a new client, or news of one that is known: the first one answered is published, for good.

    `born` is the key that was registered with it.
    """
    first = record.pair is None and record.released is None and not record.recreated
    same = _same(record, call, information)
    if same is not None:
        if call.number < same.answer.call:
            return record.with_client(_given_late(same, call, information))
        ended = record.last(CallKind.DEREGISTER, same.key)
        if ended is not None and ended.number > call.number:
            return _given_before(record, same, call, ended.call, information)
        # A server may give the same identifier out again: it lives.
        given = with_answer(same, call, information, endpoints)
        if origin.admitted_by != same.admitted_by:
            # An access token is not led to where a Secret said that it was.
            given = replace(given, previous=Previous())
        client = replace(given, origin=origin, confirmed=asked, end=Alive())
        needed = any(pair.client == same.key for pair in record.pairs)
        if born is not None and needed and not same.keys and not names(born, information.metadata):
            # The very client that apps use by its secret: by no word of the server's does it hold the key.
            client = replace(client, confirmed=same.confirmed)
        elif born is not None:
            # Whether it holds this key, the ones before or both, nobody knows: it is told.
            unknown = UpdateDue(client.unresolved)
            client = replace(client, keys=(*same.keys, born), kids=(born.kid,), standing=unknown)
    else:
        record, key = _with_key(record, call)
        client = Client(
            key=key,
            issuer=call.issuer,
            trust=call.trust,
            origin=origin,
            answer=Answer(information=information, call=call.number, endpoints=endpoints),
            confirmed=asked,
            standing=InStep(),
            keys=(born,) if born is not None else (),
            kids=(born.kid,) if born is not None else (),
        )
    record = record.with_client(client)
    return record.publishing(client) if first else offered(record, client, call.number, origin.at)


def _given_late(client: Client, call: Call, information: ClientInformation) -> Client:
    """Take in an answer to an earlier registration than the one whose answer holds: the server may hold either's."""
    known = client.information
    mine = (known.client_secret, known.registration_access_token)
    if mine == (information.client_secret, information.registration_access_token):
        return client
    client = with_spare(client, call, information)
    return replace(client, standing=UpdateDue(client.unresolved)) if client.alive and client.manageable else client


def _given_before(
    record: Record, client: Client, call: Call, deregistration: Call, information: ClientInformation
) -> Record:
    """Take in a late answer to a registration that was sent before the client was deregistered."""
    if not client.alive and deregistration.opened_at >= call.deadline:
        return record
    # Nobody knows which the server did first: it is deregistered once more.
    since = client.end.since if isinstance(client.end, Ending) else deregistration.opened_at
    return record.with_client(
        replace(with_answer(client, call, information, client.endpoints), end=Ending(since=since, lost=True))
    )


def _named(record: Record, call: Call, what: RegisterCall, information: ClientInformation, now: datetime) -> Record:
    """Take in a client that a broken answer names with all that it takes to manage it."""
    origin = Registered(attempt=what.attempt, at=now)
    same = _same(record, call, information)
    if same is not None and (same.alive or call.number < same.answer.call):
        # A server may answer a second request with the first client; what is whole is not replaced by a part.
        return record.with_client(with_spare(same, call, information))
    if same is not None:
        return record.with_client(replace(with_answer(same, call, information, {}), origin=origin, end=Alive()))
    record, key = _with_key(record, call)
    client = Client(
        key=key,
        issuer=call.issuer,
        trust=call.trust,
        origin=origin,
        answer=Answer(information=information, call=call.number),
    )
    return record.with_client(client)


def _same(record: Record, call: Call, information: ClientInformation) -> Client | None:
    return next((c for c in record.clients if is_same(c, call.issuer, information)), None)


def _with_key(record: Record, call: Call) -> tuple[Record, int]:
    """Return the key of a call's new client, and the record in which it is taken."""
    if record.client(call.number) is None:
        return record, call.number
    # Another process made the record anew, and numbered its own calls from the beginning.
    return replace(record, next_call=record.next_call + 1), record.next_call


def _with_attempt_state(record: Record, call: Call, what: RegisterCall, state: AttemptState) -> Record:
    attempt = _attempt_of(record, call, what)
    return record if attempt is None else record.with_attempt(replace(attempt, state=state))


def _attempt_of(record: Record, call: Call, what: RegisterCall) -> Attempt | None:
    """Return the attempt that a call belongs to; in a record that was made anew its number may be another's."""
    return next((a for a in record.attempts if a.number == what.attempt and a.sent_at == call.opened_at), None)
