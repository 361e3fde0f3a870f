"""When an update is tried that may bring another client secret: a server that renews secrets does so near their end.

Keycloak renews one in the last part of its life, which a policy sets, and answers before that with the same secret and
the same date. Each try risks the answer, and with it the registration access token: they are few. The last one leaves
time for another client.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from .clients import Client
from .pairs import expiry
from .record import Record
from .replacements import Strategy

_APART: Final = 1 / 10
_LAST: Final = 1 / 20
"""Of the secret's life."""


def next_try_at(record: Record, client: Client) -> datetime | None:
    """Return when the next update may bring another secret, after those that did not; None where the last one was."""
    latest = _last_try_at(client)
    if latest is None:
        return None
    tried_at = record.replacement.tried_at if record.replacement is not None else None
    if tried_at is None:
        return client.credential_since
    expires_at = expiry(client) or latest
    return min(tried_at + (expires_at - client.credential_since) * _APART, latest) if tried_at < latest else None


def tried(record: Record, client: Client, at: datetime, *, answered: bool) -> Record:
    """Write down that an update brought the published client nothing new; of one that failed only if it was the last.

    An edit that is refused again and again is no try, and must not put the next one off.
    """
    current, latest = record.replacement, _last_try_at(client)
    if current is None or current.strategy is not Strategy.SERVER or current.changes_method:
        return record
    if record.pair is None or record.pair.client != client.key or latest is None or not (answered or at >= latest):
        return record
    return replace(record, replacement=replace(current, tried_at=at))


def _last_try_at(client: Client) -> datetime | None:
    expires_at = expiry(client)
    return None if expires_at is None else expires_at - (expires_at - client.credential_since) * _LAST
