"""The ladder while no client is published: everything that has to be so before the one POST."""

from datetime import datetime

from .. import names
from ..names import Reason
from ..oauth.rfc8414 import ServerMetadata
from ..published_secret import Amendment, new_secret
from ..record.attempts import AttemptState
from ..record.calls import CallKind, ClosedCall, RegisterCall
from ..record.envelope import has_room
from ..record.record import Record
from ..resource.desired import AmbiguousPolicy, Desired
from ..resource.oauth_client import OAuthClient
from ..resource.publication import Publication
from ..resource.secret import Secret
from ..resource.terms import ByInitialAccessToken
from ..verdict import (
    Verdict,
    ambiguous_registration,
    crowded,
    not_supported,
    record_full,
    rejected,
    unreadable_registration,
)
from . import pauses
from .action import Action, AddFinalizer, Discover, ReadInitialAccessToken, Register, Rehearse, Wait
from .asked import asked
from .observed import Observed, Problem, Unread

REHEARSED_VALUE = "cmVoZWFyc2Fs" * 20
"""Base64 of as much text as a client identifier or secret may be long."""


def plan_registration(
    observed: Observed, resource: OAuthClient, desired: Desired, record: Record | None, now: datetime
) -> Action:
    """Return the next step towards a registration."""
    if asked(desired) is None:
        # Nothing is begun that cannot be finished; a person has to change the spec.
        return Wait(verdict=invalid_spec(desired))
    pause = _pause(observed, resource, desired, record, now)
    if pause is not None:
        return pause
    if names.FINALIZER not in resource.finalizers:
        # No finalizer stored, no registration: a deletion must not pass unseen.
        return AddFinalizer()
    preflight = plan_preflight(observed, _fresher_than(record), now)
    if preflight is not None:
        return preflight
    server = observed.server
    if isinstance(server, ServerMetadata) and server.registration_endpoint is None:
        # Nothing to call until an administrator turns registration on.
        return Wait(verdict=not_supported(desired.terms.issuer), until=now + observed.limits.retry_slowly)
    last = record.last(CallKind.REGISTER) if record is not None else None
    if last is not None and pauses.is_endpoint_gone(last) and isinstance(server, ServerMetadata):
        # Discovery was done afresh and still names the endpoint that answered 404 or 405.
        until = last.at + observed.limits.retry_slowly
        if server.registration_endpoint == last.call.endpoint and now < until:
            return Wait(verdict=rejected(last), until=until)
    if isinstance(desired.terms.access, ByInitialAccessToken):
        if isinstance(observed.initial_access_token, Problem):
            # Missing, or another issuer's: it goes on by itself when that Secret changes.
            return pauses.fresh(observed.initial_access_token, observed, now)
        if isinstance(observed.initial_access_token, Unread):
            return ReadInitialAccessToken(desired.terms.access.secret)
    if record is not None and not has_room(record):
        return Wait(verdict=record_full(), until=now + observed.limits.retry_slowly)
    return plan_rehearsal(observed, resource, desired.publication, now) or Register()


def plan_preflight(observed: Observed, fresher_than: datetime | None, now: datetime) -> Action | None:
    """Return what is still to be done about the issuer's metadata, or None when they are at hand."""
    server = observed.server
    if isinstance(server, Problem):
        # The issuer cannot be reached, or its metadata cannot be used.
        return pauses.fresh(server, observed, now)
    if isinstance(server, Unread) or (
        fresher_than is not None and (observed.server_read_at is None or observed.server_read_at <= fresher_than)
    ):
        return Discover(fresher_than)
    return None


def plan_rehearsal(
    observed: Observed, resource: OAuthClient, publication: Publication | None, now: datetime
) -> Action | None:
    """Return what is still to be done about the dry run, or None when it succeeded or nothing can be published."""
    if isinstance(observed.rehearsed, Problem):
        # Quota, a name that is taken, a namespace that goes: known before a client exists.
        return pauses.fresh(observed.rehearsed, observed, now)
    if observed.rehearsed or publication is None:
        return None
    if isinstance(secret := observed.secret, Secret):
        return Rehearse(
            Amendment(
                namespace=resource.namespace,
                name=secret.name,
                uid=secret.uid,
                resource_version=secret.resource_version,
                data={publication.keys.get("client_id", "client_id"): REHEARSED_VALUE},
            )
        )
    endpoints = observed.server.endpoints if isinstance(observed.server, ServerMetadata) else {}
    facts = ("client_id", "client_secret", "issuer", "token_endpoint_auth_method", *endpoints)
    data = {publication.keys.get(fact, fact): REHEARSED_VALUE for fact in facts}
    return Rehearse(new_secret(resource, publication, data))


def invalid_spec(desired: Desired) -> Verdict:
    """Return the verdict about a spec that cannot be honoured."""
    message = desired.problem or "spec.clientMetadata is missing"
    return Verdict(reason=Reason.INVALID_SPEC, message=message, stalled=True)


def in_flight() -> Verdict:
    """Return the verdict while a call may still be answered."""
    return Verdict(reason=Reason.PENDING, message="a call to the authorization server is in flight")


def _pause(
    observed: Observed, resource: OAuthClient, desired: Desired, record: Record | None, now: datetime
) -> Action | None:
    if record is not None:
        pause = _pause_after_loss(observed, resource, desired, record, now)
        step = pause or _pause_after_rejection(observed, desired, record, now)
        if step is not None:
            return step
    if observed.held is not None:
        # It failed a moment ago, and nothing has changed since that could make it better.
        return pauses.held(observed.held)
    if record is None and observed.crowded:
        # Before the first write: what is refused leaves nothing to be removed.
        return Wait(verdict=crowded(observed.limits.records_per_namespace), until=now + observed.limits.retry_slowly)
    return None


def _pause_after_loss(
    observed: Observed, resource: OAuthClient, desired: Desired, record: Record, now: datetime
) -> Wait | None:
    suspects, last = record.suspects, record.last(CallKind.REGISTER)
    if len(suspects) + len(record.surplus) >= observed.limits.suspects and record.surplus:
        # Each further attempt may leave another one that cannot be removed.
        return Wait(verdict=unreadable_registration(record.surplus, held=True))
    if not suspects:
        newest = record.attempts[-1] if record.attempts else None
        if newest is None or last is None or newest.state is not AttemptState.COMMITTED:
            return None
        # What could be read of the answer named its client, which is deregistered; a server that always answers so
        # must not make us register hot.
        until = pauses.after_unreadable(last, newest.number, observed.limits)
        verdict = unreadable_registration(record.surplus, held=False)
        return Wait(verdict=verdict, until=until) if now < until else None
    if desired.ambiguous is AmbiguousPolicy.HOLD or len(suspects) >= observed.limits.suspects:
        # Each further attempt may leave another client: a person looks first.
        return Wait(verdict=ambiguous_registration(suspects, resource.uid, held=True))
    until = pauses.after_loss(suspects, last, resource.uid, observed.limits)
    verdict = ambiguous_registration(suspects, resource.uid, held=False)
    return Wait(verdict=verdict, until=until) if now < until else None


def _pause_after_rejection(observed: Observed, desired: Desired, record: Record, now: datetime) -> Action | None:
    last = record.last(CallKind.REGISTER)
    if last is None or not last.rejected:
        return None
    if pauses.again(last) is pauses.Again.AFTER_A_CHANGE:
        access = desired.terms.access
        if isinstance(observed.initial_access_token_version, Unread) and isinstance(access, ByInitialAccessToken):
            # No watch tells whether the token is another one than the one that was refused: a look at it does, when a
            # call may follow it.
            return None if observed.held is not None else ReadInitialAccessToken(access.secret)
        if _is_another(last, desired, observed.initial_access_token_version):
            # Worth asking at once.
            return None
    until = pauses.after_rejection(last, observed.failures, observed.limits)
    return Wait(verdict=rejected(last), until=until) if now < until else None


def _is_another(last: ClosedCall, desired: Desired, version: str | Unread | None) -> bool:
    """Whether the spec, the endpoint in it or the initial access token is another one than the one that was refused."""
    metadata, endpoint = asked(desired), desired.terms.registration_endpoint
    if not isinstance(last.what, RegisterCall) or metadata is None:
        return True
    same = (last.what.asked.digest, last.what.credential) == (metadata.digest(), version)
    return not same or endpoint not in (None, last.call.endpoint)


def _fresher_than(record: Record | None) -> datetime | None:
    """Return the time after which the issuer's metadata must have been fetched for the next attempt."""
    if record is None:
        return None
    if record.suspects:
        # An issuer in maintenance must not eat the attempts: it has to answer a GET first.
        return record.suspects[-1].until
    last = record.last(CallKind.REGISTER)
    return last.at if last is not None and pauses.is_endpoint_gone(last) else None
