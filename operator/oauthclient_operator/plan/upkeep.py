"""The ladder while a client is published: its Secret kept true, then an edit of its metadata brought to the server."""

from datetime import UTC, datetime

from .. import names
from ..credentials import content
from ..errors import Retry
from ..names import Reason
from ..oauth.client_metadata import ClientMetadata
from ..oauth.rfc7591 import insufficiency
from ..published_secret import amendment, is_owned, new_secret
from ..record.calls import CallKind, UpdateCall, fingerprint
from ..record.clients import Client
from ..record.envelope import has_room
from ..record.record import Record
from ..resource.desired import Desired
from ..resource.oauth_client import OAuthClient
from ..resource.publication import Publication
from ..resource.secret import Secret
from ..verdict import (
    Verdict,
    contended,
    immutable,
    management_lost,
    not_owned,
    obstacle,
    record_full,
    registered,
    rejected,
    secret_expired,
    update_ambiguous,
    update_unsupported,
)
from . import pauses
from .action import Action, AddFinalizer, Amend, Publish, ReadResource, ReadSecret, RemoveSecret, Update, Wait
from .asked import asked
from .observed import Observed, Problem, Unread
from .reasons import is_update_due
from .registration import invalid_spec, plan_preflight, plan_rehearsal


def plan_upkeep(
    observed: Observed, resource: OAuthClient, desired: Desired, record: Record, client: Client, now: datetime
) -> Action:
    """Return the next step for a registered client."""
    if names.FINALIZER not in resource.finalizers:
        # Somebody took it away; a deletion must not pass unseen.
        return AddFinalizer()
    if client.key in observed.sharing_deletion and now < (settled := _shown_to_others(observed, record, client)):
        # Another record's DELETE of the same client is unresolved: what is published could be dead at once. Whoever
        # sees that this record holds the client, too, sends no other one.
        message = "another resource's deregistration of the same client is not resolved yet"
        return Wait(verdict=Verdict(reason=Reason.PENDING, message=message), until=settled)
    lacking = _insufficiency(client)
    # What was published before is kept true all the same: the update may have brought another client secret.
    if (lacking is None or resource.status.secret is not None) and desired.publication is not None:
        step = _plan_publication(observed, resource, desired, record, client, desired.publication, now)
        if step is not None:
            return step
    metadata = asked(desired)
    if metadata is None:
        # A bad edit loses nothing: what is published is kept true, and the condition says what to correct.
        return Wait(verdict=invalid_spec(desired), until=_expiry(client, now))
    if is_update_due(client, metadata):
        return _plan_update(observed, resource, desired, record, client, metadata, now)
    if lacking is not None:
        return Wait(verdict=lacking)
    if (expiry := client.information.client_secret_expires_at) and now >= datetime.fromtimestamp(expiry, UTC):
        return Wait(verdict=secret_expired(client))
    return Wait(verdict=registered(client), until=_expiry(client, now))


def _shown_to_others(observed: Observed, record: Record, client: Client) -> datetime:
    """Return when every call is over that was begun before others could see that this record holds the client."""
    last = record.last(CallKind.REGISTER)
    answered_at = client.origin.at if last is None else max(client.origin.at, last.at)
    return answered_at + observed.limits.exchange_timeout + observed.limits.margin


def _insufficiency(client: Client) -> Verdict | None:
    lacking = insufficiency(client.accepted, client.information)
    if lacking is None:
        return None
    message = (
        f"the authorization server registered the client differently, and not well enough to use: {lacking}; "
        "change spec.clientMetadata, or delete this resource to deregister the client"
    )
    return Verdict(reason=Reason.REGISTRATION_INSUFFICIENT, message=message, stalled=True)


def _plan_publication(
    observed: Observed,
    resource: OAuthClient,
    desired: Desired,
    record: Record,
    client: Client,
    publication: Publication,
    now: datetime,
) -> Action | None:
    if observed.publication is not None:
        # The API server refused it in this pass.
        return pauses.fresh(observed.publication, observed, now)
    if publication.secret_name not in record.secrets:
        # The name is written down before the Secret is made, so that it can always be found again.
        return Amend(deletion=desired.deletion, secret=publication.secret_name)
    secret = observed.secret
    if isinstance(secret, Unread):
        return ReadSecret(publication.secret_name)
    if isinstance(secret, Secret) and not is_owned(secret, resource.uid):
        # Whoever made it and whatever its label says: it is not ours to overwrite or delete.
        return pauses.fresh(Problem(not_owned(publication.secret_name), Retry.BACKOFF), observed, now)
    data = content(client, publication)
    write = (
        amendment(resource, secret, publication, data)
        if isinstance(secret, Secret)
        else new_secret(resource, publication, data)
    )
    if write is not None:
        if isinstance(secret, Secret) and secret.immutable:
            return Wait(verdict=immutable(secret.name))
        heal = resource.status.secret is not None and resource.status.secret.name == publication.secret_name
        if observed.heal_not_before is not None and now < observed.heal_not_before:
            # Somebody else keeps changing it: two controllers may disagree without a hot loop.
            return Wait(verdict=contended(publication.secret_name), until=observed.heal_not_before)
        return Publish(write, heal)
    for name in record.secrets:
        if name != publication.secret_name:
            # The new one is there; the old one may go, after a live look at whose it is.
            return RemoveSecret(name) if observed.live else ReadResource()
    return None


def _plan_update(
    observed: Observed,
    resource: OAuthClient,
    desired: Desired,
    record: Record,
    client: Client,
    metadata: ClientMetadata,
    now: datetime,
) -> Action:
    pause = _pause_of_update(observed, record, client, metadata, now)
    if pause is not None:
        return pause
    if isinstance(observed.secret, Secret) and observed.secret.immutable:
        # It could not take what the answer may bring. Deleting it is seen, and all goes on.
        return Wait(verdict=immutable(observed.secret.name))
    if observed.held is not None:
        # It failed a moment ago, and nothing has changed since that could make it better.
        return pauses.held(observed.held)
    if not has_room(record):
        # An answer that cannot be kept is worse than an edit that waits.
        return Wait(verdict=record_full(), until=now + observed.limits.retry_slowly)
    # The endpoints that are published change with the update, so the issuer's metadata are needed.
    preflight = plan_preflight(observed, None, now)
    return preflight or plan_rehearsal(observed, resource, desired.publication, now) or Update(client)


def _pause_of_update(
    observed: Observed, record: Record, client: Client, metadata: ClientMetadata, now: datetime
) -> Wait | None:
    last = record.last(CallKind.UPDATE, client.key)
    in_the_way = obstacle(client, admitted=client.key not in observed.unmanageable)
    if in_the_way is not None:
        return Wait(verdict=update_unsupported(in_the_way))
    if last is None or not isinstance(last.what, UpdateCall):
        return None
    same, slowly = last.what.asked.digest == metadata.digest(), last.at + observed.limits.retry_slowly
    if last.unsupported and now < slowly:
        # What stands before a server may have said it: it is asked again, but not with every edit.
        return Wait(verdict=update_unsupported(None), until=slowly)
    if client.management_lost and same and now < slowly:
        # Nothing is registered anew by itself; an administrator may repair the server.
        return Wait(verdict=management_lost(last), until=slowly)
    # A token that another answer brought since then was not refused.
    same_token = last.what.bearer == fingerprint(client.information.registration_access_token)
    if last.rejected and same and same_token:
        until = pauses.after_rejection(last, observed.failures, observed.limits)
        if now < until:
            # A refusal says nothing about an update before it whose answer was lost.
            unknown = client.unresolved and last.said.status != 429
            return Wait(verdict=update_ambiguous() if unknown else rejected(last), until=until)
    if len(client.unresolved) > 1 and same and now < slowly:
        return Wait(verdict=update_ambiguous(), until=slowly)
    return None


def _expiry(client: Client, now: datetime) -> datetime | None:
    expiry = client.information.client_secret_expires_at
    at = datetime.fromtimestamp(expiry, UTC) if expiry else None
    return at if at is not None and at > now else None
