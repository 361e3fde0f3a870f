"""The operator's executor in this process: the real ports, calls that can be made to fail, and time in a test's hand."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Self

from oauthclient_operator import names
from oauthclient_operator.cluster.api import Cluster
from oauthclient_operator.cluster.clock import SystemChance
from oauthclient_operator.cluster.connection import JSON_TYPE, Connection
from oauthclient_operator.cluster.elapsed import elapsed
from oauthclient_operator.cluster.events import Events
from oauthclient_operator.cluster.oauth_clients import OAuthClients
from oauthclient_operator.cluster.registrar import Registrar
from oauthclient_operator.cluster.secrets import RecordSecrets, Secrets
from oauthclient_operator.cluster.target import cluster_oauth_issuer
from oauthclient_operator.egress.door import Door
from oauthclient_operator.egress.policy import EgressPolicy
from oauthclient_operator.issuer.access_tokens import AccessTokens
from oauthclient_operator.issuer.authorization_servers import AuthorizationServers
from oauthclient_operator.issuer.prober import Prober
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.reconcile.reconciler import Reconciler
from oauthclient_operator.reconcile.settings import Settings
from oauthclient_operator.reconcile.world import Ports, World
from oauthclient_operator.resource.cluster_oauth_issuer import ClusterOAuthIssuer
from oauthclient_operator.resource.key import Kind, oauth_client
from oauthclient_operator.resource.terms import IssuerTerms
from oauthclient_operator.watching.watches import Watches
from tests.pure.simulation.operator_process import SLOWLY, Crash, Fault, Faulty, Lease, no_fault

EXCHANGE_TIMEOUT = timedelta(seconds=5)


@dataclass
class Clock:
    """The time of day, and what a test has skipped of it."""

    skipped: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.skipped

    def elapsed(self) -> float:
        return elapsed() + self.skipped.total_seconds()

    async def sleep(self, seconds: float) -> None:
        self.skipped += timedelta(seconds=seconds)


class CaughtUp(Watches):
    """Watches that are told to list where the real ones follow: a test says when they know what is so."""

    async def catch_up(self, cluster: Cluster, namespace: str, name: str | None = None) -> None:
        """Know all Secrets and records, and the resource of that name."""
        for informer in self.informers:
            for scope in informer._scopes:
                await informer._list(scope)
        if name is None:
            return
        body = await cluster.read_oauth_client(namespace, name)
        if body is not None:
            self.take(None, body)
        elif (last := self.resource(namespace, name)) is not None:
            self.forget_resource(namespace, name, last.uid)


@dataclass(kw_only=True)
class Account:
    """Who the operator is, and which issuers it trusts."""

    kubeconfig: Path
    trust: Path
    namespace: str
    limits: Limits = field(default_factory=Limits)
    issuers: tuple[str, ...] = ()
    """Names of issuer resources whose clients go by their terms, as passes over them had accepted those."""


class OperatorProcess:
    """One life of a process: its own memory, connection, caches and holder, gone when it ends."""

    def __init__(self, account: Account, clock: Clock, fault: Fault) -> None:
        self._account = account
        self._clock = clock
        self._fault = fault
        self._ends = AsyncExitStack()

    async def __aenter__(self) -> Self:
        account = self._account
        connection = await Connection.open(account.kubeconfig, {})
        self._ends.push_async_callback(connection.close)
        self.cluster = Cluster(connection)
        policy = EgressPolicy.parse(private_issuers=("127.0.0.1/32", "localhost"), http_issuers=(), endpoint_origins=())
        door = Door(policy=policy, ca_bundle=account.trust)
        issuers = AuthorizationServers(
            lambda _issuer: door,
            exchange_timeout=EXCHANGE_TIMEOUT.total_seconds(),
            concurrency=4,
        )
        self._ends.push_async_callback(issuers.close)
        self.watches = CaughtUp(
            connection,
            namespaces=(account.namespace,),
            records_namespace=names.RECORDS_NAMESPACE,
            wake=lambda *_: None,
            disregard=lambda *_: None,
        )
        cluster, chance = Faulty(self.cluster, self._fault), SystemChance()
        records = RecordSecrets(
            cluster,
            names.RECORDS_NAMESPACE,
            listed_seen=self.watches.offer_record,
            written_seen=self.watches.wrote_record,
        )
        ports = Ports(
            resources=OAuthClients(
                cluster, read_seen=self.watches.offer_resource, written_seen=self.watches.wrote_resource
            ),
            records=records,
            urgent_records=records,
            secrets=Secrets(cluster, written_seen=self.watches.offer_secret),
            events=Events(cluster, instance="in-process", now=self._clock.now, suffix=chance.nonce),
            issuers=Faulty(issuers, self._fault),
            prover=Prober(issuers, timeout=20.0),
            watched=self.watches,
            lease=Lease(),
            clock=self._clock,
            chance=chance,
            access_tokens=AccessTokens(
                issuers,
                Registrar(connection, names.SYSTEM_NAMESPACE),
                timeout=EXCHANGE_TIMEOUT.total_seconds(),
                clock=self._clock.elapsed,
            ),
        )
        settings = Settings(
            cluster_uid=await self.cluster.namespace_uid("kube-system"),
            holder=chance.nonce(),
            limits=replace(account.limits, exchange_timeout=EXCHANGE_TIMEOUT),
        )
        world = World.of(ports, settings)
        if account.issuers:
            # As its watch has it: the operator may not read one of them alone.
            await connection.list_all(cluster_oauth_issuer(), partial(self._accept, world), accept=JSON_TYPE)
        self.reconciler = Reconciler(world)
        return self

    def _accept(self, world: World, body: Any) -> None:
        name = body["metadata"]["name"]
        if name not in self._account.issuers:
            return
        body["metadata"]["finalizers"] = [names.ISSUER_FINALIZER]
        self.watches.issuers.offer(body)
        terms = IssuerTerms.of_issuer(ClusterOAuthIssuer.parse(body), None)
        assert not terms.problems
        world.accepted.accept(name, terms)

    async def __aexit__(self, *_: object) -> None:
        await self._ends.aclose()


@dataclass(kw_only=True)
class InProcessOperator:
    """Runs processes one after the other, and skips the time that they would wait."""

    account: Account
    clock: Clock = field(default_factory=Clock)

    async def settle(self, name: str, fault: Fault = no_fault) -> None:
        """Look after one resource, by another process after each crash, until it is gone or nothing is left to do."""
        while not await self._lives_to_the_end(name, fault):
            continue

    async def look_after_left_behind(self) -> None:
        """Let a new process look once at each record of the namespace whose resource it does not know."""
        namespace = self.account.namespace
        async with OperatorProcess(self.account, self.clock, no_fault) as process:
            await process.watches.catch_up(process.cluster, namespace)
            for key in list(process.watches.keys()):
                if (key.kind, key.namespace) == (Kind.RECORD, namespace):
                    await process.reconciler.reconcile(key)

    async def _lives_to_the_end(self, name: str, fault: Fault) -> bool:
        namespace = self.account.namespace
        async with OperatorProcess(self.account, self.clock, fault) as process:
            for _ in range(40):
                await process.watches.catch_up(process.cluster, namespace, name)
                seen = process.watches.resource(namespace, name)
                if seen is None:
                    return True
                try:
                    due = await process.reconciler.reconcile(oauth_client(namespace, name))
                except Crash:
                    return False
                if due.backoff:
                    await self.clock.sleep(1)
                elif due.at is not None and due.at <= self.clock.now() + SLOWLY:
                    self.clock.skipped += max(timedelta(), due.at - self.clock.now())
                elif process.watches.resource(namespace, name) == seen:
                    return True
        raise AssertionError("the operator does not come to rest")


class CrashAt:
    """Dies once, at the n-th call, before or after it; without a number it only says which calls there were."""

    def __init__(self, number: int | None = None, *, after: bool = False) -> None:
        self.labels: list[str] = []
        self.number = number
        self.died = False
        self._after = after

    async def __call__(self, label: str, call: Callable[[], Awaitable[Any]]) -> Any:
        self.labels.append(label)
        here = len(self.labels) - 1 == self.number
        self.died |= here
        if here and not self._after:
            raise Crash(f"before {label}")
        answer = await call()
        if here:
            raise Crash(f"after {label}")
        return answer
