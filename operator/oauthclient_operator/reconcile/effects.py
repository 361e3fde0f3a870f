"""The steps that change a resource, a Secret or a record; each adds what it wrote to what is observed."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from .. import names
from ..errors import AlreadyExists, ClusterError, NotFound, Stale
from ..oauth.outcome import Ambiguous
from ..plan import action as act
from ..plan import refusals
from ..plan.observed import Missing, Observed
from ..published_secret import Amendment, NewSecret, is_owned, unkept
from ..record import adopting, deregistering, losses, replacing, transitions
from ..record.calls import Asked
from ..record.envelope import Stored
from ..record.record import Record, ReleaseOutcome, Subject
from ..resource.desired import Desired
from ..resource.oauth_client import OAuthClient
from . import ledger
from .observe import with_record
from .world import World

_OfTransition = (
    act.Abandon
    | act.Settle
    | act.Recover
    | act.PassOn
    | act.Doubt
    | act.Amend
    | act.Serve
    | act.OfReplacement
    | act.RefuseAdoption
    | act.RefuseUnproven
    | act.TakeUp
    | act.Release
    | act.ConfirmRelease
    | act.RemoveSecret
)
"""Steps that are, in the end, one transition of the record."""
InRecord = _OfTransition | act.Claim
"""Steps that are, in the end, one write of the record."""

_NO_ANSWER_RECORDED: Final = Ambiguous(cause="the operator stopped or was interrupted before it could record an answer")


async def write_finalizer(world: World, observed: Observed, *, there: bool) -> Observed:
    """Put our finalizer on the resource, or take it off."""
    resource = resource_of(observed)
    others = tuple(f for f in resource.finalizers if f != names.FINALIZER)
    finalizers = (*resource.finalizers, names.FINALIZER) if there else others
    written = await world.resources.write_finalizers(resource, finalizers)
    return replace(observed, resource=written, finalizer=refusals.of_finalizer(written, there=there))


async def publish(world: World, observed: Observed, write: NewSecret | Amendment) -> Observed:
    """Create the published Secret, or amend what was read of it; what the API server refuses becomes a problem.

    Raises:
        Stale: the record is another one by now.
    """
    stored = stored_of(observed)
    if isinstance(write, Amendment) or stored.record.edition > 1:
        # The Secret was read; now the record, live: a leader that slept must not publish what it remembers.
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
    lost = unkept(write, written)
    publication = refusals.of_changed_data(write.name, lost)
    return replace(observed, secret=written, publication=publication, unkept=observed.unkept | lost)


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
    if isinstance(action, act.Claim):
        # The record stays as it is: its labels are what is written.
        stored = stored_of(observed)
        return _seen(world, observed, await world.records.write(stored, stored.record))
    written = await ledger.change(world.records, world.clock, stored_of(observed), _transition(world, observed, action))
    if isinstance(action, act.Abandon):
        # The process that made the call did not live to say what came of it.
        world.observer.called(action.call.kind, _NO_ANSWER_RECORDED)
    return _seen(world, observed, written)


def _transition(world: World, observed: Observed, action: _OfTransition) -> ledger.Transition:
    now, known = world.clock.now(), observed.address
    at = known if known is not None and known.reach is not None else None
    match action:
        case act.Abandon(call=call):
            return lambda r: transitions.close(r, call, _NO_ANSWER_RECORDED, now)
        case act.Settle(attempt=attempt):
            return lambda r: transitions.settle(r, attempt)
        case act.Recover(key=key, edition=edition):
            return lambda r: transitions.recover(r, key, edition)
        case act.PassOn(key=key):
            return lambda r: transitions.pass_on(r, key, now)
        case act.Doubt(key=key):
            return lambda r: transitions.doubt(r, key, now)
        case act.Amend(deletion=deletion, secret=secret):
            return lambda r: transitions.amend(r, deletion.value, secret)
        case act.Serve(retry=retry, refresh=refresh, prove=prove):
            return lambda r: transitions.serve(r, retry=retry, refresh=refresh, prove=prove)
        case act.Release(outcome=outcome):
            # How the issuer is reached is known once more: what is left behind has to do with that.
            return lambda r: transitions.release(r if at is None else r.reached(at), outcome, now)
        case act.ConfirmRelease():
            return lambda r: transitions.confirm_release(r, now)
        case act.RemoveSecret(name=name):
            return lambda r: transitions.without_secret(r, name)
        case act.RefuseAdoption() | act.RefuseUnproven() | act.TakeUp():
            return _of_adoption(action, now)
        case _:
            return _of_replacement(world, action, now)


def _of_adoption(action: act.RefuseAdoption | act.RefuseUnproven | act.TakeUp, now: datetime) -> ledger.Transition:
    match action:
        case act.RefuseUnproven(fingerprint=fingerprint, retry=retry):
            return lambda r: transitions.serve(adopting.refuse_unproven(r, fingerprint, now), retry=retry)
        case act.RefuseAdoption(fingerprint=fingerprint):
            return lambda r: adopting.refuse(r, fingerprint, now)
        case act.TakeUp(key=key, edition=edition):
            return lambda r: adopting.take_up(r, key, edition, now)


def _of_replacement(world: World, action: act.OfReplacement, now: datetime) -> ledger.Transition:
    match action:
        case act.Promote(pair=pair, rotate=rotate, lacking=lacking):
            return lambda r: replacing.promote(r, pair, rotate, now, lacking)
        case act.ReturnTo(pair=pair):
            return lambda r: replacing.return_to(r, pair, now)
        case act.Show(edition=edition, overlap=overlap):
            # By whichever clock is ahead: the time to leave is judged by both.
            seen_at = max(now, world.resources.time() or now)
            return lambda r: replacing.show(r, edition, seen_at, overlap)
        case act.Retire(pair=pair):
            return lambda r: replacing.retire(r, pair)
        case act.GiveUp(pair=pair, one_key=one_key):
            return lambda r: replacing.give_up(r, pair, one_key=one_key)
        case act.FallBack(replacement=replacement):
            return lambda r: replacing.fall_back(r, replacement)
        case act.EndReplacement(replacement=replacement, asking=asking):
            return lambda r: replacing.end_without_effect(r, replacement, now, asking)
        case act.Withdraw(replacement=replacement):
            return lambda r: replacing.withdraw(r, replacement)
        case act.LeaveBehind(key=key):
            return lambda r: replacing.leave_behind(r, key, now)
        case act.BeginEnd(key=key):
            return lambda r: deregistering.begun(r, key, now)
        case act.TakeExpiry(issuer=issuer, of_client=of_client):
            return lambda r: transitions.take_expiry(r, issuer, of_client=of_client)


async def take_in(
    world: World, observed: Observed, desired: Desired, action: act.Offer | act.TakeUpUnproven
) -> Observed:
    """Write what a Secret hands over into the record, or into a new one."""
    resource, now, trust = resource_of(observed), world.clock.now(), world.issuers.trust(desired.terms.address)

    def transition(record: Record) -> Record:
        match action:
            case act.Offer(handed=handed, endpoints=endpoints, outdated=outdated):
                offered = adopting.offer(record, handed, endpoints, trust, now)
                return caught_up(offered) if outdated and offered is not record else offered
            case act.TakeUpUnproven(handed=handed, metadata=metadata, endpoints=endpoints, edition=edition):
                asked = Asked(metadata.digest(), metadata.members)
                return adopting.take_up_unproven(record, handed, asked, endpoints, trust, edition, now)

    def caught_up(record: Record) -> Record:
        # A record that is lost, or older, took what its status still names with it: all but the client that is handed
        # over, and that annotations were served.
        published, handed = resource.status.client_id, action.handed.information.client_id
        adopted = {handed} if published is None else {handed, published}
        served = transitions.serve(
            record, retry=resource.retry, refresh=resource.refresh, rotate=resource.rotate, prove=resource.prove
        )
        return losses.name_all_lost(served, resource.status, desired.terms.issuer, trust, now, but=adopted)

    if isinstance(observed.record, Stored):
        changed = await ledger.change(world.records, world.clock, observed.record, transition)
    else:
        new = caught_up(new_record(world, resource, desired))
        changed = await ledger.create(world.records, transition(new))
    return _seen(world, observed, changed)


async def record_loss(world: World, observed: Observed, desired: Desired) -> Observed:
    """Write down all that the status names and no record does; without a record, in a released one."""
    resource, now = resource_of(observed), world.clock.now()
    issuer, trust = desired.terms.issuer, world.issuers.trust(desired.terms.address)

    def named(record: Record) -> Record:
        return losses.name_all_lost(record, resource.status, issuer, trust, now)

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
        # What is there at the first registration asks for nothing.
        retry=resource.retry,
        rotate=resource.rotate,
        prove=resource.prove,
        refresh=resource.refresh,
    )


def is_outdated(world: World, resource: OAuthClient) -> bool:
    """Whether the watch knows by now that a resource was edited or paused, or is another one."""
    newest = world.watched.resource(resource.namespace, resource.name)
    return newest is not None and newest.asks != resource.asks


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
