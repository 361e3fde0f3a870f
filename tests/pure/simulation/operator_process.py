"""One operator process in a simulated world: its own memory, holder and lease, and calls that can be made to fail."""

import inspect
import random
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from oauthclient_operator import names
from oauthclient_operator.cluster.events import Events
from oauthclient_operator.cluster.oauth_clients import OAuthClients
from oauthclient_operator.cluster.secrets import Secrets
from oauthclient_operator.confidential import Confidential
from oauthclient_operator.exchange import Purpose
from oauthclient_operator.issuer.prober import Prober
from oauthclient_operator.oauth.jose import generate, private_pem
from oauthclient_operator.oauth.signing_algorithm import SigningAlgorithm
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.reconcile.observer import Observer, Unobserved
from oauthclient_operator.reconcile.reconciler import Reconciler
from oauthclient_operator.reconcile.settings import Next, Settings
from oauthclient_operator.reconcile.world import Ports, World
from oauthclient_operator.record.summary import Summary, summary
from oauthclient_operator.resource.cluster_oauth_issuer import ClusterOAuthIssuer
from oauthclient_operator.resource.key import oauth_client
from oauthclient_operator.resource.oauth_client import OAuthClient
from oauthclient_operator.resource.secret import SecretMetadata
from tests.pure.simulation.api_server import APIServer
from tests.pure.simulation.authorization_server import AuthorizationServer
from tests.pure.simulation.read_back import ReadBack

SLOWLY = timedelta(minutes=10)
"""What is waited for longer than this is at rest: it goes on by a change, or for a person."""
NAMESPACE, NAME, RECORDS = "shop", "web", "records"
KEY = oauth_client(NAMESPACE, NAME)


class Crash(BaseException):
    """The process dies here."""


@dataclass
class Clock:
    """Time that passes only when something waits, and may be put; how much has passed does not change by that."""

    time: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    put_by: timedelta = timedelta()

    def now(self) -> datetime:
        return self.time

    def elapsed(self) -> float:
        return (self.time - self.put_by).timestamp()

    def put(self, by: timedelta) -> None:
        """Put it on, or back."""
        self.time += by
        self.put_by += by

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@dataclass
class Lease:
    """Held, until the process sleeps too long."""

    left: float = 1000.0

    def remaining(self) -> float:
        return self.left


class Chance:
    """Chance as the system has it, but where a run is to be the same each time."""

    def fraction(self) -> float:
        return random.random()

    def nonce(self) -> str:
        return uuid.uuid4().hex

    async def private_key(self, algorithm: SigningAlgorithm) -> Confidential:
        return private_pem(generate(algorithm.value))


class Watched:
    """Watches that have always caught up."""

    def __init__(self, api: APIServer) -> None:
        self._api = api

    def resource(self, namespace: str, name: str) -> OAuthClient | None:
        body = self._api.get("oauthclients", namespace, name)
        return None if body is None else OAuthClient.parse(body)

    def forget_resource(self, namespace: str, name: str, uid: str) -> None:
        return

    def secret(self, namespace: str, name: str) -> SecretMetadata | None:
        body = self._api.get("secrets", namespace, name)
        if body is None:
            return None
        return SecretMetadata.of(body["metadata"])

    def presented_version(self, namespace: str, name: str) -> str | None:
        secret = self.secret(namespace, name)
        return secret.version if secret is not None else None

    def access_version(self, name: str) -> str | None:
        return self.presented_version(names.SYSTEM_NAMESPACE, name)

    def cluster_issuer(self, name: str) -> ClusterOAuthIssuer | None:
        body = self._api.get("clusteroauthissuers", "", name)
        return None if body is None else ClusterOAuthIssuer.parse(body)

    def cluster_issuers(self) -> list[ClusterOAuthIssuer]:
        return [ClusterOAuthIssuer.parse(b) for k, b in self._api.objects.items() if k[0] == "clusteroauthissuers"]

    def namespace_labels(self, name: str) -> Mapping[str, str] | None:
        body = self._api.get("namespaces", "", name)
        return None if body is None else dict(body["metadata"].get("labels", {}))

    def awaits_namespace(self, name: str) -> bool:
        return self._api.get("namespaces", "", name) is None

    def record(self, uid: str) -> Summary | None:
        body = self._api.get("secrets", RECORDS, uid)
        return summary(body["metadata"]) if body is not None else None

    def records(self) -> Mapping[str, Summary]:
        found = ((key, body) for key, body in self._api.objects.items() if key[:2] == ("secrets", RECORDS))
        return {name: summary(body["metadata"]) for (_, _, name), body in found}

    def records_of(self, namespace: str) -> int:
        return len(self.records_with(names.NAMESPACE_LABEL_PREFIX + namespace))

    def knows(self, uid: str) -> bool:
        return any(b["metadata"]["uid"] == uid for k, b in self._api.objects.items() if k[0] == "oauthclients")

    def await_record(self, resource: OAuthClient, uid: str | None) -> None:
        pass  # Here a test says who is looked at.

    def records_with(self, client_label: str) -> Mapping[str, str]:
        return self._api.objects.labelled("secrets", RECORDS, client_label)


Fault = Callable[[str, Callable[[], Awaitable[Any]]], Awaitable[Any]]
"""Takes a call's name and the call itself; does it, or not, and answers, or not."""


class Faulty:
    """A port whose every call goes through a fault."""

    def __init__(self, port: Any, fault: Fault) -> None:
        self._port = port
        self._fault = fault

    def __getattr__(self, name: str) -> Any:
        target = getattr(self._port, name)
        if not inspect.iscoroutinefunction(target):
            return target

        async def call(*arguments: Any, **options: Any) -> Any:
            label = name
            if name == "exchange":
                request = arguments[0]
                label = f"{name}:{'PROVE' if request.purpose is Purpose.PROVE else request.method}"
            label += ":dry-run" if options.get("dry_run") else ""
            return await self._fault(label, lambda: target(*arguments, **options))

        return call


class Unseen:
    """Watches that have always caught up take no answer."""

    def __getattr__(self, _name: str) -> Callable[[dict[str, Any]], None]:
        return lambda _body: None


def ports_of(api: Any, issuers: Any, watched: Any, clock: Any, seen: Any = Unseen()) -> Ports:  # noqa: B008 - a value
    """Return the ports over an API server's verbs, as a process has them; `seen` are watches that take answers."""
    chance = Chance()
    records = ReadBack(api, RECORDS, listed_seen=seen.offer_record, written_seen=seen.wrote_record)
    return Ports(
        resources=OAuthClients(api, read_seen=seen.offer_resource, written_seen=seen.wrote_resource),
        records=records,
        urgent_records=records,
        secrets=Secrets(api, written_seen=seen.offer_secret),
        events=Events(api, instance="one", now=clock.now, suffix=chance.nonce),
        issuers=issuers,
        prover=Prober(issuers, timeout=20, now=clock.now),
        watched=watched,
        lease=Lease(),
        clock=clock,
        chance=chance,
    )


@dataclass
class Simulation:
    """A world, and the operator process that lives in it now."""

    fault: Fault
    api: APIServer = field(default_factory=APIServer)
    server: AuthorizationServer = field(default_factory=AuthorizationServer)
    clock: Clock = field(default_factory=Clock)
    limits: Limits = field(default_factory=Limits)
    lease: Lease = field(default_factory=Lease)
    settle_steps: int = 60
    tenant_issuers: bool = True
    observer: Observer = field(default_factory=Unobserved)

    def start(self) -> Reconciler:
        """Start a process; whatever the one before remembered is gone."""
        return Reconciler(self.world())

    def world(self) -> World:
        """Return what a new process may touch."""
        self.lease = Lease()
        self.server.forget()
        self.server.clock = self.clock.now
        holder, own = uuid.uuid4().hex, self.tenant_issuers
        settings = Settings(cluster_uid="cluster", holder=holder, limits=self.limits, tenant_issuers=own)
        ports = ports_of(Faulty(self.api, self.fault), Faulty(self.server, self.fault), Watched(self.api), self.clock)
        return replace(World.of(replace(ports, lease=self.lease), settings), observer=self.observer)

    async def settle(self) -> None:
        """Run the operator, started again after each crash, until nothing is left to do."""
        process = self.start()
        for _ in range(self.settle_steps):
            before = (len(self.server.calls), self.api.objects == {}, self._version())
            try:
                due = await process.reconcile(KEY)
            except Crash:
                process = self.start()
                continue
            if not self._rests(due):
                await self._until(due)
            elif before == (len(self.server.calls), self.api.objects == {}, self._version()):
                return
        raise AssertionError("the operator does not come to rest")

    def _version(self) -> str:
        body = self.resource()
        return body["metadata"]["resourceVersion"] if body is not None else ""

    def _rests(self, due: Next) -> bool:
        return not due.backoff and (due.at is None or due.at > self.clock.now() + SLOWLY)

    async def _until(self, due: Next) -> None:
        if due.at is not None and due.at > self.clock.now():
            self.clock.time = due.at
        elif due.backoff:
            await self.clock.sleep(1)

    def resource(self) -> dict[str, Any] | None:
        """Return the resource."""
        return self.api.get("oauthclients", NAMESPACE, NAME)

    def condition(self, kind: str = "Ready") -> tuple[str, str]:
        """Return status and reason of a condition."""
        body = self.resource()
        assert body is not None
        condition = next(c for c in body["status"]["conditions"] if c["type"] == kind)
        return condition["status"], condition["reason"]

    def secret(self, name: str = NAME) -> dict[str, Any] | None:
        """Return the published Secret."""
        return self.api.get("secrets", NAMESPACE, name)

    def records(self) -> list[dict[str, Any]]:
        """Return the records."""
        return [b for (kind, ns, _), b in self.api.objects.items() if (kind, ns) == ("secrets", RECORDS)]

    def record(self) -> dict[str, Any]:
        """Return the one record's Secret."""
        (record,) = self.records()
        assert record["type"] == names.RECORD_TYPE
        return record


async def no_fault(label: str, call: Callable[[], Awaitable[Any]]) -> Any:
    """Do the call."""
    del label
    return await call()
