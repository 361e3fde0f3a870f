"""The steps that look at the cluster and the issuer, and change nothing in either: each adds what it found."""

from dataclasses import replace
from datetime import datetime

from ..errors import (
    ClusterError,
    InitialAccessTokenUnusable,
    IssuerBusy,
    OperatorError,
    Retry,
    Stale,
    UnreadableRecord,
)
from ..issuer.caller import Caller
from ..oauth.rfc8414 import ServerMetadata
from ..plan import pauses, refusals
from ..plan.observed import Missing, Observed, Problem, Unread
from ..published_secret import Amendment, NewSecret
from ..record.envelope import Stored
from ..resource.desired import Desired
from ..resource.initial_access_token import Recipient, initial_access_token
from ..resource.oauth_client import OAuthClient
from ..verdict import record_unreadable
from .observe import with_record
from .ports import Secrets
from .world import World


async def read_resource(world: World, observed: Observed) -> Observed:
    """Read the resource live.

    Raises:
        Stale: it is gone, another one, or was edited.
    """
    known = observed.resource
    if not isinstance(known, OAuthClient):
        return replace(observed, resource=await _resource_of_record(world, observed), live=True)
    resource = await world.resources.read(known.namespace, known.name)
    if resource is None:
        # It went while nobody watched: kopf's next list does not say so.
        world.watched.forget_resource(known.namespace, known.name, known.uid)
        raise Stale
    if (resource.uid, resource.generation) != (known.uid, known.generation):
        raise Stale
    return replace(observed, resource=resource, live=True)


async def _resource_of_record(world: World, observed: Observed) -> OAuthClient | None:
    if not isinstance(observed.record, Stored):
        raise TypeError("plan looks for a record's resource only when it was read")
    subject = observed.record.record.subject
    resource = await world.resources.read(subject.namespace, subject.name)
    return resource if resource is not None and resource.uid == subject.uid else None


async def read_record(world: World, observed: Observed, uid: str) -> Observed:
    """Read the record of a UID live."""
    try:
        stored = await world.records.read(uid)
    except UnreadableRecord as error:
        return replace(observed, record=Problem(record_unreadable(str(error)), Retry.SLOWLY))
    if stored is None:
        return replace(observed, record=Missing())
    return with_record(observed, stored, world.watched, world.issuers)


async def read_secret(world: World, observed: Observed, namespace: str, name: str) -> Observed:
    """Read the published Secret live."""
    return replace(observed, secret=await world.secrets.read(namespace, name) or Missing())


async def read_initial_access_token(secrets: Secrets, observed: Observed, desired: Desired, name: str) -> Observed:
    """Read the initial access token of that Secret, and hold it for the endpoint at hand."""
    if not isinstance(observed.resource, OAuthClient):
        raise TypeError("plan reads an initial access token only for a resource")
    secret, server = await secrets.read(observed.resource.namespace, name), observed.server
    if isinstance(observed.initial_access_token_version, Unread):
        # No watch tells which version there is: a refusal is remembered with the one that was read.
        observed = replace(observed, initial_access_token_version=None if secret is None else secret.version)
    if not isinstance(server, ServerMetadata) or server.registration_endpoint is None:
        # It was looked at whether it is another one; it is held for an endpoint at hand, whose server also says by
        # which algorithm a key may sign, and for no other.
        return observed
    to = Recipient(
        issuer=desired.terms.issuer, endpoint=server.registration_endpoint, chosen=desired.terms.chooses_endpoint
    )
    try:
        return replace(observed, initial_access_token=initial_access_token(secret, name, to).fitted(server, name))
    except InitialAccessTokenUnusable as error:
        return replace(observed, initial_access_token=pauses.of_error(error))


async def discover(
    world: World, observed: Observed, desired: Desired, caller: Caller, fresher_than: datetime | None
) -> Observed:
    """Get the issuer's metadata.

    Raises:
        IssuerBusy: they are on their way; the caller is called.
    """
    now = world.clock.now()
    try:
        server = await world.issuers.discover(
            desired.terms.source,
            caller,
            registration_endpoint=desired.terms.registration_endpoint,
            max_age=None if fresher_than is None else max(0.0, (now - fresher_than).total_seconds()),
        )
    except IssuerBusy:
        raise
    except OperatorError as error:
        return replace(observed, server=pauses.of_error(error))
    # A token that was held for another endpoint is read again.
    return replace(observed, server=server, server_read_at=now, initial_access_token=Unread())


async def rehearse(world: World, observed: Observed, write: NewSecret | Amendment) -> Observed:
    """Do a dry run of what the coming answer will need."""
    try:
        await world.secrets.write(write, dry_run=True)
    except ClusterError as error:
        return replace(observed, rehearsed=refusals.of_publication(error, write.name, observed.secret))
    # Where a create would have succeeded the name is free.
    free = Missing() if isinstance(write, NewSecret) else observed.secret
    return replace(observed, rehearsed=True, secret=free)
