"""The ladder of decisions: one rung per reason, in order of precedence.

Two rules keep it readable: whatever decides what happens next stands here and in the ladders below it (registration,
upkeep, deletion, what is left behind), and nothing here reads, writes or remembers. A rung that needs to know more asks
for it by the action that reads it, and is asked again.
"""

from datetime import datetime

from .. import names
from ..record.calls import CallKind
from ..record.envelope import Stored
from ..record.record import Record
from ..resource.desired import Desired
from ..resource.oauth_client import OAuthClient
from ..status import REPORTED_ORPHANS
from ..verdict import ambiguous_registration, deletion_unconfirmed, record_missing
from . import pauses
from .action import (
    Abandon,
    Action,
    Amend,
    Deregister,
    ReadRecord,
    ReadResource,
    Recover,
    Rest,
    Settle,
    Wait,
)
from .asked import asked
from .deletion import is_unnamed, plan_deletion, plan_deregistration
from .left_behind import plan_left_behind
from .observed import Missing, Observed, Problem, Unread
from .registration import in_flight, plan_registration
from .upkeep import plan_upkeep


def plan(observed: Observed, desired: Desired | None, now: datetime) -> Action:
    """Return the next step for a resource, or for a record of which none is known.

    It is total, and a pure function of its arguments; `desired` is None where there is no resource.
    """
    resource = observed.resource
    if desired is None or not isinstance(resource, OAuthClient):
        return plan_left_behind(observed, now)
    if resource.deleting:
        return plan_deletion(observed, resource, desired, now)
    if is_at_rest(observed, resource, desired, now):
        # The watches alone say that all is as reported: no read, no write, no call.
        return Rest(until=observed.summary.due if observed.summary else None)
    match observed.record:
        case Unread() if _may_have_record(observed, resource):
            return ReadRecord()
        case Problem() as problem:
            # A newer schema, or a body that is not a record: it is not touched.
            return pauses.standing(problem, observed, now)
        case Missing() if resource.status.client_id or _owns_secret(observed, resource):
            # A client was registered for this resource and its record is gone: no call and no Secret write.
            return Wait(verdict=record_missing(resource.status.client_id))
        case Unread() | Missing():
            # Nothing is known of any registration; the claim, create-only, will tell if that is wrong.
            return plan_registration(observed, resource, desired, None, now)
        case Stored(record=record):
            return _plan_recorded(observed, resource, desired, record, now)


def is_at_rest(observed: Observed, resource: OAuthClient, desired: Desired, now: datetime) -> bool:
    """Whether metadata alone prove that what the spec asks is registered, published and reported."""
    summary, status, publication, metadata = observed.summary, resource.status, desired.publication, asked(desired)
    if summary is None or publication is None or metadata is None:
        return False
    secret, published = observed.secret_metadata.get(publication.secret_name), status.secret
    orphans = {orphan.attempt for orphan in status.suspected_orphans}
    return (
        names.FINALIZER in resource.finalizers
        and isinstance(observed.record, Unread)
        and summary.state == names.RecordState.REGISTERED
        and summary.open_call is None
        and summary.confirmed == metadata.digest()
        and (summary.due is None or now < summary.due)
        and status.observed_generation == resource.generation
        and status.ready_reason == names.Reason.REGISTERED
        and orphans == {*summary.suspects[-REPORTED_ORPHANS:]}
        and _resolved(resource) not in summary.suspects
        and secret is not None
        and published is not None
        and (secret.name, secret.uid, secret.resource_version)
        == (published.name, published.uid, published.resource_version)
    )


def _may_have_record(observed: Observed, resource: OAuthClient) -> bool:
    return observed.summary is not None or bool(resource.status.client_id) or _owns_secret(observed, resource)


def _owns_secret(observed: Observed, resource: OAuthClient) -> bool:
    return any(resource.uid in secret.owner_uids for secret in observed.secret_metadata.values())


def _plan_recorded(
    observed: Observed, resource: OAuthClient, desired: Desired, record: Record, now: datetime
) -> Action:
    if record.open is not None:
        # One call at a time. Its holder may be another process that still waits for the answer.
        if now < record.open.deadline + observed.limits.margin:
            return Wait(verdict=in_flight(), until=record.open.deadline + observed.limits.margin)
        return Abandon(record.open)
    if record.released is not None and not observed.live:
        # It was let go: only a cache can still show it.
        return ReadResource()
    if record.deletion != desired.deletion:
        # The record must know how to end also when the resource is gone.
        return Amend(deletion=desired.deletion, secret=None)
    resolved = _resolved(resource)
    if record.suspects and resolved == record.suspects[-1].number:
        over = record.suspects[-1].until + observed.limits.margin
        if now < over:
            # The lost request may still arrive: nobody can have looked for what it makes.
            return Wait(verdict=ambiguous_registration(record.suspects, resource.uid, held=True), until=over)
        # A person looked at the server and says so, for the newest suspect and those before it.
        return Settle(resolved)
    surplus = _plan_surplus(observed, resource, record, now)
    if surplus is not None and not isinstance(surplus, Wait):
        return surplus
    if is_unnamed(record, resource) and resource.status.client_id is not None:
        # The record of the client that is published is gone; what is recorded now came late, of another attempt.
        action: Action = Wait(verdict=record_missing(resource.status.client_id))
    elif record.published is None:
        action = plan_registration(observed, resource, desired, record, now)
    else:
        action = plan_upkeep(observed, resource, desired, record, record.published, now)
    if isinstance(action, Wait) and surplus is not None and surplus.until is not None:
        # A surplus client that could not be removed yet is looked at again in time.
        sooner = min(t for t in (action.until, surplus.until) if t is not None)
        return Wait(verdict=action.verdict, until=sooner, failed=action.failed)
    return action


def _plan_surplus(observed: Observed, resource: OAuthClient, record: Record, now: datetime) -> Action | None:
    for client in record.surplus:
        if (
            record.recreated
            and record.released is None
            and resource.status.client_id in (None, client.information.client_id)
        ):
            # The record was made again for this client's late answer, and nothing else is published.
            return Recover(client.key)
        step = plan_deregistration(observed, record, client, now)
        last = record.last(CallKind.DEREGISTER, client.key)
        if last is not None and step is not None and now < last.at + observed.limits.retry_slowly:
            # It must not keep the published client's own changes waiting.
            verdict = deletion_unconfirmed(client, last)
            return Wait(verdict=verdict, until=last.at + observed.limits.retry_slowly)
        if isinstance(step, Deregister) and not observed.live:
            # Before something is destroyed the resource is read live: it may be another one by now.
            return ReadResource()
        if step is not None:
            return step
    return None


def _resolved(resource: OAuthClient) -> int | None:
    """Return the attempt that a person resolved, if the annotation names this very resource."""
    uid, _, attempt = (resource.resolve or "").partition("/")
    return (
        int(attempt) if uid == resource.uid and attempt.isascii() and attempt.isdigit() and len(attempt) < 10 else None
    )
