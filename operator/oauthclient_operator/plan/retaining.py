"""What becomes of a record's clients where the policy retains them: what pods may hold stays, all else is ended.

What leaves is still good until its date; nobody was ever shown a candidate, nor a client that turned out to be surplus.
"""

from datetime import datetime, timedelta

from ..record.adoptions import Proven
from ..record.clients import Alive, Client, LeftBehind
from ..record.departures import leaves_at
from ..record.record import Record, ReleaseOutcome
from .action import Deregister, PassOn, Release, Retire
from .deregistration import plan_deregistration
from .observed import Observed


def not_retained(record: Record) -> tuple[Client, ...]:
    """Return the clients that were to be ended whatever the policy is; none where it is not known what is published."""
    if record.pair is None:
        return ()
    held = {record.pair.client, *(leaving.pair.client for leaving in record.leaving)}
    held |= {record.adoption.client} if isinstance(record.adoption, Proven) else set()
    return tuple(client for client in record.clients if client.alive and client.key not in held)


def plan_retained(observed: Observed, record: Record, now: datetime) -> PassOn | Deregister | Release:
    """Return the next step of a deletion that retains: others are ended by one try each, and not waited for.

    Who lets a resource go at once writes Retain; the record goes on trying.
    """
    for client in not_retained(record):
        if client.key in observed.newer_elsewhere:
            return PassOn(client.key)
        step = plan_deregistration(observed, record, client, now)
        if isinstance(step, Deregister) and isinstance(client.end, Alive | LeftBehind):
            return step
    return Release(ReleaseOutcome.RETAINED)


def plan_departure(record: Record, now: datetime) -> Retire | datetime | None:
    """Return what is done for the pairs that were leaving when the resource went, or when the next one's time is over.

    One that was not seen to be replaced in the Secret has no date: pods may hold it, and it stays.
    """
    dates = [(at, x.pair) for x in record.leaving if (at := leaves_at(record, x, timedelta())) is not None]
    for at, pair in dates:
        if now >= at:
            return Retire(pair)
    return min((at for at, _ in dates), default=None)
