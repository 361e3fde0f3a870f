"""Everything a pass may touch, made once at start."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ..resource.key import Key
from .accepted_issuers import AcceptedIssuers
from .access_ports import AccessTokens, NoAccessTokens
from .answers import Answers
from .authorization_server_ports import Issuers, Prover
from .calls import Calls
from .fleet import Fleet
from .issuer_slot import Budgets
from .observed_servers import ObservedServers
from .observer import Observer, Unobserved
from .ports import (
    Chance,
    Clock,
    Events,
    Lease,
    Records,
    Resources,
    Secrets,
    Watched,
)
from .reporter import Reporter
from .rollouts import Rollouts
from .settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The world's ports.

    `urgent_records` are the same records, written without waiting for a turn; `wake` has a key looked at.
    """

    resources: Resources
    records: Records
    urgent_records: Records
    secrets: Secrets
    events: Events
    issuers: Issuers
    prover: Prover
    watched: Watched
    lease: Lease
    clock: Clock
    chance: Chance
    observer: Observer = field(default_factory=Unobserved)
    access_tokens: AccessTokens = field(default_factory=NoAccessTokens)
    wake: Callable[[Key], None] = lambda _key: None


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The ports, and what is built on them."""

    resources: Resources
    records: Records
    secrets: Secrets
    issuers: Issuers
    prover: Prover
    watched: Watched
    clock: Clock
    chance: Chance
    observer: Observer
    settings: Settings
    calls: Calls
    reporter: Reporter
    budgets: Budgets
    discoveries: Budgets
    """What each resource may have fetched of issuers' metadata, apart from its calls."""
    fleet: Fleet
    accepted: AcceptedIssuers
    rollouts: Rollouts
    servers: ObservedServers
    access_tokens: AccessTokens

    @classmethod
    def of(cls, ports: Ports, settings: Settings) -> "World":
        """Build a world on its ports."""
        answers = Answers(
            issuers=ports.issuers,
            records=ports.urgent_records,
            resources=ports.resources,
            watched=ports.watched,
            clock=ports.clock,
            settings=settings,
        )
        return cls(
            resources=ports.resources,
            records=ports.records,
            secrets=ports.secrets,
            issuers=ports.issuers,
            prover=ports.prover,
            watched=ports.watched,
            clock=ports.clock,
            chance=ports.chance,
            observer=ports.observer,
            settings=settings,
            calls=Calls(
                issuers=ports.issuers,
                records=ports.urgent_records,
                answers=answers,
                lease=ports.lease,
                clock=ports.clock,
                chance=ports.chance,
                settings=settings,
                observer=ports.observer,
            ),
            reporter=Reporter(ports.resources, ports.events, ports.clock),
            budgets=Budgets(ports.clock),
            discoveries=Budgets(ports.clock),
            fleet=Fleet(ports.clock.now()),
            accepted=AcceptedIssuers(ports.watched),
            rollouts=Rollouts(ports.watched, ports.clock.elapsed, ports.wake),
            servers=ObservedServers(ports.wake),
            access_tokens=ports.access_tokens,
        )
