"""The ladder while no client is published: everything that has to be so before the one POST."""

from datetime import datetime

from .. import names
from ..names import PUBLISHED_SIGNING_KEY, Reason
from ..oauth.rfc8414 import ServerMetadata
from ..published_secret import Amendment, NewSecret, new_secret, taken_keys
from ..record.attempts import AttemptState
from ..record.calls import ClosedCall, RegisterCall
from ..record.envelope import has_room
from ..record.record import Record
from ..resource.desired import AmbiguousPolicy, Desired
from ..resource.oauth_client import OAuthClient
from ..resource.publication import Publication
from ..resource.secret import Secret
from ..verdict import issuers
from ..verdict.publishing import keys_taken
from ..verdict.records import record_full
from ..verdict.registering import (
    ambiguous_registration,
    crowded,
    not_supported,
    registration_not_understood,
    rejected,
    unreadable_registration,
)
from ..verdict.renewing import given_up
from ..verdict.verdict import Verdict
from . import pauses
from .action import Action, AddFinalizer, Discover, Register, Rehearse, Wait
from .asked import asked, asked_to_retry
from .effort import Effort, first
from .given_twice import before_registration
from .observed import Observed, Problem, Unread
from .presenting import is_once_more, look_at_presented, plan_presented, presents_another, software_statement

REHEARSED_VALUE = "cmVoZWFyc2Fs" * 20
"""Base64 of as much text as a client identifier or secret may be long."""


def plan_registration(
    observed: Observed, resource: OAuthClient, desired: Desired, record: Record | None, now: datetime
) -> Action:
    """Return the next step towards the first registration."""
    metadata = asked(desired)
    if metadata is None:
        # Nothing is begun that cannot be finished; a person has to change the spec.
        return Wait(verdict=invalid_spec(desired, record))
    return plan_effort(observed, resource, desired, first(record, metadata, desired.signing), now)


def plan_effort(observed: Observed, resource: OAuthClient, desired: Desired, effort: Effort, now: datetime) -> Action:
    """Return the next step towards a registration, be it the first one or one beside a client that is published."""
    pause = _pause(observed, resource, desired, effort, now)
    if pause is not None:
        return pause
    record, last = effort.record, effort.last
    preflight = plan_preflight(observed, _fresher_than(effort), now)
    if preflight is not None:
        return preflight
    server = observed.server
    if isinstance(server, ServerMetadata) and server.registration_endpoint is None:
        # Nothing to call until an administrator turns registration on.
        return Wait(verdict=not_supported(desired.terms.issuer), until=now + observed.limits.retry_slowly)
    if last is not None and pauses.is_endpoint_gone(last) and isinstance(server, ServerMetadata):
        # Discovery was done afresh and still names the endpoint that answered 404 or 405.
        until = last.at + observed.limits.retry_slowly
        asks_again = record is not None and asked_to_retry(resource, record) is not None
        if server.registration_endpoint == last.call.endpoint and now < until and not asks_again:
            return Wait(verdict=rejected(last, effort.metadata, desired.terms), until=until)
    if (unread := plan_presented(observed, desired.terms, effort, now)) is not None:
        return unread
    if record is not None and not has_room(record):
        return Wait(verdict=record_full(), until=now + observed.limits.retry_slowly)
    if observed.finalizer is not None:
        return pauses.fresh(observed.finalizer, observed, now)
    if names.FINALIZER not in resource.finalizers:
        # No finalizer stored, no registration: a deletion must not pass unseen. This first write comes when all is
        # known that can be known without one, and there is a slot at the issuer: what is begun then ends in one go.
        return AddFinalizer()
    rehearsal = plan_rehearsal(observed, resource, desired.publication, now)
    sent = software_statement(observed, desired.terms, effort)
    returned = sent is not None and sent is effort.statement
    return rehearsal or Register(effort.metadata, effort.begins, effort.signing, sent, returned=returned)


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
    if isinstance(observed.secret, Secret) and (taken := taken_keys(observed.secret, publication)):
        return Wait(verdict=keys_taken(observed.secret.name, taken))
    write = _rehearsal(observed, resource, publication)
    return Rehearse(write) if write != observed.rehearsal else None


def _rehearsal(observed: Observed, resource: OAuthClient, publication: Publication) -> NewSecret | Amendment:
    """Return what is written dry: what is published later, with nothing confidential in it."""
    if isinstance(secret := observed.secret, Secret):
        return Amendment(
            namespace=resource.namespace,
            name=secret.name,
            uid=secret.uid,
            resource_version=secret.resource_version,
            data={publication.keys.get("client_id", "client_id"): REHEARSED_VALUE},
        )
    endpoints = observed.server.endpoints if isinstance(observed.server, ServerMetadata) else {}
    facts = ("client_id", "client_secret", "issuer", "token_endpoint_auth_method", *endpoints)
    facts = (*facts, *PUBLISHED_SIGNING_KEY) if publication.own_keys else facts
    places = (*(publication.keys.get(fact, fact) for fact in facts), *publication.template)
    data = dict.fromkeys(places, REHEARSED_VALUE)
    return new_secret(resource, publication, data, 1)


def invalid_spec(desired: Desired, record: Record | None) -> Verdict:
    """Return the verdict about a spec that cannot be honoured: of itself, or by its issuer."""
    resource, published = desired.terms.resource, record is not None and record.published is not None
    if resource is not None and not desired.problems:
        if desired.terms.problems:
            return issuers.not_ready(resource.name, desired.terms.problems, published=published)
        if desired.objections:
            return issuers.not_allowed(resource.name, desired.objections, published=published)
    message = desired.problem or "spec.clientMetadata is missing"
    return Verdict(reason=Reason.INVALID_SPEC, message=message, stalled=True)


def in_flight() -> Verdict:
    """Return the verdict while a call may still be answered."""
    return Verdict(reason=Reason.PENDING, message="a call to the authorization server is in flight")


def _pause(observed: Observed, resource: OAuthClient, desired: Desired, effort: Effort, now: datetime) -> Action | None:
    if effort.record is not None:
        if (ending := before_registration(effort.record, observed.limits, now)) is not None:
            return ending
        pause = _pause_after_loss(observed, resource, desired, effort, effort.record, now)
        step = pause or _pause_after_rejection(observed, resource, desired, effort, effort.record, now)
        if step is not None:
            return step
    if (held := observed.held_at(desired.terms.issuer)) is not None:
        # It failed a moment ago, and nothing has changed since that could make it better.
        return pauses.held(held)
    if effort.record is None and observed.crowded:
        # Before the first write: what is refused leaves nothing to be removed.
        return Wait(verdict=crowded(observed.limits.records_per_namespace), until=now + observed.limits.retry_slowly)
    return None


def _pause_after_loss(
    observed: Observed, resource: OAuthClient, desired: Desired, effort: Effort, record: Record, now: datetime
) -> Wait | None:
    suspects, lost, last, useless = effort.suspects, effort.lost, effort.last, effort.useless
    if len(suspects) + len(useless) >= observed.limits.suspects and useless:
        # Each further attempt may leave another one that cannot be removed.
        return Wait(verdict=unreadable_registration(useless, last, held=True))
    newest = effort.attempts[-1] if effort.attempts else None
    if newest is None or last is None:
        return None
    stands = last.not_understood and newest.state is not AttemptState.SETTLED and _asks_the_same(last, desired, effort)
    if stands and effort.expires_at is None and asked_to_retry(resource, record) is None:
        # The server would answer the same again, and each time there may be one more client. But what is published ends
        # for a page that a gateway showed for an hour: within its time it is asked as often as for an answer that is
        # lost.
        return Wait(verdict=registration_not_understood(last, newest if newest.suspect else None, resource.uid))
    if not lost:
        return _pause_after_unreadable(observed, resource, desired, effort, last, now)
    if desired.ambiguous is AmbiguousPolicy.HOLD or len(suspects) >= observed.limits.suspects:
        # Each further attempt may leave another client: a person looks first.
        return Wait(verdict=ambiguous_registration(lost, resource.uid, last, held=True))
    until = pauses.after_loss(lost, last, resource.uid, observed.limits, expires_at=effort.expires_at)
    if asked_to_retry(resource, record) is not None:
        # Not while the lost request may still arrive.
        until = lost[-1].until + observed.limits.margin
    at = until if effort.expires_at is not None and until < effort.expires_at else None
    verdict = ambiguous_registration(lost, resource.uid, last, held=False, at=at)
    return Wait(verdict=verdict, until=until) if now < until else None


def _pause_after_unreadable(
    observed: Observed, resource: OAuthClient, desired: Desired, effort: Effort, last: ClosedCall, now: datetime
) -> Wait | None:
    """Return the pause after an answer that could be read as far as the name of its client, which is deregistered."""
    record, attempts = effort.record, effort.attempts
    asks_again = record is not None and asked_to_retry(resource, record) is not None
    if attempts[-1].state is not AttemptState.COMMITTED or asks_again:
        return None
    unreadable = [a for a in attempts if a.state is AttemptState.COMMITTED]
    if effort.given_up >= len(unreadable):
        until = pauses.after_unreadable(last, effort.given_up, observed.limits)
        return Wait(verdict=given_up(effort.given_up), until=until) if now < until else None
    if len(unreadable) >= observed.limits.suspects and _asks_the_same(last, desired, effort):
        # A server, or what stands before it, that always answers so must not make us register without end.
        return Wait(verdict=unreadable_registration((), last, held=True))
    until = pauses.after_unreadable(last, attempts[-1].number, observed.limits)
    verdict = unreadable_registration(record.surplus if record is not None else (), last, held=False)
    return Wait(verdict=verdict, until=until) if now < until else None


def _pause_after_rejection(
    observed: Observed, resource: OAuthClient, desired: Desired, effort: Effort, record: Record, now: datetime
) -> Action | None:
    last = effort.last
    if last is None or not last.rejected or asked_to_retry(resource, record) is not None:
        return None
    if is_once_more(last, desired.terms):
        return None
    if pauses.again(last) is pauses.Again.AFTER_A_CHANGE:
        if (look := look_at_presented(observed, desired.terms)) is not None:
            # No watch tells whether it is another one than the one that was refused: a look at it does, when a call may
            # follow it.
            return None if observed.held_at(desired.terms.issuer) is not None else look
        if _is_another(last, desired, effort, observed):
            # Worth asking at once.
            return None
    until = pauses.after_rejection(last, observed.failures, observed.limits)
    return Wait(verdict=rejected(last, effort.metadata, desired.terms), until=until) if now < until else None


def _is_another(last: ClosedCall, desired: Desired, effort: Effort, observed: Observed) -> bool:
    """Whether the spec, where it has registered, or what it presents there is another one than what was refused."""
    other = isinstance(last.what, RegisterCall) and presents_another(observed, desired.terms, last.what)
    return other or not _asks_the_same(last, desired, effort)


def _asks_the_same(last: ClosedCall, desired: Desired, effort: Effort) -> bool:
    """Whether a registration of today would be the last one again, as far as the spec says."""
    terms = desired.terms
    if not isinstance(last.what, RegisterCall) or last.what.asked.digest != effort.metadata.digest():
        return False
    if last.what.signing != effort.signing:
        return False
    if terms.registration_endpoint is not None:
        # Whatever the issuer's metadata say.
        return terms.registration_endpoint == last.call.endpoint
    # Other documents may name another endpoint; an older operator did not write down which were read.
    return last.what.source in (None, terms.source.digest)


def _fresher_than(effort: Effort) -> datetime | None:
    """Return the time after which the issuer's metadata must have been fetched for the next attempt."""
    if effort.lost:
        # An issuer in maintenance must not eat the attempts: it has to answer a GET first.
        return effort.lost[-1].until
    last = effort.last
    return last.at if last is not None and pauses.is_endpoint_gone(last) else None
