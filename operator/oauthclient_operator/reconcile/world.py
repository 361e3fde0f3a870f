"""Everything a pass may touch, made once at start."""

from dataclasses import dataclass, field

from .answers import Answers
from .calls import Calls
from .issuer_slot import Budgets
from .ports import (
    Chance,
    Clock,
    Events,
    Issuers,
    Lease,
    Observer,
    Records,
    Resources,
    Secrets,
    Unobserved,
    Watched,
)
from .reporter import Reporter
from .settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The world's ports; `urgent_records` are the same records, written without waiting for a turn."""

    resources: Resources
    records: Records
    urgent_records: Records
    secrets: Secrets
    events: Events
    issuers: Issuers
    watched: Watched
    lease: Lease
    clock: Clock
    chance: Chance
    observer: Observer = field(default_factory=Unobserved)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The ports, and what is built on them."""

    resources: Resources
    records: Records
    secrets: Secrets
    issuers: Issuers
    watched: Watched
    clock: Clock
    chance: Chance
    settings: Settings
    calls: Calls
    reporter: Reporter
    budgets: Budgets

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
            watched=ports.watched,
            clock=ports.clock,
            chance=ports.chance,
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
        )
