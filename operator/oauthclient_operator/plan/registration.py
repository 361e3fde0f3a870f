"""The ladder while no client is published: everything that has to be so before the one POST."""

import zlib
from datetime import datetime, timedelta

from .. import names
from ..names import Reason
from ..oauth.rfc8414 import ServerMetadata
from ..record.envelope import has_room
from ..record.model import CallKind, CallOutcome, ClosedCall, Record
from ..resource.desired import AmbiguousPolicy, Desired
from ..resource.oauth_client import OAuthClient
from ..verdict import (
    Verdict,
    ambiguous_registration,
    crowded,
    not_supported,
    record_full,
    rejected,
    unreadable_registration,
)
from .action import Action, AddFinalizer, Discover, ReadInitialAccessToken, Register, Rehearse, Wait
from .observed import Observed, Problem, Unread


def plan_registration(
    observed: Observed, resource: OAuthClient, desired: Desired, record: Record | None, now: datetime
) -> Action:
    """Return the next step towards a registration."""
    if desired.problem is not None or desired.metadata is None:
        # Nothing is begun that cannot be finished; a person has to change the spec.
        return Wait(verdict=invalid_spec(desired))
    pause = _pause(observed, resource, desired, record, now)
    if pause is not None:
        return pause
    if names.FINALIZER not in resource.finalizers:
        # No finalizer stored, no registration: a deletion must not pass unseen.
        return AddFinalizer()
    preflight = plan_preflight(observed, _fresher_than(record))
    if preflight is not None:
        return preflight
    server = observed.server
    if isinstance(server, ServerMetadata) and server.registration_endpoint is None:
        # Nothing to call until an administrator turns registration on.
        return Wait(verdict=not_supported(desired.issuer), until=now + observed.limits.retry_slowly)
    last = record.last(CallKind.REGISTER) if record is not None else None
    if last is not None and _endpoint_is_gone(last) and isinstance(observed.server, ServerMetadata):
        # Discovery was done afresh and still names the endpoint that answered 404 or 405.
        until = last.at + observed.limits.retry_slowly
        if observed.server.registration_endpoint == last.endpoint and now < until:
            return Wait(verdict=rejected(last), until=until)
    if desired.initial_access_token is not None and observed.initial_access_token is not True:
        if isinstance(observed.initial_access_token, Problem):
            # Missing, or another issuer's: it goes on by itself when that Secret changes.
            return wait_for(observed.initial_access_token)
        return ReadInitialAccessToken()
    if record is not None and not has_room(record):
        return Wait(verdict=record_full(), until=now + observed.limits.retry_slowly)
    return plan_rehearsal(observed) or Register()


def plan_preflight(observed: Observed, fresher_than: datetime | None) -> Action | None:
    """Return what is still to be done about the issuer's metadata, or None when they are at hand."""
    server = observed.server
    if isinstance(server, Problem):
        # The issuer cannot be reached, or its metadata cannot be used.
        return wait_for(server)
    if isinstance(server, Unread) or (
        fresher_than is not None and (observed.server_read_at is None or observed.server_read_at <= fresher_than)
    ):
        return Discover(fresher_than)
    return None


def plan_rehearsal(observed: Observed) -> Action | None:
    """Return what is still to be done about the dry run, or None when it succeeded."""
    if isinstance(observed.rehearsed, Problem):
        # Quota, a name that is taken, a namespace that goes: known before a client exists.
        return wait_for(observed.rehearsed)
    return None if observed.rehearsed else Rehearse()


def wait_for(problem: Problem) -> Wait:
    """Return the wait that a problem asks for."""
    return Wait(verdict=problem.verdict, until=problem.until, backoff=problem.backoff)


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
        if pause is None:
            pause = _pause_after_rejection(observed, desired, record, now)
        if pause is not None:
            return pause
    if observed.held is not None:
        # It failed a moment ago, and nothing has changed since that could make it better.
        return wait_for(observed.held)
    if record is None and observed.crowded:
        # Before the first write: what is refused leaves nothing to be removed.
        return Wait(verdict=crowded(observed.limits.records_per_namespace), until=now + observed.limits.retry_slowly)
    return None


def _pause_after_loss(
    observed: Observed, resource: OAuthClient, desired: Desired, record: Record, now: datetime
) -> Action | None:
    suspects = record.suspects
    if len(suspects) + len(record.surplus) >= observed.limits.suspects and record.surplus:
        # Each further attempt may leave another one that cannot be removed.
        return Wait(verdict=unreadable_registration(record.surplus, held=True))
    if not suspects:
        return _pause_after_unreadable(observed, record, now)
    if desired.ambiguous is AmbiguousPolicy.HOLD or len(suspects) >= observed.limits.suspects:
        # Each further attempt may leave another client: a person looks first.
        return Wait(verdict=ambiguous_registration(suspects, resource.uid, held=True))
    pause = observed.limits.first_backoff * 2 ** len(suspects) * _jitter(resource.uid, suspects[-1].number)
    until = suspects[-1].until + observed.limits.margin + pause
    last = record.last(CallKind.REGISTER)
    if last is not None and last.outcome is CallOutcome.AMBIGUOUS:
        # A server that asks to wait only lengthens it.
        until = max(until, last.at + timedelta(seconds=last.retry_after or 0))
    if now < until:
        # The lost request may still be on its way until its deadline has passed.
        return Wait(verdict=ambiguous_registration(suspects, resource.uid, held=False), until=until)
    return None


def _pause_after_unreadable(observed: Observed, record: Record, now: datetime) -> Action | None:
    newest = record.attempts[-1] if record.attempts else None
    last = record.last(CallKind.REGISTER)
    if newest is None or last is None or newest.outcome is not CallOutcome.COMMITTED:
        return None
    # What could be read of the answer named its client, which is deregistered; a server that always answers so must
    # not make us register hot.
    until = last.at + min(observed.limits.first_backoff * 2 ** min(newest.number, 16), observed.limits.retry_slowly)
    return Wait(verdict=unreadable_registration(record.surplus, held=False), until=until) if now < until else None


def _pause_after_rejection(observed: Observed, desired: Desired, record: Record, now: datetime) -> Action | None:
    last = record.last(CallKind.REGISTER)
    if last is None or last.outcome is not CallOutcome.REJECTED or desired.metadata is None:
        return None
    changed = (last.digest, last.credential) != (desired.metadata.digest(), observed.initial_access_token_version)
    changed |= desired.registration_endpoint not in (None, last.endpoint)
    asked = timedelta(seconds=last.retry_after or 0)
    if last.status == 429 or _endpoint_is_gone(last) or (last.nonce_wanted and last.repeats):
        # The first pause; what is remembered of failures in a row makes it longer.
        until = last.at + max(observed.limits.first_backoff, asked)
    elif last.to_be_repeated:
        # RFC 9449 section 8: the client is expected to retry with the nonce supplied. The same attempt goes on.
        until = last.at + asked
    elif isinstance(observed.initial_access_token_version, Unread):
        # No watch tells whether the token is another one than the one that was refused: a look at it does, when a
        # call may follow it.
        return None if observed.held is not None else ReadInitialAccessToken()
    elif changed:
        # The spec, the endpoint in it or the initial access token is another one: worth asking at once.
        return None
    else:
        until = last.at + max(observed.limits.retry_slowly, asked)
    return Wait(verdict=rejected(last), until=until) if now < until else None


def _jitter(uid: str, number: int) -> float:
    """Return a factor from 1 to 2 that keeps what failed together from coming back together, the same each time."""
    return 1 + zlib.crc32(f"{uid}/{number}".encode()) / 2**32


def _endpoint_is_gone(call: ClosedCall) -> bool:
    return call.outcome is CallOutcome.REJECTED and call.status in (404, 405) and not call.nonce_wanted


def _fresher_than(record: Record | None) -> datetime | None:
    """Return the time after which the issuer's metadata must have been fetched for the next attempt."""
    if record is None:
        return None
    if record.suspects:
        # An issuer in maintenance must not eat the attempts: it has to answer a GET first.
        return record.suspects[-1].until
    last = record.last(CallKind.REGISTER)
    return last.at if last is not None and _endpoint_is_gone(last) else None
