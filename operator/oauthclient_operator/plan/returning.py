"""Which pair that is leaving is published again: A -> B -> A within an overlap returns, and registers nothing."""

from datetime import datetime

from ..record.calls import CallKind
from ..record.clients import Client
from ..record.management import Way
from ..record.pairs import Pair, expiry
from ..record.record import Record
from ..record.replacements import ReplacementReason
from ..resource.desired import Desired
from ..resource.oauth_client import OAuthClient
from ..verdict.updating import obstacle
from . import reasons
from .action import ReturnTo
from .asked import asked
from .managing import way_of
from .observed import Observed


def plan_return(
    observed: Observed,
    resource: OAuthClient,
    desired: Desired,
    record: Record,
    why: tuple[ReplacementReason, ...],
    now: datetime,
) -> ReturnTo | None:
    """Return that a pair which is leaving is published again, if one suits."""
    for leaving in reversed(record.leaving):
        back = record.client(leaving.pair.client)
        if back is not None and _suits_again(observed, resource, desired, record, back, leaving.pair, why, now):
            return ReturnTo(leaving.pair)
    return None


def _suits_again(
    observed: Observed,
    resource: OAuthClient,
    desired: Desired,
    record: Record,
    client: Client,
    pair: Pair,
    why: tuple[ReplacementReason, ...],
    now: datetime,
) -> bool:
    """Whether a pair that leaves is what the spec asks, or can be brought to it, so that no other is registered."""
    if ReplacementReason.REQUESTED in why or ReplacementReason.INTERVAL in why:
        return False
    metadata = asked(desired)
    if ReplacementReason.EXPIRY in why and not _lasts_longer(client, record.published):
        # Its server gave it out once more as it was: nothing would be won.
        return False
    refused = client.doubts is not None and (client.doubts.lasting or client.doubts.count > 1)
    if not client.wanted or refused or reasons.of_pair(client, resource, desired, now, pair):
        # What its server refused is not shown again; once may have been the time, and is tried again as published.
        return False
    if record.pair is not None and client.key == record.pair.client:
        # Of one client it is the key alone that becomes another; what else is amiss with it stays.
        return why == (ReplacementReason.KEY_CHANGED,)
    if metadata is None or reasons.is_confirmed(client, metadata):
        return True
    # Where one client of a server cannot take the edit, another cannot: they would take turns.
    last = record.last(CallKind.UPDATE, client.key)
    way = way_of(observed, client)
    refused = (client.management_lost and way is not Way.ACCESS) or (last is not None and last.unsupported)
    in_the_way = obstacle(client, way)
    return ReplacementReason.UNMANAGEABLE not in why and in_the_way is None and not refused


def _lasts_longer(client: Client, published: Client | None) -> bool:
    """Whether a client's secret expires after that of the published one, where both are of one issuer."""
    if published is None or published.issuer != client.issuer:
        return True
    before, after = expiry(published), expiry(client)
    return before is None or after is None or after > before
