"""The ladder of a ClusterOAuthIssuer: accepted for its clients, looked at, reported, and let go when it has none."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from .. import names
from ..oauth.rfc8414 import ServerMetadata
from ..resource.cluster_oauth_issuer import ClusterOAuthIssuer
from ..resource.issuer_reach import ca_bundle_reference
from ..resource.issuer_status import Discovered
from ..resource.issuer_status import Observed as ObservedServer
from ..resource.terms import IssuerTerms, Open
from ..verdict import issuers as words
from ..verdict.verdict import Verdict
from . import pauses
from .issuer_status import status
from .issuer_steps import (
    Accept,
    DiscoverIssuer,
    Forget,
    IssuerStep,
    Leave,
    LookElsewhere,
    ReadAccess,
    ReadAuthorities,
    Report,
    TryDoor,
    WriteIssuerFinalizer,
)
from .observed import Failures, Limits, Missing, Problem, Unread
from .rollout import Rollout

LOOKED_AT_EVERY: Final = timedelta(hours=1)
"""How often what is reported of an issuer that is ready is looked at again: its clients find out by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedIssuer:
    """The state of the world as far as it is known, about an issuer.

    `clients` are some of those that refer to it, by namespace and name, `client_count` says how many do, `sees_all`
    whether those of all namespaces are known, `elsewhere` which there are in others, and `speaks` whether its status is
    written here. `accepted` are the terms by which they go now. `finalizer` says why ours cannot be written,
    `authorities` is the text to which `spec.trust.caBundleRef` leads, `no_door` why a door by the terms cannot be made,
    `access` what is amiss with the way in: with the Secret that the operator is let in by, or with obtaining an access
    token. `rollout` is how far a change has come that is an update of its clients, `seen` what their server did.
    """

    issuer: ClusterOAuthIssuer
    clients: Sequence[str] = ()
    client_count: int = 0
    sees_all: bool = True
    elsewhere: Sequence[str] | Unread = field(default_factory=Unread)
    speaks: bool = True
    accepted: IssuerTerms | None = None
    finalizer: Problem | None = None
    authorities: str | Missing | Problem | Unread = field(default_factory=Unread)
    no_door: str | Unread | None = field(default_factory=Unread)
    server: ServerMetadata | Problem | Unread = field(default_factory=Unread)
    access: Problem | Unread | None = field(default_factory=Unread)
    rollout: Rollout | None = None
    seen: ObservedServer = field(default_factory=ObservedServer)
    failures: Failures = field(default_factory=Failures)
    limits: Limits = field(default_factory=Limits)


def plan_issuer(observed: ObservedIssuer, now: datetime) -> IssuerStep:
    """Return the next step for an issuer; total, and a pure function of its arguments."""
    issuer = observed.issuer
    if issuer.deleting and names.ISSUER_FINALIZER not in issuer.finalizers:
        return Forget()
    if (step := _plan_finalizer(observed, now)) is not None:
        return step
    reference = ca_bundle_reference(issuer.spec)
    if reference is not None and isinstance(observed.authorities, Unread):
        return ReadAuthorities(reference.config_map, reference.key)
    if isinstance(problem := observed.authorities, Problem):
        # That it may not be read does not say that it is not there: its clients go on as before.
        return _report_refused(observed, problem, now)
    terms = IssuerTerms.of_issuer(issuer, observed.authorities if isinstance(observed.authorities, str) else None)
    if not terms.problems:
        if isinstance(observed.no_door, Unread):
            return TryDoor(terms)
        if observed.no_door is not None:
            # Nobody is to go there, and whoever goes by its terms has to know.
            terms = replace(terms, problems=(f"spec.trust: {observed.no_door}",))
    if observed.accepted != terms:
        return Accept(terms)
    if issuer.deleting:
        # Its clients go on until they are gone, in a process that has just begun, too.
        return _plan_use(observed, terms, now)
    if not observed.speaks:
        return Leave(until=now + LOOKED_AT_EVERY)
    if terms.problems:
        # An edit, or a ConfigMap's, is seen.
        return _report(observed, words.invalid(terms.problems), now)
    return _plan_look(observed, terms, now)


def _plan_finalizer(observed: ObservedIssuer, now: datetime) -> IssuerStep | None:
    """Return the next step for our finalizer: it is there while there are clients, and where there may be some."""
    issuer, has_finalizer = observed.issuer, names.ISSUER_FINALIZER in observed.issuer.finalizers
    if isinstance(problem := observed.finalizer, Problem):
        return _report_refused(observed, problem, now)
    if observed.client_count:
        # Before its clients go by its terms: what ends a client takes them.
        return None if has_finalizer else WriteIssuerFinalizer(there=True)
    if not has_finalizer:
        return None
    if observed.sees_all:
        return WriteIssuerFinalizer(there=False)
    if not issuer.deleting:
        # It may be there for clients that another installation looks after, which would put it back at once.
        return None
    if isinstance(observed.elsewhere, Unread):
        return LookElsewhere()
    return None if observed.elsewhere else WriteIssuerFinalizer(there=False)


def _report_refused(observed: ObservedIssuer, problem: Problem, now: datetime) -> IssuerStep:
    until = _again(problem, observed, now)
    if not observed.speaks:
        return Leave(until=until, refused=problem.verdict)
    return _report(observed, problem.verdict, now, until=until)


def _plan_use(observed: ObservedIssuer, terms: IssuerTerms, now: datetime) -> IssuerStep:
    """Return what is said of an issuer that is deleted and has clients; they discover it as before, and so do we."""
    server = observed.server
    if observed.speaks and not terms.problems and isinstance(server, Unread):
        return DiscoverIssuer(terms)
    elsewhere = () if isinstance(observed.elsewhere, Unread) else observed.elsewhere
    verdict = words.in_use([*observed.clients, *elsewhere], observed.client_count + len(elsewhere))
    discovered: Discovered | None = None
    undiscovered = words.invalid(terms.problems) if terms.problems else None
    until = now + LOOKED_AT_EVERY
    if isinstance(server, ServerMetadata):
        discovered = Discovered.of(server, server.registration_endpoint)
    if isinstance(server, Problem):
        undiscovered, until = server.verdict, _again(server, observed, now)
    if elsewhere:
        # The last of another installation's clients wakes nobody here; nor there, if it went before it was seen.
        until = min(until, pauses.elsewhere(observed.issuer.deleted_at, now, observed.limits))
    return _report(observed, verdict, now, discovered=discovered, undiscovered=undiscovered, until=until)


def _plan_look(observed: ObservedIssuer, terms: IssuerTerms, now: datetime) -> IssuerStep:
    """Return the next look at the issuer itself, or what came of it."""
    server = observed.server
    if isinstance(server, Unread):
        return DiscoverIssuer(terms)
    if isinstance(server, Problem):
        return _report(observed, server.verdict, now, until=_again(server, observed, now))
    discovered = Discovered.of(server, server.registration_endpoint)
    if server.registration_endpoint is None:
        verdict, until = words.not_supported(terms.issuer), now + observed.limits.retry_slowly
        return _report(observed, verdict, now, discovered=discovered, until=until)
    if not isinstance(terms.access, Open):
        if isinstance(observed.access, Unread):
            return ReadAccess(terms.access)
        if observed.access is not None:
            until = _again(observed.access, observed, now)
            return _report(observed, observed.access.verdict, now, discovered=discovered, until=until)
    until = now + LOOKED_AT_EVERY
    return _report(observed, words.ready(terms.issuer), now, discovered=discovered, until=until)


def _again(problem: Problem, observed: ObservedIssuer, now: datetime) -> datetime:
    """Return when it is looked at again: also where only a change helps, for who changes it need not tell us."""
    failures = Failures(in_a_row=observed.failures.in_a_row + 1, chance=observed.failures.chance)
    return pauses.until(problem, now, failures, observed.limits) or now + observed.limits.retry_slowly


def _report(
    observed: ObservedIssuer,
    verdict: Verdict,
    now: datetime,
    *,
    discovered: Discovered | None = None,
    undiscovered: Verdict | None = None,
    until: datetime | None = None,
) -> Report | Leave:
    if not observed.speaks:
        return Leave(until=until)
    found = discovered or undiscovered or verdict
    return Report(status=status(observed.issuer, verdict, found, observed.rollout, observed.seen, now), until=until)
