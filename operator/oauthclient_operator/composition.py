"""The one place where a process is put together, for `run` and for what an administrator runs by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from . import names
from .cluster.api import Cluster
from .cluster.clock import SystemChance, SystemClock
from .cluster.cluster_issuers import ClusterIssuers
from .cluster.connection import Connection
from .cluster.events import Events
from .cluster.lease import new_holder
from .cluster.oauth_clients import OAuthClients
from .cluster.operator_namespace import OperatorNamespace
from .cluster.registrar import Registrar
from .cluster.secrets import RecordSecrets, Secrets
from .egress.door import Door, Observe
from .egress.doors import Doors
from .egress.policy import EgressPolicy
from .issuer.access_tokens import AccessTokens
from .issuer.authorization_servers import AuthorizationServers
from .issuer.prober import Prober
from .options import MARGIN, Options
from .plan.observed import Limits
from .reconcile.issuers import IssuerPasses, IssuerPorts
from .reconcile.observer import Observer, Unobserved
from .reconcile.ports import Lease
from .reconcile.settings import Settings
from .reconcile.world import Ports, World
from .resource.key import Key
from .watching.issuers import WakeAfter
from .watching.watches import Disregard, Wake, Watches


def _unobserved(*_: object) -> None:
    return


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a process consists of, whatever it is started for."""

    options: Options
    connection: Connection
    cluster: Cluster
    operator_namespace: OperatorNamespace
    watches: Watches
    doors: Doors
    issuers: AuthorizationServers
    access_tokens: AccessTokens
    wake: Callable[[Key], None]
    observer: Observer
    clock: SystemClock
    chance: SystemChance
    holder: str

    @classmethod
    def of(
        cls,
        options: Options,
        connection: Connection,
        *,
        wake: Wake = _unobserved,
        wake_after: WakeAfter = _unobserved,
        disregard: Disregard = _unobserved,
        observe: Observe = _unobserved,
        observer: Observer | None = None,
        system_namespace: str | None = None,
    ) -> Self:
        """Put them together; nothing is begun. What issuers refer to is in the operator's own namespace.

        `observe` is told of each exchange, `observer` of what was done.

        Raises:
            ValueError: an option does not say what it should.
        """
        policy = EgressPolicy.parse(
            private_issuers=options.private_issuers,
            http_issuers=options.http_issuers,
            endpoint_origins=options.endpoint_origins,
        )
        door = Door(
            policy=policy,
            ca_bundle=options.ca_bundle,
            system_authorities=options.system_authorities,
            observe=observe,
        )
        chance, observer = SystemChance(), observer or Unobserved()
        cluster = Cluster(connection)
        system = system_namespace or options.lease_namespace or names.SYSTEM_NAMESPACE
        return cls(
            options=options,
            connection=connection,
            cluster=cluster,
            operator_namespace=OperatorNamespace(cluster, system),
            watches=(
                watches := Watches(
                    connection,
                    namespaces=options.namespaces,
                    records_namespace=options.records_namespace,
                    wake=wake,
                    wake_after=wake_after,
                    system_namespace=system,
                    disregard=disregard,
                    secret_check_interval=options.secret_check_interval if options.no_secret_watch else None,
                    count_namespaces=options.metrics_namespaces,
                )
            ),
            doors=(doors := Doors(door, policy)),
            issuers=(
                issuers := AuthorizationServers(
                    doors.to,
                    exchange_timeout=options.exchange_timeout.total_seconds(),
                    concurrency=options.issuer_concurrency,
                    wake=lambda key: wake(key, None),
                    wake_after=wake_after,
                    chance=chance.fraction,
                    changed=lambda issuer: watches.issuers.availability_changed(issuer.issuer),
                )
            ),
            access_tokens=AccessTokens(
                issuers,
                Registrar(connection, system),
                timeout=options.exchange_timeout.total_seconds(),
                wake=lambda key: wake(key, None),
                count=observer.asked_for_access,
                chance=chance.fraction,
            ),
            wake=lambda key: wake(key, None),
            observer=observer,
            clock=SystemClock(),
            chance=chance,
            holder=new_holder(),
        )

    def records(self, *, urgent: bool = False) -> RecordSecrets:
        """Return the registration records; urgent ones are written without waiting for a turn."""
        cluster = Cluster(self.connection, urgent=True) if urgent else self.cluster
        return RecordSecrets(
            cluster,
            self.options.records_namespace,
            listed_seen=self.watches.offer_record,
            written_seen=self.watches.wrote_record,
        )

    def cluster_issuers(self) -> ClusterIssuers:
        """Return the ClusterOAuthIssuers."""
        return ClusterIssuers(self.cluster, self.watches.issuers.offer)

    def issuer_passes(self, world: World, lease: Lease) -> IssuerPasses:
        """Return who looks after ClusterOAuthIssuers, acting under that Lease."""
        return IssuerPasses(
            IssuerPorts(
                resources=self.cluster_issuers(),
                namespace=self.operator_namespace,
                events=Events(self.cluster, instance=self.holder, now=self.clock.now, suffix=self.chance.nonce),
                watched=self.watches.issuers,
                accepted=world.accepted,
                rollouts=world.rollouts,
                servers=world.servers,
                issuers=self.issuers,
                access_tokens=self.access_tokens,
                why_no_door=self.doors.why_none,
                wake=self.wake,
                lease=lease,
                clock=self.clock,
                chance=self.chance,
                limits=world.settings.limits,
                namespaces=tuple(self.options.namespaces),
            )
        )

    def world(
        self,
        lease: Lease,
        *,
        cluster_uid: str,
    ) -> World:
        """Return all that a pass needs, acting under that Lease."""
        options = self.options
        ports = Ports(
            resources=OAuthClients(
                self.cluster,
                read_seen=self.watches.offer_resource,
                written_seen=self.watches.wrote_resource,
                time=self.connection.clock.now,
            ),
            records=self.records(),
            urgent_records=self.records(urgent=True),
            secrets=Secrets(self.cluster, written_seen=self.watches.offer_secret),
            events=Events(self.cluster, instance=self.holder, now=self.clock.now, suffix=self.chance.nonce),
            issuers=self.issuers,
            prover=Prober(self.issuers, timeout=options.exchange_timeout.total_seconds(), now=self.clock.now),
            watched=self.watches,
            lease=lease,
            clock=self.clock,
            chance=self.chance,
            observer=self.observer,
            access_tokens=self.access_tokens,
            wake=self.wake,
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
                proof_interval=options.proof_interval,
            ),
            secret_metadata_prefixes=frozenset(options.secret_metadata_prefixes),
            tenant_issuers=options.tenant_issuers == "Allow",
            namespace=self.operator_namespace.name,
        )
        return World.of(ports, settings)
