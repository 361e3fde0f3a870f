"""The ladder of a resource that a person paused: nothing is called and no Secret written; what time brings is said."""

from dataclasses import replace
from datetime import datetime

from ..names import Reason
from ..record.management import Way
from ..record.pairs import expiry
from ..record.record import Record
from ..resource.desired import Desired
from ..resource.oauth_client import OAuthClient
from ..verdict.publishing import secret_expired
from ..verdict.records import paused
from ..verdict.registering import registered
from ..verdict.words import at_another_issuer, named
from .action import Renewal, Wait
from .reasons import next_at, of_published


def plan_pause(resource: OAuthClient, desired: Desired, record: Record | None, now: datetime) -> Wait:
    """Return what is said of a resource that is paused."""
    client = record.published if record is not None else None
    if record is None or client is None:
        return Wait(verdict=paused("no client is registered"))
    why = of_published(record, client, resource, desired, now, way=Way.TOKEN)
    why = why or (record.replacement.reasons if record.replacement is not None else ())
    at = next_at(record, client, resource, desired, now)
    obstacle = paused("the published client is not replaced") if why else None
    expires_at = expiry(client)
    dates = (at, expires_at if expires_at is not None and expires_at > now else None)
    until = min((date for date in dates if date is not None), default=None)
    said = Wait(
        verdict=paused("whether what is published is what spec asks is not known"),
        until=until,
        renewal=Renewal(at=at, reasons=why, verdict=obstacle),
    )
    if expires_at is not None and now >= expires_at:
        return replace(said, verdict=secret_expired(client, renewed=False, paused=True))
    before = next((record.client(x.pair.client) for x in record.leaving if x.shown_at is None), None)
    if before is not None:
        what = (
            f"{named(client)}{at_another_issuer(client, before)} is to be published, and the Secret may still show "
            f"{named(before)}{at_another_issuer(before, client)}, which stays good as long"
        )
        return replace(said, verdict=paused(what))
    status = resource.status
    if status.ready_reason == Reason.REGISTERED and status.observed_generation == resource.generation:
        # What the spec asks was there when it was paused, and nothing was done since.
        return replace(said, verdict=registered(client, record.answering(client), not_sent=desired.omitted))
    return said
