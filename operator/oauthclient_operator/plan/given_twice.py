"""What waits, or is done, where a server may give one client out twice: to two records, or again after its end."""

from datetime import datetime

from ..names import Reason
from ..record.calls import CallKind
from ..record.clients import Client
from ..record.holds import deregistered_until
from ..record.pairs import Pair
from ..record.record import Record
from ..resource.oauth_client import OAuthClient
from ..verdict.verdict import Verdict
from .action import Doubt, GiveUp, Wait
from .observed import Limits, Observed


def before_registration(record: Record, limits: Limits, now: datetime) -> Wait | None:
    """Return the wait for deregistrations whose answers were lost: what is registered after them lives.

    They may still arrive, and a server may answer a registration with the client that they are about.
    """
    ends = (deregistered_until(record, c) for c in record.clients if c.may_be_gone)
    until = max((at + limits.margin for at in ends if at is not None), default=now)
    message = "a deregistration whose answer was lost may still arrive; then the client is registered"
    return Wait(verdict=Verdict(reason=Reason.PENDING, message=message), until=until) if now < until else None


def before_publication(
    observed: Observed, resource: OAuthClient, record: Record, client: Client, now: datetime
) -> Wait | Doubt | None:
    """Return what stands before the publication of a client that another record deregisters, or just did.

    What was published before is no news, and stays.
    """
    return _before_use(observed, record, client, now, is_news=resource.status.secret is None)


def before_promotion(
    observed: Observed, record: Record, candidate: Client, pair: Pair, now: datetime
) -> Wait | GiveUp | None:
    """Return what stands before a candidate, that pair, takes the place of what is published."""
    step = _before_use(observed, record, candidate, now, is_news=True)
    return GiveUp(pair) if isinstance(step, Doubt) else step


def _before_use(
    observed: Observed, record: Record, client: Client, now: datetime, *, is_news: bool
) -> Wait | Doubt | None:
    until = observed.ended_elsewhere.get(client.key) if is_news else None
    if client.key in observed.sharing_deletion:
        # Nobody knows until when: whoever sees that this record holds the client, too, sends no other one.
        settled = _shown_to_others(observed, record, client)
        until = settled if now < settled else until
    elif until is not None and now >= until:
        # The server may have done that after it answered the registration.
        return Doubt(client.key)
    message = "another resource's deregistration of the same client is not resolved yet"
    if until is None or now >= until:
        return None
    return Wait(verdict=Verdict(reason=Reason.PENDING, message=message), until=until)


def _shown_to_others(observed: Observed, record: Record, client: Client) -> datetime:
    """Return when every call is over that was begun before others could see that this record holds the client."""
    last = record.last(CallKind.REGISTER)
    answered_at = client.origin.at if last is None else max(client.origin.at, last.at)
    return answered_at + observed.limits.exchange_timeout + observed.limits.margin
