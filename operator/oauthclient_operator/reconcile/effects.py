"""The steps that change a resource, a Secret or a record; each adds what it wrote to what is observed."""

from dataclasses import replace

from .. import names
from ..errors import AlreadyExists, ClusterError, NotFound, Stale
from ..oauth.outcome import Ambiguous
from ..plan import action as act
from ..plan import refusals
from ..plan.observed import Missing, Observed
from ..published_secret import Amendment, NewSecret, is_owned
from ..record import transitions
from ..record.envelope import Stored
from ..record.record import Record, ReleaseOutcome, Subject
from ..resource.desired import Desired
from ..resource.oauth_client import OAuthClient
from . import ledger
from .observe import with_record
from .world import World

InRecord = act.Abandon | act.Settle | act.Recover | act.Amend | act.Release | act.ConfirmRelease | act.RemoveSecret
"""Steps that are, in the end, one transition of the record."""


async def write_finalizer(world: World, observed: Observed, *, there: bool) -> Observed:
    """Put our finalizer on the resource, or take it off."""
    resource = resource_of(observed)
    others = tuple(f for f in resource.finalizers if f != names.FINALIZER)
    finalizers = (*resource.finalizers, names.FINALIZER) if there else others
    return replace(observed, resource=await world.resources.write_finalizers(resource, finalizers))


async def publish(world: World, observed: Observed, write: NewSecret | Amendment) -> Observed:
    """Create the published Secret, or amend what was read of it; what the API server refuses becomes a problem.

    Raises:
        Stale: the record is another one by now.
    """
    if isinstance(write, Amendment):
        # The Secret was read; now the record, live: a leader that slept must not publish what it remembers.
        stored = stored_of(observed)
        newest = await world.records.read(stored.record.subject.uid)
        if newest is None or newest.resource_version != stored.resource_version:
            raise Stale
    try:
        written = await world.secrets.write(write)
    except AlreadyExists:
        # Made meanwhile: by our own write whose answer was lost, or by somebody else. The next look tells.
        return replace(observed, secret=await world.secrets.read(write.namespace, write.name) or Missing())
    except ClusterError as error:
        return replace(observed, publication=refusals.of_publication(error, write.name, observed.secret))
    return replace(observed, secret=written)


async def remove_secret(world: World, observed: Observed, name: str) -> None:
    """Delete a Secret that was published under another name; one that is not the resource's own stays.

    Raises:
        Stale: the resource was edited meanwhile, and may want it again.
        Conflict: it was changed meanwhile; it has to be looked at again before it is forgotten.
    """
    resource = resource_of(observed)
    secret = await world.secrets.read(resource.namespace, name)
    if secret is None or not is_owned(secret, resource.uid):
        return
    if is_outdated(world, resource):
        raise Stale
    try:
        await world.secrets.delete(resource.namespace, secret)
    except NotFound:
        return


async def change_record(world: World, observed: Observed, action: InRecord) -> Observed:
    """Apply the transition that an action names."""
    return _seen(
        world,
        observed,
        await ledger.change(world.records, world.clock, stored_of(observed), _transition(world, action)),
    )


def _transition(world: World, action: InRecord) -> ledger.Transition:
    now = world.clock.now()
    match action:
        case act.Abandon(call=call):
            lost = Ambiguous(cause="the operator stopped or was interrupted before it could record an answer")
            return lambda r: transitions.close(r, call, lost, now)
        case act.Settle(attempt=attempt):
            return lambda r: transitions.settle(r, attempt)
        case act.Recover(key=key):
            return lambda r: transitions.recover(r, key)
        case act.Amend(deletion=deletion, secret=secret):
            return lambda r: transitions.amend(r, deletion.value, secret)
        case act.Release(outcome=outcome):
            return lambda r: transitions.release(r, outcome, now)
        case act.ConfirmRelease():
            return lambda r: transitions.confirm_release(r, now)
        case act.RemoveSecret(name=name):
            return lambda r: transitions.without_secret(r, name)


async def record_loss(world: World, observed: Observed, desired: Desired) -> Observed:
    """Write down the client that the status names and no record does; without a record, in a released one."""
    resource, now = resource_of(observed), world.clock.now()
    client_id = resource.status.client_id
    if client_id is None:
        raise AssertionError("plan records the loss only of a client that the status names")
    issuer, trust = desired.terms.issuer, world.issuers.trust(desired.terms.issuer)

    def named(record: Record) -> Record:
        return transitions.name_lost(record, client_id, issuer, trust, now)

    if isinstance(observed.record, Stored):
        changed = await ledger.change(world.records, world.clock, observed.record, named)
    else:
        lost = named(new_record(world, resource, desired))
        changed = await ledger.create(world.records, transitions.release(lost, ReleaseOutcome.UNCONFIRMED, now))
    return _seen(world, observed, changed)


async def delete_record(world: World, observed: Observed) -> Observed:
    """Delete the record as it was read."""
    await world.records.delete(stored_of(observed))
    return replace(observed, summary=None, record=Missing())


def new_record(world: World, resource: OAuthClient, desired: Desired) -> Record:
    """Return a record before anything happened; the Secret that is going to be made is named in it from the start."""
    publication = desired.publication
    return Record(
        subject=Subject(
            cluster_uid=world.settings.cluster_uid,
            namespace=resource.namespace,
            name=resource.name,
            uid=resource.uid,
        ),
        deletion=desired.deletion.value,
        secrets=(publication.secret_name,) if publication is not None else (),
    )


def is_outdated(world: World, resource: OAuthClient) -> bool:
    """Whether the watch knows by now that a resource was edited, or is another one."""
    newest = world.watched.resource(resource.namespace, resource.name)
    return newest is not None and (newest.uid, newest.generation) != (resource.uid, resource.generation)


def resource_of(observed: Observed) -> OAuthClient:
    """Return the resource of a pass that has one."""
    if isinstance(observed.resource, OAuthClient):
        return observed.resource
    raise TypeError("plan asks for this step only for a resource")


def stored_of(observed: Observed) -> Stored:
    """Return the record of a pass that has read one."""
    if isinstance(observed.record, Stored):
        return observed.record
    raise TypeError("plan asks for this step only when a record was read")


def _seen(world: World, observed: Observed, stored: Stored) -> Observed:
    return with_record(observed, stored, world.watched, world.issuers)
