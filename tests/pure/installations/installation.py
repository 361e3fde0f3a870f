"""One installation of the operator, and the process that leads it now: all of it but connections, Lease and kopf."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from oauthclient_operator import names
from oauthclient_operator.cluster import kept
from oauthclient_operator.cluster.cluster_issuers import ClusterIssuers
from oauthclient_operator.cluster.events import Events
from oauthclient_operator.cluster.operator_namespace import OperatorNamespace
from oauthclient_operator.cluster.secrets import RecordSecrets
from oauthclient_operator.confidential import Confidential
from oauthclient_operator.issuer.access_tokens import AccessTokens
from oauthclient_operator.issuer.authorization_servers import AuthorizationServers
from oauthclient_operator.issuer.prober import Prober
from oauthclient_operator.oauth.jose import private_pem
from oauthclient_operator.oauth.signing_algorithm import SigningAlgorithm
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.reconcile.issuers import IssuerPasses, IssuerPorts
from oauthclient_operator.reconcile.settings import Settings
from oauthclient_operator.reconcile.work import Work
from oauthclient_operator.reconcile.world import World
from oauthclient_operator.resource.key import Key
from oauthclient_operator.watching.watches import Watches
from tests.pure.computing import stepwise
from tests.pure.installations import private_keys
from tests.pure.installations.authorization_server import Doors, ErringServer
from tests.pure.installations.clock import Clock
from tests.pure.installations.cluster import Cluster, Connection
from tests.pure.installations.resource_feed import ResourceFeed
from tests.pure.simulation.operator_process import Chance, Faulty, Lease, ports_of
from tests.pure.simulation.platform import Registrar
from tests.pure.simulation.queued import Counted


class _Chance(Chance):
    """That of a life, also where keys are made."""

    def __init__(self, cluster: Cluster) -> None:
        self._rng = cluster.rng

    async def private_key(self, algorithm: SigningAlgorithm) -> Confidential:
        return private_pem(private_keys.made(self._rng, algorithm.value))


class Installation:
    """It looks after some namespaces, or all; records and what lets it in are in namespaces of its own."""

    def __init__(
        self,
        cluster: Cluster,
        server: ErringServer,
        name: str,
        namespaces: Sequence[str],
        *,
        limits: Limits,
        concurrency: int,
        looks: timedelta | None = None,
    ) -> None:
        self.system, self.records = f"{name}-system", f"{name}-records"
        self._cluster = cluster
        self._server = server
        self._namespaces = namespaces
        self._limits = limits
        self._concurrency = concurrency
        self._looks = looks
        self._tasks: list[asyncio.Task[Any]] = []

    async def start(self) -> None:
        """Start a process that knows nothing, and go on when it is at work."""
        clock, chance, api = Clock(), _Chance(self._cluster), Faulty(self._cluster, self._distant)
        connection: Any = Connection(self._cluster)
        self._watches = watches = Watches(
            connection,
            namespaces=self._namespaces,
            records_namespace=self.records,
            wake=self._wake,
            wake_after=self._wake_after,
            disregard=self._disregard,
            system_namespace=self.system,
            secret_check_interval=self._looks,
        )
        self._work = Work(issuer_of=watches.issuer, clock=clock, chance=chance, computing=stepwise())
        feeds = [
            ResourceFeed(self._cluster, names.PLURAL, watches, kept.resource, namespace=namespace)
            for namespace in self._namespaces or (None,)
        ]
        feeds.append(ResourceFeed(self._cluster, names.ISSUER_PLURAL, watches.issuers, kept.issuer))
        self._tasks = [asyncio.create_task(informer.run()) for informer in watches.informers]
        self._tasks += [asyncio.create_task(feed.run()) for feed in feeds]
        await watches.secrets_synced()
        for feed in feeds:
            await feed.listed.wait()
        self._begin(clock, chance, api)
        looking = [watches.secrets.strays.run(), watches.issuer_sources.run()]
        if watches.secrets.checks is not None:
            looking.append(watches.secrets.checks.run())
        self._tasks += [asyncio.create_task(each) for each in looking]
        self._working = asyncio.create_task(self._work.run())
        for key in list(watches.keys()):
            self._work.add(key)

    def _begin(self, clock: Clock, chance: Chance, api: Any) -> None:
        watches, wake, limits = self._watches, self._wake, self._limits
        timeout = limits.exchange_timeout.total_seconds()
        self.doors = Doors(self._server, self._cluster.rng)
        self._issuers = AuthorizationServers(
            self.doors.to,
            exchange_timeout=timeout,
            concurrency=self._concurrency,
            wake=wake,
            wake_after=self._wake_after,
            clock=clock.elapsed,
            chance=chance.fraction,
            changed=lambda issuer: watches.issuers.availability_changed(issuer.issuer),
        )
        self._access_tokens = AccessTokens(
            self._issuers,
            Registrar(),
            timeout=timeout,
            wake=wake,
            clock=clock.elapsed,
            now=lambda: clock.now().timestamp(),
            chance=chance.fraction,
        )
        records = RecordSecrets(api, self.records, listed_seen=watches.offer_record, written_seen=watches.wrote_record)
        ports = replace(
            ports_of(api, self._issuers, watches, clock, watches),
            records=records,
            urgent_records=records,
            prover=Prober(self._issuers, timeout=timeout, now=clock.now, elapsed=clock.elapsed),
            access_tokens=self._access_tokens,
            wake=wake,
        )
        settings = Settings(cluster_uid="cluster", holder=chance.nonce(), namespace=self.system, limits=limits)
        world = World.of(ports, settings)
        self._reconciler = Counted(world)
        self._work.begin(
            self._reconciler,
            IssuerPasses(
                IssuerPorts(
                    resources=ClusterIssuers(api, watches.issuers.offer),
                    namespace=OperatorNamespace(api, self.system),
                    events=Events(api, instance=self.system, now=clock.now, suffix=chance.nonce),
                    watched=watches.issuers,
                    accepted=world.accepted,
                    rollouts=world.rollouts,
                    servers=world.servers,
                    issuers=self._issuers,
                    access_tokens=self._access_tokens,
                    why_no_door=lambda _at: None,
                    wake=wake,
                    lease=Lease(),
                    clock=clock,
                    chance=chance,
                    limits=limits,
                    namespaces=tuple(self._namespaces),
                )
            ),
        )

    async def _distant(self, verb: str, call: Callable[[], Awaitable[Any]]) -> Any:
        """Take a moment on the way to the API server, and one back."""
        await asyncio.sleep(self._cluster.rng.uniform(0, 0.05))
        try:
            return await self._cluster.answered(verb, call)
        finally:
            await asyncio.sleep(self._cluster.rng.uniform(0, 0.05))

    def _wake(self, key: Key, because: str | None = None) -> None:
        self._work.add(key, because)

    def _wake_after(self, key: Key, delay: float) -> None:
        self._work.add_after(key, delay)

    def _disregard(self, key: Key, because: str) -> None:
        self._work.disregard(key, because)

    def looks_after(self, namespace: str) -> bool:
        """Say whether clients there are this one's."""
        return not self._namespaces or namespace in self._namespaces

    @property
    def proof_interval(self) -> timedelta | None:
        """After which time credentials are proven of which their issuer says nothing."""
        return self._limits.proof_interval

    @property
    def passes(self) -> Counter[Key]:
        """How many passes this process has taken over each client."""
        return self._reconciler.passes

    async def stop(self) -> None:
        """Tell the process to stop: what is in flight ends, and what it knew is gone."""
        self._work.stop()
        await self._working
        await self._access_tokens.close()
        await self._issuers.close()
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
