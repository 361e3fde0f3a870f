"""Everything a pass may touch, made once at start."""

from dataclasses import dataclass

from .calls import Calls
from .ports import Clock, Cluster, Issuers, Lease, Observer, Settings, Unobserved, Watched
from .publication import Publisher
from .records import Records
from .report import Reporter
from .visit import Budgets


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The ports, and what is built on them."""

    cluster: Cluster
    issuers: Issuers
    watched: Watched
    clock: Clock
    settings: Settings
    records: Records
    calls: Calls
    publisher: Publisher
    reporter: Reporter
    budgets: Budgets

    @classmethod
    def of(
        cls,
        *,
        cluster: Cluster,
        issuers: Issuers,
        watched: Watched,
        lease: Lease,
        clock: Clock,
        settings: Settings,
        observer: Observer | None = None,
        urgent: Cluster | None = None,
    ) -> "World":
        """Build a world on its ports; `urgent` are the cluster's verbs for what must not wait for a turn."""
        records = Records(cluster, watched, clock, settings.records_namespace)
        prompt = records if urgent is None else Records(urgent, watched, clock, settings.records_namespace)
        return cls(
            cluster=cluster,
            issuers=issuers,
            watched=watched,
            clock=clock,
            settings=settings,
            records=records,
            calls=Calls(issuers, prompt, lease, clock, settings, observer or Unobserved()),
            publisher=Publisher(cluster, watched, clock, settings),
            reporter=Reporter(cluster, watched, clock, settings.holder),
            budgets=Budgets(clock),
        )
