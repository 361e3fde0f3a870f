"""The passes over ClusterOAuthIssuers: observe, ask `plan_issuer`, take the step that it names; it decides nothing."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from .. import names
from ..errors import AlreadyExists, ClusterError, Conflict, IssuerBusy, NotFound, RequestRefused, Retry
from ..issuer.caller import Caller
from ..oauth.rfc8414 import ServerMetadata
from ..plan import pauses
from ..plan.issuer import ObservedIssuer, plan_issuer
from ..plan.issuer_steps import (
    Accept,
    DiscoverIssuer,
    Forget,
    Leave,
    Look,
    LookElsewhere,
    ReadAccess,
    ReadAuthorities,
    Report,
    TryDoor,
    WriteIssuerFinalizer,
)
from ..plan.observed import Failures, Limits, Missing, Problem
from ..plan.rollout import rolled_out
from ..reach import IssuerAddress
from ..resource.access import AccessByToken
from ..resource.cluster_oauth_issuer import ClusterOAuthIssuer
from ..resource.key import Key
from ..resource.terms import ByInitialAccessToken, IssuerResource, IssuerTerms
from ..verdict.cluster import cluster_failed
from .accepted_issuers import AcceptedIssuers
from .access_ports import AccessTokens
from .asking import Asking, asked
from .authorization_server_ports import Issuers
from .failing import failing_since, is_said
from .issuer_looks import metadata, secret_name, why_not_let_in
from .issuer_ports import ClusterIssuers, IssuerEvents, OperatorNamespace, WatchedIssuers
from .observed_servers import ObservedServers
from .ports import Chance, Clock, Lease
from .rollouts import Rollouts
from .settings import Next

STEPS: Final = 12
"""More than one pass takes."""
_NAMED: Final = 5

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerPorts:
    """What a pass over an issuer may touch.

    `why_no_door` says why none can be made, `wake` has a key looked at; `namespaces` are those whose clients are
    watched, where they are not all.
    """

    resources: ClusterIssuers
    namespace: OperatorNamespace
    events: IssuerEvents
    watched: WatchedIssuers
    accepted: AcceptedIssuers
    rollouts: Rollouts
    servers: ObservedServers
    issuers: Issuers
    access_tokens: AccessTokens
    why_no_door: Callable[[IssuerAddress], str | None]
    wake: Callable[[Key], None]
    lease: Lease
    clock: Clock
    chance: Chance
    limits: Limits
    namespaces: tuple[str, ...] = ()


class IssuerPasses:
    """Look at one issuer at a time; what its clients have to know they are told."""

    def __init__(self, ports: IssuerPorts) -> None:
        self._ports = ports
        self._failures: dict[str, int] = {}
        self._asking: dict[str, Asking] = {}
        self._failing: dict[str, datetime] = {}

    async def reconcile(self, key: Key) -> Next:
        """Take one pass over an issuer and say when the next one is due."""
        due = Next()
        try:
            due = await self._pass(key)
            self._failing.pop(key.name, None)
        except IssuerBusy as busy:
            due = Next.busy(busy, self._ports.clock.now())
        except (Conflict, NotFound, AlreadyExists):
            # Somebody else was faster: the watch brings what is newer.
            due = Next(backoff=True)
        except ClusterError as error:
            log.warning("an issuer could not be looked after", extra={"issuer": key.name, "why": str(error)})
            due = Next(backoff=True, why=str(error))
        finally:
            if not due.queued:
                self._ports.issuers.withdraw(key)
        return due

    async def _pass(self, key: Key) -> Next:
        ports = self._ports
        issuer = ports.watched.cluster_issuer(key.name)
        if issuer is None:
            self._forget(key)
            return Next()
        # Another installation, or a person, may have put the finalizer there for which somebody waits.
        self._wake_waiting(key.name)
        # What was asked before this process began was asked of the one before.
        asking = self._asking.get(key.name, Asking(value=issuer.retry))
        self._asking[key.name] = asking.heard(issuer.retry, ports.clock.now())
        clients = sorted(f"{client.namespace}/{client.name}" for client in ports.watched.clients_of(key.name))
        failures = Failures(in_a_row=self._failures.get(key.name, 0), chance=ports.chance.fraction())
        seen = ObservedIssuer(
            issuer=issuer,
            clients=clients[:_NAMED],
            client_count=len(clients),
            sees_all=not ports.namespaces,
            speaks=self._speaks(issuer, has_clients=bool(clients)),
            accepted=ports.accepted.of(key.name),
            seen=ports.servers.of(issuer),
            failures=failures,
            limits=ports.limits,
        )
        seen, again = self._conducted(seen)
        caller = Caller(key=key, uid=issuer.uid)
        for _ in range(STEPS):
            if ports.lease.remaining() <= 0:
                return Next(backoff=True)
            match plan_issuer(seen, ports.clock.now()):
                case Forget():
                    self._forget(key)
                    return Next()
                case Report() | Leave() as end:
                    dates = await self._end(seen, end), again, self._conducted_before(seen)
                    return Next(at=min((at for at in dates if at is not None), default=None))
                case WriteIssuerFinalizer(there=there):
                    seen = await self._with_finalizer(seen, there=there)
                case Accept(terms=terms):
                    self._accept(seen.issuer, terms)
                    seen, again = self._conducted(replace(seen, accepted=terms))
                case look:
                    seen = await self._look(seen, look, caller)
        log.error("a pass over an issuer took too many steps", extra={"issuer": key.name})
        return Next(backoff=True)

    def _speaks(self, issuer: ClusterOAuthIssuer, *, has_clients: bool) -> bool:
        """Whether its status is this installation's to write: as it says itself, or where it may have clients here."""
        ports = self._ports
        if issuer.installation is not None:
            return issuer.installation == ports.namespace.name
        return not ports.namespaces or has_clients or ports.accepted.lets_in(issuer, ports.namespaces)

    async def _look(self, seen: ObservedIssuer, look: Look, caller: Caller) -> ObservedIssuer:
        match look:
            case LookElsewhere():
                try:
                    found_elsewhere = await self._ports.resources.clients_anywhere(seen.issuer.name)
                except ClusterError as error:
                    return replace(seen, finalizer=self._said(seen, error))
                return replace(seen, elsewhere=found_elsewhere)
            case ReadAuthorities(config_map=name, key=place):
                try:
                    found = await self._ports.namespace.config_map(name)
                except ClusterError as error:
                    return replace(seen, authorities=self._said(seen, error))
                text = None if found is None else found.data.get(place)
                return replace(seen, authorities=Missing() if text is None else text)
            case TryDoor(terms=terms):
                return replace(seen, no_door=self._ports.why_no_door(terms.address))
            case DiscoverIssuer(terms=terms):
                return replace(seen, server=await self._discover(seen, terms, caller))
            case ReadAccess(access=access):
                return replace(seen, access=await self._access(seen, access, caller))
            case _:
                assert_never(look)

    async def _with_finalizer(self, seen: ObservedIssuer, *, there: bool) -> ObservedIssuer:
        others = tuple(f for f in seen.issuer.finalizers if f != names.ISSUER_FINALIZER)
        wanted = (*others, names.ISSUER_FINALIZER) if there else others
        try:
            written = await self._ports.resources.write_finalizers(seen.issuer, wanted)
        except ClusterError as error:
            return replace(seen, finalizer=self._said(seen, error))
        self._wake_waiting(seen.issuer.name)
        return replace(seen, issuer=written)

    def _said(self, seen: ObservedIssuer, error: ClusterError) -> Problem:
        """Return what is said of an error of the API server.

        Raises:
            ClusterError: nothing is, for it passes by itself.
        """
        name, now = seen.issuer.name, self._ports.clock.now()
        since = failing_since(self._failing.get(name), error, now)
        if since is not None:
            self._failing[name] = since
        if not is_said(error, since, now):
            raise error
        if isinstance(error, RequestRefused):
            return pauses.of_error(error)
        return Problem(cluster_failed(error), Retry.BACKOFF)

    def _conducted(self, seen: ObservedIssuer) -> tuple[ObservedIssuer, datetime | None]:
        """Return how far the newest change has come beside all else, and when that is to be asked again."""
        ports, issuer = self._ports, seen.issuer
        to = IssuerResource(name=issuer.name, uid=issuer.uid, generation=issuer.generation)
        rollout, seconds = ports.rollouts.conduct(to, ports.watched.wake_clients)
        again = None if seconds is None else ports.clock.now() + timedelta(seconds=seconds)
        return replace(seen, rollout=rollout), again

    def _conducted_before(self, seen: ObservedIssuer) -> datetime | None:
        """Have the change go on that clients go by where a newer one cannot be accepted yet, which may be for long.

        Return when that is to be asked again; nothing is said of it beside the newer one.
        """
        ports, issuer, terms = self._ports, seen.issuer, seen.accepted
        going_by = None if terms is None else terms.resource
        if going_by is None or going_by.uid != issuer.uid or going_by.generation == issuer.generation:
            return None
        _, seconds = ports.rollouts.conduct(going_by, ports.watched.wake_clients)
        return None if seconds is None else ports.clock.now() + timedelta(seconds=seconds)

    def _forget(self, key: Key) -> None:
        self._failures.pop(key.name, None)
        self._asking.pop(key.name, None)
        self._failing.pop(key.name, None)
        self._ports.accepted.forget(key.name)
        self._ports.rollouts.forget(key.name)
        self._ports.servers.forget(key.name)
        self._ports.issuers.dismiss(key)
        self._ports.access_tokens.forget(key)
        # Who refers to it says from now on that there is none.
        self._ports.watched.wake_clients(key.name)
        self._wake_waiting(key.name)

    def _accept(self, issuer: ClusterOAuthIssuer, terms: IssuerTerms) -> None:
        name, before = issuer.name, self._ports.accepted.of(issuer.name)
        self._ports.accepted.accept(name, terms)
        if terms.resource is not None:
            self._ports.rollouts.begin(terms.resource, issuer.status.condition(names.ConditionType.APPLIED))
        if before is not None:
            # At the first look of a process each client is looked at anyway.
            self._ports.watched.wake_clients(name)
        self._wake_waiting(name)

    def _wake_waiting(self, name: str) -> None:
        waiting = self._ports.accepted.waiting(name)
        for key in waiting.at_once:
            self._ports.wake(key)
        if waiting.in_turn:
            # As of every change of an issuer: so many a second.
            self._ports.watched.wake_clients(name)

    async def _discover(self, seen: ObservedIssuer, terms: IssuerTerms, caller: Caller) -> ServerMetadata | Problem:
        asking = self._asking[seen.issuer.name]
        caller = asked(caller, asking.metadata, self._ports.clock.now())
        found = await metadata(self._ports.issuers, terms, caller)
        if not isinstance(found, Problem) or found.issuer is not None:
            # What our own side did not get done was not done.
            self._asking[seen.issuer.name] = replace(asking, metadata=None)
        return found

    async def _access(
        self, seen: ObservedIssuer, access: ByInitialAccessToken | AccessByToken, caller: Caller
    ) -> Problem | None:
        asking, name = self._asking[seen.issuer.name], secret_name(access)
        try:
            secret = None if name is None else await self._ports.namespace.secret(name)
        except ClusterError as error:
            return self._said(seen, error)
        caller = asked(caller, asking.access, self._ports.clock.now())
        why_not = await why_not_let_in(self._ports.access_tokens, seen, access, secret, caller)
        self._asking[seen.issuer.name] = replace(asking, access=None)
        return why_not

    async def _end(self, seen: ObservedIssuer, end: Report | Leave) -> datetime | None:
        if isinstance(end, Leave):
            if seen.rollout is not None and seen.rollout.failed:
                # Nobody here may say it in the status.
                log.warning(rolled_out(seen.rollout).message, extra={"issuer": seen.issuer.name})
            if end.refused is not None:
                log.warning(end.refused.message, extra={"issuer": seen.issuer.name})
            return end.until
        before, now = seen.issuer.status.ready, end.status.ready
        fails = now is not None and now.status != "True"
        self._failures[seen.issuer.name] = self._failures.get(seen.issuer.name, 0) + 1 if fails else 0
        written = await self._ports.resources.write_status(seen.issuer, end.status)
        if written is not None and now is not None and (before is None or before.message != now.message):
            await self._ports.events.announce_issuer(seen.issuer, now.reason, now.message, warning=fails)
        return end.until
