"""A record without what nothing refers to any more, so that its size is bounded however long its resource lives."""

from dataclasses import replace
from typing import Final

from .attempts import Attempt, AttemptState
from .calls import ClosedCall
from .clients import Client
from .record import Record

CLOSED_CALLS_KEPT: Final = 16
ATTEMPTS_KEPT: Final = 8
GONE_CLIENTS_KEPT: Final = 8


def compacted(record: Record) -> Record:
    """Return the record with the newest of what is settled, and with all that is not."""
    return replace(record, closed=_closed(record), attempts=_attempts(record), clients=_clients(record))


def _closed(record: Record) -> tuple[ClosedCall, ...]:
    newest = {(c.what.kind, c.call.client): c.number for c in record.closed}
    needed = {*newest.values(), *(n for client in record.clients for n in client.unresolved)}
    recent = {c.number for c in record.closed[-CLOSED_CALLS_KEPT:]}
    return tuple(c for c in record.closed if c.number in needed or c.number in recent)


def _attempts(record: Record) -> tuple[Attempt, ...]:
    recent = record.attempts[-ATTEMPTS_KEPT:]
    kept = (a for a in record.attempts if a.suspect or a in recent)
    return tuple(a if a.suspect or a.state is AttemptState.OPEN else replace(a, metadata={}) for a in kept)


def _clients(record: Record) -> tuple[Client, ...]:
    published = record.pair.client if record.pair is not None else None
    gone = [c.key for c in record.clients if not c.alive and c.key != published]
    return tuple(_gone(c) if c.key in gone else c for c in record.clients if c.key not in gone[:-GONE_CLIENTS_KEPT])


def _gone(client: Client) -> Client:
    identity = replace(client.answer, information=client.information.identity())
    return replace(client, answer=identity, confirmed=None, spares=())
