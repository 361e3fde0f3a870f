"""A record without what nothing refers to any more, so that its size is bounded however long its resource lives."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ..reach import Reach
from .adoptions import Offered, Proven
from .attempts import Attempt, AttemptState
from .calls import ClosedCall, RegisterCall, UpdateCall
from .clients import Client, LeftBehind, Previous, Registered, Untold
from .record import Record

CLOSED_CALLS_KEPT: Final = 16
SAYINGS_KEPT: Final = 4
"""So many refused registrations, and updates of what is in use, that say different things: each with its newest answer.

What was refused is known by that, however often something else was said since.
"""
ATTEMPTS_KEPT: Final = 8
GONE_CLIENTS_KEPT: Final = 8
LEFT_CLIENTS_KEPT: Final = 64
LEFT_BYTES_KEPT: Final = 256 * 1024
"""Of their addresses and tokens together, which a server may make as long as an answer."""
SUSPECTS_KEPT: Final = 64
"""Of what was left behind, or may have been, so many are named; of those before them no more than their number."""


def compacted(record: Record) -> Record:
    """Return the record with the newest of what is settled, and with all that is not."""
    record = _without_suspects(_without_left(replace(record, clients=_clients(record))))
    return replace(record, closed=_closed(record), attempts=_attempts(record), reaches=_reaches(record))


def _closed(record: Record) -> tuple[ClosedCall, ...]:
    known = {None, *(client.key for client in record.clients)}
    known |= {record.adoption.client.key} if isinstance(record.adoption, Offered) else set()
    newest = {(c.what.kind, c.call.client): c.number for c in record.closed if c.call.client in known}
    needed = {*newest.values(), *(n for client in record.clients for n in client.unanswered), *_sayings(record)}
    in_use = {pair.client for pair in record.pairs}
    # What let in a client in use tells how another one may be let in there.
    needed |= {c.number for c in record.closed if isinstance(c.what, RegisterCall) and c.number in in_use}
    recent = {c.number for c in record.closed[-CLOSED_CALLS_KEPT:]}
    return tuple(c for c in record.closed if c.number in needed or c.number in recent)


def _reaches(record: Record) -> dict[str, Reach]:
    needed = {client.issuer for client in record.clients if client.alive}
    needed |= {record.open.issuer} if record.open is not None else set()
    # A late answer may bring the client that was lost, and one that is handed over is the record's after its proof.
    needed |= {attempt.issuer for attempt in record.suspects[-ATTEMPTS_KEPT:]}
    needed |= {record.adoption.client.issuer} if isinstance(record.adoption, Offered) else set()
    return {issuer: reach for issuer, reach in record.reaches.items() if issuer in needed}


def _sayings(record: Record) -> Iterator[int]:
    """Iterate over the newest calls that say different things, to register a client or to update one in use."""
    for about in {None, *(pair.client for pair in record.pairs)}:
        said: dict[tuple[object, ...], int] = {}
        for closed in record.closed:
            match closed.what:
                case RegisterCall() as what if about is None and (closed.refuses_metadata or closed.not_understood):
                    said[closed.call.issuer, what.asked.digest, what.signing] = closed.number
                case UpdateCall() as what if about == what.client:
                    said[what.asked.digest, frozenset(what.kids)] = closed.number
        yield from sorted(said.values())[-SAYINGS_KEPT:]


def _attempts(record: Record) -> tuple[Attempt, ...]:
    recent = record.attempts[-ATTEMPTS_KEPT:]
    origins = (client.origin for pair in record.pairs if (client := record.client(pair.client)) is not None)
    in_use = {origin.attempt for origin in origins if isinstance(origin, Registered)}
    kept = (a for a in record.attempts if a.suspect or a in recent or a.number in in_use)
    whole = (*record.suspects[-ATTEMPTS_KEPT:], *(a for a in record.attempts if a.state is AttemptState.OPEN))
    return tuple(a if a in whole else replace(a, metadata={}) for a in kept)


def _clients(record: Record) -> tuple[Client, ...]:
    needed = {pair.client for pair in record.pairs}
    needed |= {record.adoption.client} if isinstance(record.adoption, Proven) else set()
    gone = [c.key for c in record.clients if not c.alive and c.key not in needed]
    kept = (c for c in record.clients if c.key not in gone[:-GONE_CLIENTS_KEPT])
    # What an app holds, or is about to, is kept whole.
    return tuple(c if c.key in needed else _compacted(c, gone=c.key in gone) for c in kept)


def _compacted(client: Client, *, gone: bool) -> Client:
    if gone or _is_beyond_reach(client):
        return _gone(client)
    if not isinstance(client.end, LeftBehind):
        return client
    # What its end takes is kept, and what a person may use it with until then.
    answer = replace(client.answer, information=client.information.without_metadata(), endpoints={})
    return replace(client, answer=answer, confirmed=None, kept=())


def _without_left(record: Record) -> Record:
    """Return the record without clients that nobody can use any more, and with the newest of those left behind."""
    now = max((c.at for c in record.closed), default=None)
    needed = {pair.client for pair in record.pairs}
    left = {c.key: c.end for c in record.clients if isinstance(c.end, LeftBehind) and c.key not in needed}
    over = {key for key, end in left.items() if now and end.useless_from is not None and now >= end.useless_from}
    by_age = sorted(left.keys() - over, key=lambda key: left[key].at)
    untold = by_age[: -_fitting(record, by_age[-LEFT_CLIENTS_KEPT:]) or None]
    if untold:
        until = left[untold[-1]].at
        before = record.untold or Untold(until=until)
        record = replace(record, untold=before.and_these(clients=len(untold), until=until))
    return replace(record, clients=tuple(c for c in record.clients if c.key not in {*over, *untold}))


def _fitting(record: Record, by_age: list[int]) -> int:
    """Return how many of the newest of those clients there is room for: one at least."""
    room, fitting = LEFT_BYTES_KEPT, 0
    for client in (record.client(key) for key in reversed(by_age)):
        if client is None:
            continue
        tokens = (spare.registration_access_token for spare in client.spares)
        room -= len(str(client.information.members)) + sum(len(token.reveal()) for token in tokens if token)
        if room < 0 and fitting:
            break
        fitting += 1
    return fitting


def _without_suspects(record: Record) -> Record:
    """Return the record with the newest of the attempts that may have left a client."""
    untold = record.suspects[:-SUSPECTS_KEPT]
    if not untold:
        return record
    until = untold[-1].until
    before = record.untold or Untold(until=until)
    kept = tuple(a for a in record.attempts if a not in untold)
    return replace(record, attempts=kept, untold=before.and_these(suspects=len(untold), until=until))


def _is_beyond_reach(client: Client) -> bool:
    """Whether it was left behind and there is nothing to call for it with."""
    has_token = client.manageable or any(spare.registration_access_token for spare in client.spares)
    return isinstance(client.end, LeftBehind) and not has_token


def _gone(client: Client) -> Client:
    identity = replace(client.answer, information=client.information.identity())
    return replace(
        client,
        answer=identity,
        confirmed=None,
        unresolved_reads=(),
        spares=(),
        previous=Previous(),
        keys=(),
        kids=(),
    )
