"""The ladder of decisions: one rung per reason, in order of precedence.

Two rules keep it readable: whatever decides what happens next stands here and in the ladders below it (registration,
upkeep, deletion, what is left behind), and nothing here reads, writes or remembers. A rung that needs to know more asks
for it by the action that reads it, and is asked again.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from .. import names
from ..record.calls import CallKind
from ..record.envelope import Stored
from ..record.record import Record
from ..record.summary import Summary, lacks_claims
from ..record.told import told_by
from ..resource.desired import Desired
from ..resource.oauth_client import OAuthClient
from ..resource.status import Status
from ..status import REPORTED_ORPHANS
from ..verdict.records import record_missing, record_outdated
from ..verdict.registering import ambiguous_registration, misnamed
from . import pauses
from .action import (
    Abandon,
    Action,
    Amend,
    Claim,
    ReadRecord,
    ReadResource,
    Rest,
    Settle,
    Wait,
)
from .adopting import plan_adoption, plan_cure, plan_withdrawal
from .asked import asked
from .deletion import is_unnamed, plan_deletion
from .dialects import plan_expiry
from .keeping import plan_kept, saying_why
from .left_behind import plan_left_behind
from .managing import with_access
from .observed import Instead, Missing, Observed, Problem, Unread
from .pausing import plan_pause
from .proving import proof_at_rest
from .put_back import as_of, is_ahead
from .reasons import renewal_of, rotation_of
from .registration import in_flight, invalid_spec, plan_registration
from .rollout import as_confirmed
from .surplus import left_behind_at, plan_end_elsewhere, plan_surplus
from .upkeep import plan_upkeep

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def plan(observed: Observed, desired: Desired | None, now: datetime) -> Action:
    """Return the next step for a resource, or for a record of which none is known.

    It is total, and a pure function of its arguments; `desired` is None where there is no resource.
    """
    observed = as_of(observed, now)
    if observed.turned is not None and observed.turned.ends is not None:
        return with_access(observed, plan_end_elsewhere(observed, observed.turned.ends, now), now)
    return with_access(observed, _plan(observed, desired, now), now)


def _plan(observed: Observed, desired: Desired | None, now: datetime) -> Action:
    resource = observed.resource
    if desired is None or not isinstance(resource, OAuthClient):
        return plan_left_behind(observed, now)
    if resource.deleting:
        return plan_deletion(observed, resource, desired, now)
    if is_at_rest(observed, resource, desired, now):
        # The watches alone say that all is as reported: no read, no write, no call.
        dates = _dates(observed, observed.summary, resource, desired) if observed.summary else ()
        return Rest(until=min((at for at in dates if at is not None), default=None))
    match observed.record:
        case Unread() if _may_have_record(observed, resource):
            return ReadRecord()
        case Problem() as problem:
            # A newer schema, or a body that is not a record: it is not touched.
            return pauses.standing(problem, observed, now)
        case Missing() if resource.status.client_id or _owns_secret(observed, resource):
            # A client was registered for this resource and its record is gone: no call and no Secret write.
            wait = Wait(verdict=record_missing(resource.status))
            return plan_cure(observed, resource, desired, None, wait, now)
        case Unread() | Missing() if resource.paused:
            return plan_pause(resource, desired, None, now)
        case Unread() | Missing():
            # Nothing is known of any registration; the claim, create-only, will tell if that is wrong.
            return _plan_first(observed, resource, desired, None, now)
        case Stored(record=record):
            desired = as_confirmed(observed, desired)
            return _with_misnamed(_plan_recorded(observed, resource, desired, record, now), resource, record)


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
        and (observed.waits_for_another or summary.confirmed == metadata.digest())
        and status.observed_generation == resource.generation
        and status.ready_reason == names.Reason.REGISTERED
        and _tells_issuer(status, desired)
        # Where it was adopted without a token others might end it.
        and not (status.client_id is not None and summary.may_lack(desired.terms.issuer, status.client_id))
        and not _tells_of_what_is_over(status, now)
        and _tells_what_is_recorded(status, summary)
        and status.served == summary.served
        # By a clock that was ahead: when it is due the body has to tell.
        and not (is_ahead(summary.secret_since, now) or is_ahead(status.published_at, now))
        and orphans == {*summary.suspects[-REPORTED_ORPHANS:]}
        # It settles one of them, or is wrong, which is said.
        and not (summary.suspects and resource.resolve is not None)
        and resource.retry in (None, summary.retry)
        and resource.rotate in (None, summary.rotate)
        and resource.prove in (None, summary.prove)
        and not resource.paused
        # An operator that knew of no templates did not write them, and told no edition.
        and not (publication.template and status.edition is None)
        and not any(at is not None and now >= at for at in _dates(observed, summary, resource, desired))
        and resource.refresh in (None, summary.refresh)
        and secret is not None
        and published is not None
        and (secret.name, secret.uid, secret.resource_version)
        == (published.name, published.uid, published.resource_version)
    )


def _tells_issuer(status: Status, desired: Desired) -> bool:
    """Whether a status says which version of an issuer resource was applied, where there is one."""
    if status.issuer is None and desired.terms.resource is None:
        # An operator of before this one did not say it.
        return True
    return status.issuer == desired.applied


def _tells_of_what_is_over(status: Status, now: datetime) -> bool:
    """Whether a status speaks of a replacement, or of a pair that has left: its record, at rest, has neither any more.

    The process was gone before it could say so.
    """
    rotation = status.rotation
    if rotation is None:
        return False
    return bool(rotation.reasons) or any(pair.until is None or now >= pair.until for pair in rotation.leaving)


def _tells_what_is_recorded(status: Status, summary: Summary) -> bool:
    """Whether a status tells what came of the last read, proof and publication, as far as both say what they tell.

    Until it does there may be something that was not published, too.
    """
    said = told_by(status)
    return summary.told is None or said is None or said == summary.told


def _dates(
    observed: Observed, summary: Summary, resource: OAuthClient, desired: Desired
) -> tuple[datetime | None, ...]:
    """Return when time alone will bring something, as far as metadata tell."""
    since, expires, published_at = summary.secret_since, summary.expires, resource.status.published_at
    renewal = renewal_of(since, expires, resource, desired) if since is not None and expires is not None else None
    # What an older operator reported does not say when it was published: then it is looked at once.
    proof = proof_at_rest(observed, resource, desired)
    rotation, left = rotation_of(published_at or _EPOCH, resource, desired), left_behind_at(observed, summary, resource)
    return summary.due, renewal, proof, rotation, left


def _may_have_record(observed: Observed, resource: OAuthClient) -> bool:
    return observed.summary is not None or bool(resource.status.client_id) or _owns_secret(observed, resource)


def _owns_secret(observed: Observed, resource: OAuthClient) -> bool:
    return any(resource.uid in secret.owner_uids for secret in observed.secret_metadata.values())


def _plan_recorded(
    observed: Observed, resource: OAuthClient, desired: Desired, record: Record, now: datetime
) -> Action:
    if record.open is not None:
        # One call at a time.
        over = pauses.given_up_at(record.open, observed)
        return Wait(verdict=in_flight(), until=over) if now < over else Abandon(record.open)
    if record.released is not None and not observed.live:
        # It was let go: only a cache can still show it.
        return ReadResource()
    if record.deletion != desired.deletion:
        # The record must know how to end also when the resource is gone.
        return Amend(deletion=desired.deletion, secret=None)
    if _is_unclaimed(observed, record):
        return Claim()
    standing = _plan_standing(observed, resource, desired, record, now) or plan_withdrawal(record, desired)
    if isinstance(standing, Wait):
        return plan_cure(observed, resource, desired, record, standing, now)
    if standing is not None:
        return standing
    if (expiry := plan_expiry(record, desired.terms)) is not None:
        return expiry
    kept = plan_kept(observed, resource, desired, record, now)
    if not isinstance(kept, Desired):
        return kept
    if kept.publication != desired.publication and observed.instead is None:
        observed = replace(observed, instead=Instead(verdict=invalid_spec(desired, record)))
    action = _plan_clients(observed, resource, kept, record, now)
    return saying_why(observed, action, now) if isinstance(action, Wait) else action


def _plan_clients(observed: Observed, resource: OAuthClient, desired: Desired, record: Record, now: datetime) -> Action:
    """Return the next step for the clients of a record: what nobody needs, the first one, or the published one."""
    surplus = plan_surplus(observed, resource, desired, record, now)
    if surplus is not None and not isinstance(surplus, Wait):
        return surplus
    if is_unnamed(record, resource) and resource.status.client_id is not None:
        # The record of the client that is published is gone; what is recorded now came late, of another attempt.
        action: Action = Wait(verdict=record_missing(resource.status))
    elif record.published is None:
        action = _plan_first(observed, resource, desired, record, now)
    else:
        action = plan_upkeep(observed, resource, desired, record, record.published, now)
    if isinstance(action, Wait) and (record.published is not None or is_unnamed(record, resource)):
        action = plan_cure(observed, resource, desired, record, action, now)
    if isinstance(action, Wait) and surplus is not None and surplus.until is not None:
        # A surplus client that could not be removed yet is looked at again in time.
        sooner = min(t for t in (action.until, surplus.until) if t is not None)
        return replace(action, until=sooner)
    return action


def _with_misnamed(action: Action, resource: OAuthClient, record: Record) -> Action:
    """Return the action; where it waits, whatever for, it says of an annotation that it settles nothing."""
    wrong = misnamed(record.suspects, resource.uid, resource.resolve) if isinstance(action, Wait) else None
    if wrong is None or not isinstance(action, Wait):
        return action
    return replace(action, verdict=replace(action.verdict, message=f"{action.verdict.message}; {wrong}"))


def _plan_first(
    observed: Observed, resource: OAuthClient, desired: Desired, record: Record | None, now: datetime
) -> Action:
    """Return the next step towards the first client: a Secret hands it over, or it is registered."""
    if desired.adopt is not None:
        return plan_adoption(observed, resource, desired, desired.adopt, record, now)
    return plan_registration(observed, resource, desired, record, now)


def _plan_standing(
    observed: Observed, resource: OAuthClient, desired: Desired, record: Record, now: datetime
) -> Action | None:
    """Return what a person's word, or the state of the record itself, says before anything is done."""
    resolved = _resolved(resource)
    if record.suspects and resolved == record.suspects[-1].number:
        over = record.suspects[-1].until + observed.limits.margin
        if now < over:
            # The lost request may still arrive: nobody can have looked for what it makes.
            last = record.last(CallKind.REGISTER)
            return Wait(verdict=ambiguous_registration(record.suspects, resource.uid, last, held=True), until=over)
        # A person looked at the server and says so, for the newest suspect and those before it.
        return Settle(resolved)
    if (resource.status.edition or 0) > record.edition and record.published is not None:
        # What is published may be the last copy of working credentials, and is not in this record.
        return Wait(verdict=record_outdated(resource.status.edition or 0, record.edition, by_status=True))
    return plan_pause(resource, desired, record, now) if resource.paused else None


def _is_unclaimed(observed: Observed, record: Record) -> bool:
    """Whether others cannot see that this record holds a client; where a watch is behind nobody knows."""
    stored, said = observed.record, observed.summary
    if said is None or not isinstance(stored, Stored) or said.resource_version != stored.resource_version:
        return False
    return lacks_claims(record, said)


def _resolved(resource: OAuthClient) -> int | None:
    """Return the attempt that a person resolved, if the annotation names this very resource."""
    uid, _, attempt = (resource.resolve or "").partition("/")
    return (
        int(attempt) if uid == resource.uid and attempt.isascii() and attempt.isdigit() and len(attempt) < 10 else None
    )
