"""The steps that look at the cluster and the issuer, and change nothing in either: each adds what it found."""

from dataclasses import replace
from datetime import datetime

from ..confidential import Confidential
from ..errors import (
    AlreadyExists,
    CallsSpent,
    ClientInformationUnusable,
    ClusterError,
    DiscoveryFailed,
    InitialAccessTokenUnusable,
    IssuerBusy,
    IssuerNotAsked,
    NewerSchema,
    OperatorError,
    Retry,
    SoftwareStatementUnusable,
    Stale,
    UnreadableRecord,
)
from ..issuer.caller import Caller
from ..oauth.client_information import ClientInformation
from ..oauth.rfc8414 import ServerMetadata
from ..plan import pauses, refusals
from ..plan.action import ReadInitialAccessToken, ReadSoftwareStatement
from ..plan.observed import Missing, Observed, Problem, Unread
from ..published_secret import Amendment, NewSecret
from ..record.envelope import Stored
from ..resource.access import AccessByToken
from ..resource.addressed_secret import Recipient
from ..resource.client_information_secret import handed_over
from ..resource.desired import Desired
from ..resource.initial_access_token import InitialAccessToken, initial_access_token
from ..resource.oauth_client import OAuthClient
from ..resource.secret import Secret
from ..resource.software_statement import software_statement
from ..resource.terms import IssuerTerms
from ..verdict.adopting import adoption_failed, out_of_reach
from ..verdict.records import record_damaged, record_newer
from .access import Obtained, obtained, secret_of
from .asking import asked
from .issuer_slot import IssuerSlot
from .memory import Memory
from .observe import client_labels, kept_from_adoption_by, with_record
from .world import World


async def read_resource(world: World, observed: Observed) -> Observed:
    """Read the resource live.

    Raises:
        Stale: it is gone, another one, or was edited.
    """
    known = observed.resource
    if not isinstance(known, OAuthClient):
        resource = await _resource_of_record(world, observed)
        # Of one that is gone the record is read again: it may have gone the right way since the record was read.
        record = Unread() if resource is None else observed.record
        return replace(observed, resource=resource, record=record, live=True)
    resource = await world.resources.read(known.namespace, known.name)
    if resource is None:
        # It went, and no watch has told of it yet; where none does, the next list says so.
        world.watched.forget_resource(known.namespace, known.name, known.uid)
        raise Stale
    if resource.asks != known.asks:
        raise Stale
    return replace(observed, resource=resource, live=True, live_at=world.resources.time())


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
    except NewerSchema as error:
        return replace(observed, record=Problem(record_newer(str(error)), Retry.SLOWLY))
    except UnreadableRecord as error:
        return replace(observed, record=Problem(record_damaged(str(error)), Retry.SLOWLY))
    if stored is None:
        return replace(observed, record=Missing())
    return with_record(observed, stored, world.watched, world.issuers)


async def read_secret(world: World, observed: Observed, namespace: str, name: str) -> Observed:
    """Read the published Secret live."""
    return replace(observed, secret=await world.secrets.read(namespace, name) or Missing())


async def read_presented(
    world: World, observed: Observed, desired: Desired, step: ReadInitialAccessToken | ReadSoftwareStatement
) -> Observed:
    """Read what a registration presents, and hold it for the endpoint at hand.

    How an issuer resource lets the operator in is read in the operator's own namespace.
    """
    if not isinstance(observed.resource, OAuthClient):
        raise TypeError("plan reads what a registration presents only for a resource")
    of_issuer = desired.terms.resource is not None and not isinstance(step, ReadSoftwareStatement)
    namespace = world.settings.namespace if of_issuer else observed.resource.namespace
    secret, server = await world.secrets.read(namespace, step.name), observed.server
    version = None if secret is None else secret.version
    # Whatever a watch or the last look told: a refusal is remembered with the version that was shown.
    if isinstance(step, ReadSoftwareStatement):
        observed = replace(observed, software_statement_version=version)
    else:
        observed = replace(observed, initial_access_token_version=version)
    if not isinstance(server, ServerMetadata) or server.registration_endpoint is None:
        # It was looked at whether it is another one; it is held for an endpoint at hand, whose server also says by
        # which algorithm a key may sign, and for no other.
        return observed
    to = Recipient(
        issuer=desired.terms.issuer,
        endpoint=server.registration_endpoint,
        chosen=desired.terms.chooses_endpoint,
        place=desired.terms.place_of_secrets if of_issuer else "",
    )
    if isinstance(step, ReadSoftwareStatement):
        return replace(observed, software_statement=_statement(secret, to, desired))
    try:
        token = initial_access_token(secret, step.name, to).fitted(server, step.name)
        return replace(observed, initial_access_token=token)
    except InitialAccessTokenUnusable as error:
        return replace(observed, initial_access_token=pauses.of_error(error, to.issuer))


async def obtain_access(
    world: World,
    observed: Observed,
    memory: Memory,
    terms: IssuerTerms,
    access: AccessByToken,
    caller: Caller,
    slot: IssuerSlot,
) -> tuple[Observed, Memory, Obtained | None]:
    """Get the access token that a call presents, and hold it; `slot` makes room for the one with which it is asked for.

    What a person asked is done then, and remembered no more. Client credentials are read in the operator's own
    namespace.

    Raises:
        IssuerBusy: it is on its way, and the caller is called; or it is to come again in so many seconds.
        ClusterError: the API server did not do its part.
    """
    name, server = secret_of(access), observed.server
    secret = None if name is None else await world.secrets.read(world.settings.namespace, name)
    observed = replace(observed, initial_access_token_version=None if secret is None else secret.version)
    if not isinstance(server, ServerMetadata):
        return observed, memory, None
    caller, found = asked(caller, memory.asking.access, world.clock.now()), None
    token: InitialAccessToken | Problem
    try:
        found = await obtained(
            world.access_tokens, access, secret, terms, server, caller, before=slot.release_for_another
        )
        token = InitialAccessToken(token=found.token.token)
    except (IssuerBusy, ClusterError):
        raise
    except IssuerNotAsked as error:
        token = pauses.of_error(error)
    except OperatorError as error:
        token = pauses.of_error(error, terms.issuer, of_metadata=isinstance(error, DiscoveryFailed))
    memory = replace(memory, asking=replace(memory.asking, access=None))
    return replace(observed, initial_access_token=token), memory, found


def _statement(secret: Secret | None, to: Recipient, desired: Desired) -> Confidential | Problem:
    if desired.terms.software_statement is None:
        raise TypeError("plan reads a software statement only where one is asked for")
    try:
        return software_statement(secret, to, desired.terms.software_statement)
    except SoftwareStatementUnusable as error:
        return pauses.of_error(error, to.issuer)


def forgotten(observed: Observed) -> Observed:
    """Forget what was read to be presented: it is for one endpoint, and for one call."""
    return replace(observed, initial_access_token=Unread(), software_statement=Unread())


async def read_client_information(world: World, observed: Observed, desired: Desired, name: str) -> Observed:
    """Read what a Secret hands over, and whether the watches know of a record that has that client."""
    if not isinstance(observed.resource, OAuthClient):
        raise TypeError("plan reads what is handed over only for a resource")
    secret, issuer = await world.secrets.read(observed.resource.namespace, name), desired.terms.issuer
    try:
        handed = handed_over(secret, name, issuer, desired.signing)
    except ClientInformationUnusable as error:
        return replace(observed, handed_over=pauses.of_error(error))
    uri = handed.information.registration_client_uri
    if handed.manageable and uri is not None and not world.issuers.admits_endpoint(desired.terms.address, uri):
        return replace(observed, handed_over=Problem(adoption_failed(out_of_reach(name))))
    held = _is_held(world, observed, observed.resource, issuer, handed.information)
    return replace(observed, handed_over=handed, held_by_other=held)


async def find_holders(world: World, observed: Observed, issuer: str, information: ClientInformation) -> Observed:
    """Look for other records that hold a client, live."""
    if not isinstance(observed.resource, OAuthClient):
        raise TypeError("plan looks for other holders only for a resource")
    uri = information.registration_client_uri
    for label in client_labels(issuer, information.client_id, (uri,) if uri is not None else ()):
        # What is found is shown to the watches.
        await world.records.look_for(label)
    held = _is_held(world, observed, observed.resource, issuer, information)
    return replace(observed, held_by_other_live=held)


def _is_held(world: World, observed: Observed, resource: OAuthClient, issuer: str, handed: ClientInformation) -> bool:
    """Whether another record keeps a resource from a client; what lets it go, or ends it, wakes who waits for that."""
    by = kept_from_adoption_by(world.watched, resource, issuer, handed, world.clock.now(), observed.limits)
    world.watched.await_record(resource, by)
    return by is not None


async def discover(
    world: World,
    observed: Observed,
    memory: Memory,
    terms: IssuerTerms,
    caller: Caller,
    fresher_than: datetime | None,
    slot: IssuerSlot,
) -> tuple[Observed, Memory]:
    """Get the issuer's metadata; `slot` makes room for the one with which they are fetched.

    What a person asked is done then, and remembered no more; what our own side did not get done was not done.

    Raises:
        IssuerBusy: they are on their way, and the caller is called; or it is to come again in so many seconds.
    """
    now, oldest = world.clock.now(), age(world, fresher_than)
    caller = asked(caller, memory.asking.metadata, now)
    # What a person asks for is charged to the resource, also where others have had it fetched since.
    fetches = caller.asked_ago is not None or not world.issuers.remembers(terms.source, max_age=oldest)
    found: ServerMetadata | Problem
    spent = done = True
    try:
        if fetches:
            # A fetch has a slot of its own; who held one meanwhile could be in its own way.
            slot.release_for_another()
            # Each edit may name another issuer, or another path of a server that others use as well.
            world.discoveries.check(caller.uid)
        found = await world.issuers.discover(
            terms.source,
            caller,
            registration_endpoint=terms.registration_endpoint,
            max_age=oldest,
        )
    except IssuerBusy:
        raise
    except (CallsSpent, IssuerNotAsked) as error:
        # Of our own side: it is the same with any other issuer.
        found, spent, done = pauses.of_error(error), not isinstance(error, CallsSpent), False
    except OperatorError as error:
        found = pauses.of_error(error, terms.issuer, of_metadata=True)
    else:
        memory = memory.having_metadata(terms.issuer)
    if done:
        memory = replace(memory, asking=replace(memory.asking, metadata=None))
    if fetches and spent:
        world.discoveries.spend(caller.uid)
    if isinstance(found, Problem):
        return replace(observed, server=found), memory
    # What was held for another endpoint is read again.
    return replace(forgotten(observed), server=found, server_read_at=now), memory


def age(world: World, moment: datetime | None) -> float | None:
    """Return how many seconds ago a moment was."""
    return None if moment is None else max(0.0, (world.clock.now() - moment).total_seconds())


async def rehearse(world: World, observed: Observed, write: NewSecret | Amendment) -> Observed:
    """Do a dry run of what the coming answer will need."""
    try:
        would_be = await world.secrets.write(write, dry_run=True)
    except AlreadyExists as error:
        taken = await world.secrets.read(write.namespace, write.name)
        name = write.owner_name if isinstance(write, NewSecret) else None
        return replace(observed, rehearsed=refusals.of_publication(error, write.name, taken, resource_name=name))
    except ClusterError as error:
        return replace(observed, rehearsed=refusals.of_publication(error, write.name, observed.secret))
    if (problem := refusals.of_rehearsal(write, would_be)) is not None:
        return replace(observed, rehearsed=problem)
    # Where a create would have succeeded the name is free.
    free = Missing() if isinstance(write, NewSecret) else observed.secret
    return replace(observed, rehearsed=True, rehearsal=write, secret=free)
