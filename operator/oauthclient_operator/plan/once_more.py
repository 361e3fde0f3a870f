"""Before another client takes the place of one on its server's word alone, the server is asked once more.

What was refused before may have been a gateway's word, and that gateway mended since; or an administrator's doing.
"""

from datetime import datetime, timedelta
from typing import Final

from ..oauth.proof.results import Refused
from ..record.calls import CallKind
from ..record.clients import Client
from ..record.record import Record
from ..record.replacements import ReplacementReason
from ..resource.desired import Desired
from ..resource.oauth_client import OAuthClient
from ..verdict.renewing import not_said_again
from .action import Action, Check, Wait
from .asked import asked
from .observed import Observed
from .proving import ASKED_AGAIN, PATIENCE, ask, asked_again_at, proof_of
from .reasons import goes_on_anyway, is_mistrusted
from .updates import plan_update

_LATELY: Final = timedelta(minutes=1)
"""What was refused so lately is refused now."""


def ask_once_more(
    observed: Observed,
    resource: OAuthClient,
    desired: Desired,
    record: Record,
    client: Client,
    why: tuple[ReplacementReason, ...],
    now: datetime,
) -> Action | None:
    """Return how to ask whether a reason still stands, or None where it does, or needs nobody's word."""
    if goes_on_anyway(why) or client.issuer != desired.terms.issuer:
        # It goes on whatever its server says; and what is presented is for the client's own server alone.
        return None
    if ReplacementReason.GONE in why and (step := _proof(observed, client, why, now)) is not None:
        return step
    if ReplacementReason.UNMANAGEABLE in why:
        return _update(observed, resource, desired, record, client, now)
    return None


def ask_before_promotion(
    observed: Observed,
    resource: OAuthClient,
    desired: Desired,
    record: Record,
    client: Client,
    candidate: Client,
    asking: tuple[ReplacementReason, ...],
    now: datetime,
) -> Action | None:
    """Return how to ask whether a client is gone still, now that another is accepted: no gateway refuses all."""
    if ReplacementReason.GONE not in asking or not is_mistrusted(asking):
        return None
    step = ask_once_more(observed, resource, desired, record, client, (ReplacementReason.GONE,), now)
    # It was refused right before the other one was registered; apps do not wait for ever for another word.
    return None if isinstance(step, Wait) and now >= candidate.origin.at + PATIENCE else step


def _proof(observed: Observed, client: Client, why: tuple[ReplacementReason, ...], now: datetime) -> Action | None:
    step = proof_of(client)
    if not isinstance(step, Check):
        return None
    result, again = observed.proofs.get(client.key), asked_again_at(observed, observed.limits.retry_slowly)
    if result is None and (again is None or now >= again):
        return ask(observed, client, step, now)
    if isinstance(result, Refused):
        return None
    silent = observed.unanswered
    lasts = silent is not None and now >= silent.since + PATIENCE
    return Wait(verdict=not_said_again(why, client, lasts=lasts), until=max(again or now, now + ASKED_AGAIN))


def _update(
    observed: Observed, resource: OAuthClient, desired: Desired, record: Record, client: Client, now: datetime
) -> Action | None:
    """Return the edit's update once more where the token was refused, or all updates were, and not a moment ago."""
    last, metadata = record.last(CallKind.UPDATE, client.key), asked(desired)
    if metadata is None or last is None or not (client.management_lost or last.unsupported):
        return None
    if now < last.at + _LATELY:
        return None
    step = plan_update(observed, resource, desired, record, client, metadata, now, once_more=True)
    return None if isinstance(step, Wait) else step
