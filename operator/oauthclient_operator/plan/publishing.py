"""The ladder of the published Secret: made, put right, and what was published under another name taken away."""

from datetime import datetime

from ..credentials import content, unwritten
from ..errors import Retry
from ..published_secret import (
    Amendment,
    NewSecret,
    amendment,
    edition_of,
    is_owned,
    new_secret,
    taken_further,
    taken_keys,
)
from ..record.clients import Client
from ..record.record import Record
from ..resource.desired import Desired
from ..resource.oauth_client import OAuthClient
from ..resource.publication import Publication
from ..resource.secret import Secret
from ..verdict.publishing import (
    contended,
    immutable,
    key_taken,
    keys_taken,
    keys_unwritten,
    not_owned,
)
from ..verdict.records import record_outdated
from ..verdict.verdict import Verdict
from . import pauses
from .action import Action, Amend, Publish, ReadResource, ReadSecret, RemoveSecret, Wait
from .observed import Observed, Problem, Unread


def plan_publication(
    observed: Observed,
    resource: OAuthClient,
    desired: Desired,
    record: Record,
    client: Client,
    publication: Publication,
    now: datetime,
) -> Action | None:
    """Return the next step towards a Secret that shows the published pair, or None where it does."""
    if publication.secret_name not in record.secrets:
        # The name is written down before the Secret is made, so that it can always be found again.
        return Amend(deletion=desired.deletion, secret=publication.secret_name)
    secret = observed.secret
    if isinstance(secret, Unread):
        return ReadSecret(publication.secret_name)
    if isinstance(secret, Secret) and not is_owned(secret, resource.uid):
        # Whoever made it and whatever its label says: it is not ours to overwrite or delete.
        return pauses.fresh(
            Problem(not_owned(publication.secret_name, secret, resource_name=resource.name), Retry.BACKOFF),
            observed,
            now,
        )
    write = lacking_of(observed, resource, publication, record, client)
    if isinstance(secret, Secret) and edition_of(secret) > record.edition and write is not None and write.data:
        # The record is older than what is published there, which may be the last copy of working credentials. Where
        # the very pair of the record is there, somebody wrote the number alone.
        return Wait(verdict=record_outdated(edition_of(secret), record.edition))
    if (
        isinstance(secret, Secret)
        and write is not None
        and (taken := taken_keys(secret, publication) & write.data.keys())
    ):
        return Wait(verdict=keys_taken(secret.name, taken))
    if write is not None and observed.publication is not None and write.data:
        # The API server refused it in this pass, or stored something else.
        return pauses.fresh(observed.publication, observed, now)
    if isinstance(write, Amendment):
        write = write.without(observed.unkept) if observed.publication is None else None
    if write is not None:
        step = _plan_write(observed, resource, record, write, now)
        if step is not None:
            return step
    for name in record.secrets:
        if name != publication.secret_name and observed.instead is None:
            # The new one is there; the old one may go, after a live look at whose it is.
            return RemoveSecret(name) if observed.live else ReadResource()
    return None


def _plan_write(
    observed: Observed, resource: OAuthClient, record: Record, write: Amendment | NewSecret, now: datetime
) -> Action | None:
    """Return the next step to bring the Secret to what it should hold, or None where that may wait for an update."""
    if write.data and isinstance(observed.secret, Secret) and observed.secret.immutable:
        return Wait(verdict=immutable(write.name))
    if observed.held is not None and observed.unkept.data & write.data.keys():
        # It was written a moment ago, and something else was stored: the same would be stored again.
        return pauses.held(observed.held)
    if observed.heal_not_before is not None and now < observed.heal_not_before:
        # Somebody else keeps changing it: two controllers may disagree without a hot loop. Or it could not be written.
        verdict = observed.unwritten or contended(write.name)
        return Wait(verdict=verdict, until=observed.heal_not_before) if write.data else None
    said, unchanged = resource.status.secret, resource.status.observed_generation == resource.generation
    news = any(leaving.shown_at is None for leaving in record.leaving)
    news = news or (resource.status.edition is not None and resource.status.edition < record.edition)
    # What an edit of the spec or another edition brings was changed by nobody else.
    return Publish(write, heal=unchanged and not news and said is not None and said.name == write.name)


def lacking_of(
    observed: Observed, resource: OAuthClient, publication: Publication, record: Record, client: Client
) -> Amendment | NewSecret | None:
    """Return what the published Secret lacks, whether or not it is worth another write."""
    data = content(client, publication, record.pair)
    if isinstance(observed.secret, Secret):
        return amendment(resource, observed.secret, publication, data, record.edition)
    return new_secret(resource, publication, data, record.edition)


def about_unwritten(observed: Observed, publication: Publication, record: Record, client: Client) -> Verdict | None:
    """Return which keys are not written into the Secret as it is there, and why, or None where all are."""
    why, secret = unwritten(client, publication, record.pair), observed.secret
    if isinstance(secret, Secret):
        taken = taken_further(secret, publication, content(client, publication, record.pair))
        why = {**why, **dict.fromkeys(taken, key_taken())}
    return keys_unwritten(publication.secret_name, why) if why else None
