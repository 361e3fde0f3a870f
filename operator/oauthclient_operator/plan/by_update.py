"""The ladder of a replacement by an update of the client that is published: no other client_id, no overlap of ours.

a client secret that expires   an update within the server's window, which says how long the one before is good
another method                 an update that says it, with a key that is born for it: what pods hold is refused at once
"""

from datetime import datetime

from ..record.calls import CallKind
from ..record.clients import Client
from ..record.record import Record
from ..record.renewal_tries import next_try_at
from ..record.replacements import Replacement, ReplacementReason, Strategy
from ..resource.desired import Desired
from ..resource.oauth_client import OAuthClient
from ..verdict import renewing
from . import reasons
from .action import Action, FallBack, GiveUp, Wait, Withdraw
from .asked import asked
from .keys import metadata_for
from .observed import Observed
from .registration import invalid_spec
from .strategies import strategy_of_all
from .updates import plan_update


def plan_by_update(
    observed: Observed,
    resource: OAuthClient,
    desired: Desired,
    record: Record,
    client: Client,
    replacement: Replacement,
    now: datetime,
) -> Action:
    """Return the next step of a replacement by an update, with which it begins, or goes on."""
    is_begun, once_more = record.replacement is not None, False
    if replacement.changes_method:
        metadata, is_born = asked(desired), replacement.pair is not None
        begins = replacement if not is_begun or (desired.signing is not None and not is_born) else None
    else:
        metadata, begins = metadata_for(record, client, desired), None if is_begun else replacement
        at = next_try_at(record, client)
        if replacement.tried_at is not None and at is not None and now < at:
            return Wait(verdict=renewing.not_renewed_yet(replacement.reasons, client, at), until=at)
        last = record.last(CallKind.UPDATE, client.key)
        # It may have been a gateway's page, and the secret ends.
        once_more = replacement.tried_at is not None and last is not None and last.not_understood
    if metadata is None:
        return Wait(verdict=invalid_spec(desired, record))
    return plan_update(observed, resource, desired, record, client, metadata, now, begins, once_more=once_more)


def plan_begun(
    observed: Observed,
    resource: OAuthClient,
    desired: Desired,
    record: Record,
    client: Client,
    current: Replacement,
    why: tuple[ReplacementReason, ...],
    now: datetime,
) -> Action:
    """Return the next step of one that is under way, for what asks for another pair by now."""
    how = strategy_of_all(observed, desired, record, client, why)
    fits = how is Strategy.SERVER and current.changes_method is (ReplacementReason.KEY_CHANGED in why)
    if current.pair is not None and (not fits or _is_another(client, resource, desired, current, now)):
        return GiveUp(current.pair)
    if fits:
        # A secret that expires does not wait for a method that its server refuses.
        expires = current.changes_method and ReplacementReason.EXPIRY in why
        if expires and current.pair is None and current.given_up:
            return FallBack(current)
        step = plan_by_update(observed, resource, desired, record, client, current, now)
        if expires and isinstance(step, Wait) and step.verdict.stalled:
            return FallBack(current) if current.pair is None else GiveUp(current.pair)
        return step
    # An edit took the reason away, or the server does not renew the secret after all.
    return FallBack(current) if how is Strategy.REREGISTER else Withdraw(current)


def _is_another(client: Client, resource: OAuthClient, desired: Desired, current: Replacement, now: datetime) -> bool:
    """Whether the spec asks for another key than the one that was born."""
    return ReplacementReason.KEY_CHANGED in reasons.of_pair(client, resource, desired, now, current.pair)
