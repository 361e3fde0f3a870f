"""The ladder while a client is published: its Secret kept true, then an edit of its metadata brought to the server."""

from datetime import UTC, datetime, timedelta

from .. import names
from ..credentials import PublishedSecret, amendment, content, is_owned
from ..names import Reason
from ..oauth.client_metadata import ClientMetadata
from ..oauth.rfc7591 import insufficiency
from ..record.envelope import has_room
from ..record.model import CallKind, CallOutcome, Client, Record, fingerprint
from ..resource.desired import Desired, Publication
from ..resource.oauth_client import OAuthClient
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
from .action import Action, AddFinalizer, Amend, Publish, ReadResource, ReadSecret, RemoveSecret, Update, Wait
from .observed import Missing, Observed, Unread
from .registration import invalid_spec, plan_preflight, plan_rehearsal, wait_for


def plan_upkeep(
    observed: Observed, resource: OAuthClient, desired: Desired, record: Record, client: Client, now: datetime
) -> Action:
    """Return the next step for a registered client."""
    if names.FINALIZER not in resource.finalizers:
        # Somebody took it away; a deletion must not pass unseen.
        return AddFinalizer()
    if client.key in observed.sharing_deletion:
        # Another record's DELETE of the same client is unresolved: what is published could be dead at once.
        message = "another resource's deregistration of the same client is not resolved yet"
        return Wait(verdict=Verdict(reason=Reason.PENDING, message=message), backoff=True)
    lacking = _insufficiency(client)
    # What was published before is kept true all the same: the update may have brought another client secret.
    if (lacking is None or resource.status.secret is not None) and desired.publication is not None:
        step = _plan_publication(observed, resource, desired, record, client, desired.publication, now)
        if step is not None:
            return step
    if desired.problem is not None or desired.metadata is None:
        # A bad edit loses nothing: what is published is kept true, and the condition says what to correct.
        return Wait(verdict=invalid_spec(desired), until=_expiry(client, now))
    if is_update_due(client, desired.metadata):
        return _plan_update(observed, record, client, desired.metadata, now)
    if lacking is not None:
        return Wait(verdict=lacking)
    if client.management_lost:
        # Undoing the edit sends nothing, and does not undo that the server refused the token.
        return Wait(verdict=management_lost(record.last(CallKind.UPDATE, client.key)), until=_expiry(client, now))
    if (expiry := client.information.client_secret_expires_at) and now >= datetime.fromtimestamp(expiry, UTC):
        return Wait(verdict=secret_expired(client))
    return Wait(verdict=registered(client), until=_expiry(client, now))


def is_update_due(client: Client, metadata: ClientMetadata) -> bool:
    """Whether the server has to be told: the desired metadata are not the confirmed ones, or nobody knows which hold.

    Never because the server's answer differs from the request: that is named in status and not fought.
    """
    if client.unresolved or client.update_due:
        return True
    digest = metadata.digest()
    if client.confirmed_digest is not None and _version(client.confirmed_digest) == _version(digest):
        return client.confirmed_digest != digest
    # A digest of another version says nothing; the values do.
    return client.confirmed != metadata.members


def _version(digest: str) -> str:
    return digest.partition(":")[0]


def _insufficiency(client: Client) -> Verdict | None:
    lacking = insufficiency(ClientMetadata.confirmed(client.confirmed or {}), client.information)
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
        return wait_for(observed.publication)
    if publication.secret_name not in record.secrets:
        # The name is written down before the Secret is made, so that it can always be found again.
        return Amend(deletion=desired.deletion, secret=publication.secret_name)
    secret = observed.secret
    if isinstance(secret, Unread):
        return ReadSecret(publication.secret_name)
    if isinstance(secret, PublishedSecret) and not is_owned(secret, resource.uid):
        # Whoever made it and whatever its label says: it is not ours to overwrite or delete.
        return Wait(verdict=not_owned(publication.secret_name), backoff=True)
    wanted = content(record.issuer, client, publication)
    if isinstance(secret, Missing) or amendment(secret, publication, wanted) is not None:
        if isinstance(secret, PublishedSecret) and secret.immutable:
            return Wait(verdict=immutable(secret.name))
        heal = resource.status.secret is not None and resource.status.secret.name == publication.secret_name
        if observed.heal_not_before is not None and now < observed.heal_not_before:
            # Somebody else keeps changing it: two controllers may disagree without a hot loop.
            return Wait(verdict=contended(publication.secret_name), until=observed.heal_not_before)
        return Publish(client, heal)
    for name in record.secrets:
        if name != publication.secret_name:
            # The new one is there; the old one may go, after a live look at whose it is.
            return RemoveSecret(name) if observed.live else ReadResource()
    return None


def _plan_update(observed: Observed, record: Record, client: Client, metadata: ClientMetadata, now: datetime) -> Action:
    last = record.last(CallKind.UPDATE, client.key)
    same = last is not None and last.digest == metadata.digest()
    slowly = last.at + observed.limits.retry_slowly if last is not None else now
    in_the_way = obstacle(client, admitted=client.key not in observed.unmanageable)
    if in_the_way is not None or client.update_unsupported:
        return Wait(verdict=update_unsupported(in_the_way))
    if client.management_lost and same and now < slowly:
        # Nothing is registered anew by itself; an administrator may repair the server.
        return Wait(verdict=management_lost(last), until=slowly)
    # A token that another answer brought since then was not refused.
    same_token = last is not None and last.bearer == fingerprint(client.information.registration_access_token)
    if last is not None and last.outcome is CallOutcome.REJECTED and same and same_token:
        asked = timedelta(seconds=last.retry_after or 0)
        pause = asked if last.status == 429 else max(observed.limits.retry_slowly, asked)
        if now < last.at + pause:
            # A refusal says nothing about an update before it whose answer was lost.
            verdict = update_ambiguous() if client.unresolved and last.status != 429 else rejected(last)
            return Wait(verdict=verdict, until=last.at + pause)
    if len(client.unresolved) > 1 and same and now < slowly:
        return Wait(verdict=update_ambiguous(), until=slowly)
    if isinstance(observed.secret, PublishedSecret) and observed.secret.immutable:
        # It could not take what the answer may bring. Deleting it is seen, and all goes on.
        return Wait(verdict=immutable(observed.secret.name))
    if observed.held is not None:
        # It failed a moment ago, and nothing has changed since that could make it better.
        return wait_for(observed.held)
    if not has_room(record):
        # An answer that cannot be kept is worse than an edit that waits.
        return Wait(verdict=record_full(), until=now + observed.limits.retry_slowly)
    # The endpoints that are published change with the update, so the issuer's metadata are needed.
    return plan_preflight(observed, None) or plan_rehearsal(observed) or Update(client)


def _expiry(client: Client, now: datetime) -> datetime | None:
    expiry = client.information.client_secret_expires_at
    at = datetime.fromtimestamp(expiry, UTC) if expiry else None
    return at if at is not None and at > now else None
