"""The ladder while a client is published: its Secret kept true, then what leaves, its replacement, and edits."""

from dataclasses import replace
from datetime import datetime

from .. import names
from ..names import Reason
from ..oauth.rfc7591 import insufficiency
from ..published_secret import NewSecret
from ..record.clients import Client
from ..record.pairs import expiry
from ..record.record import Record
from ..resource.desired import Desired, GonePolicy
from ..resource.not_allowed import granted_beyond
from ..resource.oauth_client import OAuthClient
from ..verdict.credentials_valid import is_gone, refused
from ..verdict.proving import proof_waits
from ..verdict.publishing import finalizer_not_kept, secret_expired
from ..verdict.registering import by_statement, registered
from ..verdict.updating import obstacle
from ..verdict.verdict import Verdict
from . import pauses
from .action import Action, AddFinalizer, Serve, Wait
from .asked import asked, asked_to_retry
from .given_twice import before_publication
from .keeping import plan_instead
from .keys import is_meant_for, plan_keys_in_step
from .leaving import next_at as next_leaving_at
from .leaving import plan_leaving
from .managing import way_of
from .observed import Observed
from .proving import plan_proof, proof_at
from .publishing import about_unwritten, lacking_of, plan_publication
from .reading import is_in_question, plan_beside
from .reasons import is_short_lived, is_update_due, of_published, renew_at
from .reasons import next_at as next_reason_at
from .registration import invalid_spec
from .replacing import plan_replacement
from .updates import plan_update
from .waits import first_of, merged


def plan_upkeep(
    observed: Observed, resource: OAuthClient, desired: Desired, record: Record, client: Client, now: datetime
) -> Action:
    """Return the next step for a registered client."""
    paced = observed.heal_not_before is not None and now < observed.heal_not_before
    if names.FINALIZER not in resource.finalizers and observed.finalizer is None and not paced:
        # Somebody took it away; a deletion must not pass unseen.
        return AddFinalizer()
    if (given_twice := before_publication(observed, resource, record, client, now)) is not None:
        return given_twice
    lacking = _insufficiency(client, desired)
    # What was published before is kept true all the same: the update may have brought another client secret.
    if (lacking is None or resource.status.secret is not None) and desired.publication is not None:
        step = plan_publication(observed, resource, desired, record, client, desired.publication, now)
        step = step or plan_leaving(observed, record, desired, now)
        if isinstance(step, Wait):
            instead = plan_instead(observed, resource, desired, record, step)
            return instead or _keeping_from_renewal(observed, resource, desired, record, client, step, now)
        if step is not None:
            return step
    taken_back = plan_keys_in_step(observed, resource, desired, record, client, now)
    if taken_back is not None and not isinstance(taken_back, Wait):
        return taken_back
    renewal = plan_replacement(observed, resource, desired, record, client, now)
    if renewal is not None and not isinstance(renewal, Wait):
        return renewal
    action = _plan_rest_of_upkeep(observed, resource, desired, record, client, lacking, now)
    if isinstance(action, Wait):
        action = _saying_refused(observed, resource, desired, record, client, action, now)
        action = plan_beside(observed, resource, desired, record, client, action, now)
    if isinstance(action, Wait):
        action = _beside_proof(observed, resource, desired, record, client, action, now)
    if not isinstance(action, Wait):
        return action
    dates = (action.until, next_leaving_at(observed, record, desired, now), _may_arrive_until(observed, record, now))
    action = replace(action, until=min((at for at in dates if at is not None), default=None))
    # A key that cannot be taken back is said before a replacement that only waits for that.
    waits_for_key = renewal is not None and renewal.verdict.reason is Reason.RENEWING and is_meant_for(client, desired)
    waits = (taken_back, renewal) if waits_for_key else (renewal, taken_back)
    return _with_renewal(observed, resource, desired, record, client, action, first_of(*waits), now)


def _keeping_from_renewal(
    observed: Observed,
    resource: OAuthClient,
    desired: Desired,
    record: Record,
    client: Client,
    wait: Wait,
    now: datetime,
) -> Wait:
    """Return a wait for the Secret, which is one of a replacement, too: what could not be published is of no use."""
    if wait.verdict.reason is Reason.RECORD_OUTDATED:
        # What such a record says of the client is not what is published.
        return wait
    why = of_published(record, client, resource, desired, now, way=way_of(observed, client))
    wanted = why or record.replacement is not None
    return _with_renewal(observed, resource, desired, record, client, wait, wait if wanted else None, now)


def _with_renewal(
    observed: Observed,
    resource: OAuthClient,
    desired: Desired,
    record: Record,
    client: Client,
    action: Wait,
    renewal: Wait | None,
    now: datetime,
) -> Wait:
    """Return what is said and waited for, with the wait of a replacement if there is one, and when the next begins."""
    due = next_reason_at(record, client, resource, desired, now)
    why = of_published(record, client, resource, desired, now, way=way_of(observed, client))
    why = why or (record.replacement.reasons if record.replacement is not None else ())
    moved = client.issuer != desired.terms.issuer
    elsewhere = moved or (desired.honoured and not is_meant_for(client, desired))
    return merged(action, renewal, due, why, elsewhere=elsewhere)


def _beside_proof(
    observed: Observed,
    resource: OAuthClient,
    desired: Desired,
    record: Record,
    client: Client,
    wait: Wait,
    now: datetime,
) -> Action:
    """Return the next step of a proof where all else only waits, or that wait, with what proofs have to say."""
    step = plan_proof(observed, resource, desired, record, client, now)
    if isinstance(step, Wait):
        said, why = wait.verdict.message, step.verdict.message
        verdict = wait.verdict if said == why else replace(wait.verdict, message=f"{said}; {proof_waits(why)}")
        until = min((x for x in (wait.until, step.until) if x is not None), default=None)
        wait = replace(wait, verdict=verdict, until=until, failed=wait.failed or step.failed)
    elif step is not None:
        return step
    later = _proven_again_at(observed, resource, desired, record, client, now)
    return replace(wait, until=min((x for x in (wait.until, later) if x is not None), default=None))


def _proven_again_at(
    observed: Observed, resource: OAuthClient, desired: Desired, record: Record, client: Client, now: datetime
) -> datetime | None:
    """Return when a proof is due that is not made in this pass."""
    at = proof_at(observed, resource, desired, record, client)
    return None if at is None else max(at, now + observed.limits.retry_slowly) if at <= now else at


def _saying_refused(
    observed: Observed,
    resource: OAuthClient,
    desired: Desired,
    record: Record,
    client: Client,
    wait: Wait,
    now: datetime,
) -> Wait:
    """Return a wait that says so where the server refuses what is published: nothing else matters as much."""
    if client.doubts is None or not client.doubts.confirmed:
        return wait
    reregisters = desired.gone is GonePolicy.REREGISTER
    asks = is_in_question(desired, record, client, now) and obstacle(client, way_of(observed, client)) is None
    verdict = refused(client, client.doubts, renewed=reregisters and is_gone(client), asks=asks)
    again = _proven_again_at(observed, resource, desired, record, client, now)
    return replace(wait, verdict=verdict, until=min((x for x in (wait.until, again) if x is not None), default=None))


def _plan_rest_of_upkeep(
    observed: Observed,
    resource: OAuthClient,
    desired: Desired,
    record: Record,
    client: Client,
    lacking: Verdict | None,
    now: datetime,
) -> Action:
    """Return the next step for the published client itself: an edit is an update, while it is of the spec's issuer."""
    metadata = asked(desired)
    if metadata is None:
        # A bad edit loses nothing: what is published is kept true, and the condition says what to correct.
        return Wait(verdict=invalid_spec(desired, record), until=_expiry(client, now))
    if is_meant_for(client, desired) and is_update_due(client, metadata):
        return plan_update(observed, resource, desired, record, client, metadata, now)
    retry = asked_to_retry(resource, record)
    if retry is not None and _may_arrive_until(observed, record, now) is None:
        # Who asks for another try right after one was lost gets it when that cannot arrive any more.
        return Serve(retry=retry)
    if lacking is not None:
        return Wait(verdict=lacking)
    expires_at = expiry(client)
    if expires_at is not None and now >= expires_at:
        renewed = renew_at(client, resource, desired) is not None
        return Wait(verdict=secret_expired(client, renewed=renewed, short=is_short_lived(client)))
    return _plan_rest(observed, resource, desired, record, client, now)


def _may_arrive_until(observed: Observed, record: Record, now: datetime) -> datetime | None:
    """Return until when the replacement's newest request may still arrive whose answer was lost, or None."""
    current, suspects = record.replacement, record.suspects
    if current is None or not suspects or suspects[-1].number < current.first_attempt:
        return None
    until = suspects[-1].until + observed.limits.margin
    return until if now < until else None


def _plan_rest(
    observed: Observed, resource: OAuthClient, desired: Desired, record: Record, client: Client, now: datetime
) -> Wait:
    """Return what is said where nothing is left to do: what was taken from us or not kept stands before no update."""
    if names.FINALIZER not in resource.finalizers:
        until = observed.heal_not_before or now + observed.limits.retry_slowly
        return Wait(verdict=finalizer_not_kept(there=True), until=until)
    lacking = (
        lacking_of(observed, resource, desired.publication, record, client) if desired.publication is not None else None
    )
    if lacking is not None and observed.publication is not None:
        # Labels or annotations alone, which the API server refused.
        return pauses.standing(observed.publication, observed, now)
    if (
        desired.publication is not None
        and (about := about_unwritten(observed, desired.publication, record, client)) is not None
    ):
        return Wait(verdict=about, until=_expiry(client, now))
    if lacking is None:
        said = registered(client, record.answering(client), not_sent=desired.omitted)
        return Wait(verdict=said, until=_expiry(client, now))
    not_kept = {*lacking.labels, *lacking.annotations}
    verdict = registered(client, record.answering(client), not_kept=not_kept, not_sent=desired.omitted)
    times = [at for at in (_expiry(client, now),) if at is not None]
    if observed.heal_not_before is not None and not isinstance(lacking, NewSecret):
        # What an edit asks for meanwhile is not given up.
        times += [observed.heal_not_before] if lacking.without(observed.unkept) is not None else []
    if names.MANAGED_BY_LABEL in lacking.labels:
        # The watch does not tell of it.
        times.append(now + observed.limits.retry_slowly)
    return Wait(verdict=verdict, until=min(times, default=None))


def _insufficiency(client: Client, desired: Desired) -> Verdict | None:
    own_keys = bool(client.keys)
    lacking = insufficiency(client.accepted, client.information, own_keys=own_keys)
    wanted = asked(desired) if client.confirmed is None else None
    if lacking is not None and wanted is not None:
        # Of a client that was handed over nothing was accepted yet: it will do for what it is wanted for, too.
        lacking = insufficiency(wanted, client.information, own_keys=own_keys)
    if lacking is None:
        lacking = _beyond(client, desired)
    if lacking is None:
        return None
    message = (
        f"the authorization server registered the client differently, and not well enough to use: {lacking}"
        f"{by_statement(client)}; change spec.clientMetadata, or delete this resource to deregister the client"
    )
    return Verdict(reason=Reason.REGISTRATION_INSUFFICIENT, message=message, stalled=True)


def _beyond(client: Client, desired: Desired) -> str | None:
    """Return what the server registered beyond what the issuer resource allows, in words."""
    allowed = desired.terms.allowed
    if allowed is None or client.issuer != desired.terms.issuer:
        return None
    found = granted_beyond(allowed, desired.namespace, client.information)
    return "; ".join(map(str, found)) or None


def _expiry(client: Client, now: datetime) -> datetime | None:
    at = expiry(client)
    return at if at is not None and at > now else None
