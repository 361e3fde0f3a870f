"""The one place where a process is put together, for `run` and for what an administrator runs by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from .cluster.api import Cluster
from .cluster.clock import SystemChance, SystemClock
from .cluster.connection import Connection
from .cluster.events import Events
from .cluster.lease import new_holder
from .cluster.oauth_clients import OAuthClients
from .cluster.secrets import RecordSecrets, Secrets
from .egress.door import Door, Observe
from .egress.policy import EgressPolicy
from .issuer.authorization_servers import AuthorizationServers
from .options import MARGIN, Options
from .plan.observed import Limits
from .reconcile.ports import Lease, Observer, Unobserved
from .reconcile.settings import Settings
from .reconcile.world import Ports, World
from .resource.key import Key
from .watching.watches import Watches

Wake = Callable[[Key], None]


def _unobserved(*_: object) -> None:
    return


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a process consists of, whatever it is started for."""

    options: Options
    connection: Connection
    cluster: Cluster
    watches: Watches
    issuers: AuthorizationServers
    clock: SystemClock
    chance: SystemChance
    holder: str

    @classmethod
    def of(
        cls, options: Options, connection: Connection, *, wake: Wake = _unobserved, observe: Observe = _unobserved
    ) -> Self:
        """Put them together; nothing is begun.

        Raises:
            ValueError: an option does not say what it should.
        """
        policy = EgressPolicy.parse(
            private_issuers=options.private_issuers,
            http_issuers=options.http_issuers,
            endpoint_origins=options.endpoint_origins,
        )
        # What a spec names is reached by what the options say, whichever issuer it is.
        door = Door(policy=policy, ca_bundle=options.ca_bundle, observe=observe)
        chance = SystemChance()
        return cls(
            options=options,
            connection=connection,
            cluster=Cluster(connection),
            watches=Watches(
                connection,
                namespaces=options.namespaces,
                records_namespace=options.records_namespace,
                wake=wake,
                secret_check_interval=options.secret_check_interval if options.no_secret_watch else None,
            ),
            issuers=AuthorizationServers(
                lambda _issuer: door,
                exchange_timeout=options.exchange_timeout.total_seconds(),
                concurrency=options.issuer_concurrency,
                wake=wake,
                chance=chance.fraction,
            ),
            clock=SystemClock(),
            chance=chance,
            holder=new_holder(),
        )

    def records(self, *, urgent: bool = False) -> RecordSecrets:
        """Return the registration records; urgent ones are written without waiting for a turn."""
        cluster = Cluster(self.connection, urgent=True) if urgent else self.cluster
        return RecordSecrets(cluster, self.options.records_namespace, self.watches.offer_record)

    def world(self, lease: Lease, *, cluster_uid: str, observer: Observer | None = None) -> World:
        """Return all that a pass needs, acting under that Lease."""
        options = self.options
        ports = Ports(
            resources=OAuthClients(self.cluster, self.watches.offer_resource),
            records=self.records(),
            urgent_records=self.records(urgent=True),
            secrets=Secrets(self.cluster, read_seen=self.watches.saw_secret, written_seen=self.watches.offer_secret),
            events=Events(self.cluster, instance=self.holder, now=self.clock.now, suffix=self.chance.nonce),
            issuers=self.issuers,
            watched=self.watches,
            lease=lease,
            clock=self.clock,
            chance=self.chance,
            observer=observer or Unobserved(),
        )
        settings = Settings(
            cluster_uid=cluster_uid,
            holder=self.holder,
            limits=Limits(
                exchange_timeout=options.exchange_timeout,
                retry_slowly=options.retry_slowly,
                release_after=options.release_after,
                margin=MARGIN,
                keep_released=options.lease_duration + options.exchange_timeout + MARGIN,
                records_per_namespace=options.records_per_namespace,
            ),
            secret_metadata_prefixes=frozenset(options.secret_metadata_prefixes),
        )
        return World.of(ports, settings)
