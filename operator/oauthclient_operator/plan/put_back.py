"""A record as it is read by a clock that was put back: what it dates in the future is behind us, and not waited for.

A clock that was ahead for a while, and is right again, has left times that are to come: the end of an open call, the
last try, when a secret came. All of them have happened. When, nobody knows; but no later than this process began, or
than its own clock was put back while it ran, which is then its beginning. So they count as of then: what is waited for
begins anew at that moment, and is never over too early.

It is a way to read, and nothing of it is written down: by these times late answers are known, and records compare
theirs.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from ..record.adoptions import Adoption, Offered, Refused
from ..record.attempts import Attempt
from ..record.calls import Call, ClosedCall
from ..record.clients import CLOCKS_DIFFER, Client, Ending
from ..record.envelope import Stored
from ..record.record import Record
from ..record.replacements import Leaving
from .observed import Limits, Observed


def is_ahead(at: datetime | None, now: datetime) -> bool:
    """Whether a time at which something happened lies in the future."""
    return at is not None and at > now + CLOCKS_DIFFER


def as_of(observed: Observed, now: datetime) -> Observed:
    """Return what is observed, with what happened in the future counted as of this process's beginning."""
    if not isinstance(observed.record, Stored):
        return observed
    record, ends = observed.record.record, observed.ended_elsewhere
    if any(is_ahead(at, now) for at in _times(record)):
        read = _Reading(now, min(observed.began_at, now), observed.limits)
        observed = replace(observed, record=replace(observed.record, record=read.record(record)))
    latest = now + CLOCKS_DIFFER + observed.limits.exchange_timeout + 2 * observed.limits.margin
    if any(at > latest for at in ends.values()):
        began = min(observed.began_at, now)
        observed = replace(observed, ended_elsewhere={k: at if at <= latest else began for k, at in ends.items()})
    return observed


def _times(record: Record) -> Iterator[datetime | None]:
    """Iterate over when what the record tells of happened."""
    yield record.promoted_at
    yield record.open.opened_at if record.open is not None else None
    yield record.without_effect.at if record.without_effect is not None else None
    yield record.released.at if record.released is not None else None
    yield record.replacement.tried_at if record.replacement is not None else None
    yield record.adoption.at if isinstance(record.adoption, Refused) else None
    yield from (a.sent_at for a in record.attempts)
    yield from (leaving.shown_at for leaving in record.leaving)
    for closed in record.closed:
        yield closed.at
        yield closed.call.opened_at
    offered = (record.adoption.client,) if isinstance(record.adoption, Offered) else ()
    for client in (*record.clients, *offered):
        yield client.origin.at
        yield client.credential_at
        yield client.doubts.last_at if client.doubts is not None else None
        yield client.end.since if isinstance(client.end, Ending) else None
        yield from (key.born_at for key in client.keys)


class _Reading:
    def __init__(self, now: datetime, began_at: datetime, limits: Limits) -> None:
        self._now = now
        self._began_at = began_at
        self._timeout = limits.exchange_timeout

    def record(self, record: Record) -> Record:
        current, ended, released = record.replacement, record.without_effect, record.released
        return replace(
            record,
            open=None if record.open is None else self._open(record.open),
            closed=tuple(self._closed(c) for c in record.closed),
            attempts=tuple(self._attempt(a) for a in record.attempts),
            clients=tuple(self._client(c) for c in record.clients),
            promoted_at=self._past_or_none(record.promoted_at),
            replacement=None if current is None else replace(current, tried_at=self._past_or_none(current.tried_at)),
            leaving=tuple(self._leaving(leaving) for leaving in record.leaving),
            without_effect=None if ended is None else replace(ended, at=self._past(ended.at)),
            released=None if released is None else replace(released, at=self._past(released.at)),
            adoption=self._adoption(record.adoption),
        )

    def _past(self, at: datetime) -> datetime:
        return self._began_at if is_ahead(at, self._now) else at

    def _past_or_none(self, at: datetime | None) -> datetime | None:
        return None if at is None else self._past(at)

    def _open(self, call: Call) -> Call:
        """Return an open call: what another process sent, it sent before this one began."""
        ahead = is_ahead(call.opened_at, self._now)
        return replace(call, deadline=self._began_at + self._timeout) if ahead else call

    def _closed(self, closed: ClosedCall) -> ClosedCall:
        at = self._past(closed.at)
        # None is closed before it is opened.
        deadline = min(closed.call.deadline - (closed.at - at), at + self._timeout)
        return replace(closed, at=at, call=replace(closed.call, deadline=deadline))

    def _attempt(self, attempt: Attempt) -> Attempt:
        ahead = is_ahead(attempt.sent_at, self._now)
        return replace(attempt, until=self._began_at + self._timeout) if ahead else attempt

    def _client(self, client: Client) -> Client:
        end, doubts = client.end, client.doubts
        if doubts is not None:
            # Over how long they were counted is what they are believed for.
            last_at = self._past(doubts.last_at)
            doubts = replace(doubts, first_at=last_at - (doubts.last_at - doubts.first_at), last_at=last_at)
        return replace(
            client,
            origin=replace(client.origin, at=self._since(client, client.origin.at)),
            credential_at=None if client.credential_at is None else self._since(client, client.credential_at),
            doubts=doubts,
            keys=tuple(replace(key, born_at=self._past(key.born_at)) for key in client.keys),
            end=replace(end, since=self._past(end.since)) if isinstance(end, Ending) else end,
        )

    def _since(self, client: Client, at: datetime) -> datetime:
        """Return when the server issued something: its own clock may have told, where ours was ahead."""
        if not is_ahead(at, self._now):
            return at
        told = client.credential_dated
        return self._began_at if told is None or told > self._now else told

    def _leaving(self, leaving: Leaving) -> Leaving:
        shown_at, until = leaving.shown_at, leaving.until
        if shown_at is None or until is None or not is_ahead(shown_at, self._now):
            return leaving
        return replace(leaving, shown_at=self._began_at, until=self._began_at + (until - shown_at))

    def _adoption(self, adoption: Adoption | None) -> Adoption | None:
        match adoption:
            case Offered(client=client):
                return replace(adoption, client=self._client(client))
            case Refused(at=at, client=read, answer=answer):
                return replace(
                    adoption,
                    at=self._past(at),
                    client=None if read is None else self._client(read),
                    answer=None if answer is None else self._closed(answer),
                )
            case _:
                return adoption
