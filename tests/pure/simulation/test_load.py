"""An issuer that hangs, with a thousand resources that wait for it: it delays nobody else, and is left in peace.

The real queue, limits, breakers and cache of metadata on a clock that jumps: seconds are counted, not measured.
"""

import asyncio
import json
import random
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from oauthclient_operator.exchange import Answer, Incomplete, Request, Response
from oauthclient_operator.issuer.authorization_servers import AuthorizationServers
from oauthclient_operator.oauth.rfc8414 import ServerMetadata
from oauthclient_operator.plan.action import Discover
from oauthclient_operator.plan.observed import Unread
from oauthclient_operator.process import CALLED_WITHIN, WORKERS
from oauthclient_operator.reconcile.memory import Memory
from oauthclient_operator.reconcile.ports import Settings
from oauthclient_operator.reconcile.reconciler import Reconciler
from oauthclient_operator.reconcile.steps import Pass
from oauthclient_operator.reconcile.visit import Budgets
from oauthclient_operator.reconcile.world import World
from oauthclient_operator.workqueue import WorkQueue
from tests.pure.simulation.api_server import APIServer
from tests.pure.simulation.authorization_server import AuthorizationServer
from tests.pure.simulation.operator_process import RECORDS, Faulty, Lease, Watched
from tests.pure.values import desired, empty_record, observed, resource
from tests.pure.virtual_time import in_virtual_time, now

HEALTHY, HANGING = "https://issuer.example", "https://hanging.example"
WAITING = 1000
SECONDS = 45.0
LATENCY = 0.005
Key = tuple[str, str]


class LoopClock:
    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=now())

    def elapsed(self) -> float:
        return now()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass
class Door:
    """Two issuers: one answers within 50 ms, the other never does, from the first request on or only to a POST."""

    hangs_at: str
    trust: str = "system"
    policy: Any = field(
        default_factory=lambda: SimpleNamespace(
            admit=lambda _url: None, admits_endpoint=lambda issuer, url: url.startswith(f"{issuer}/")
        )
    )
    server: AuthorizationServer = field(default_factory=AuthorizationServer)
    asked: Counter[str] = field(default_factory=Counter)
    at_once: int = 0
    most: int = 0

    async def exchange(self, request: Request, *, timeout: float, may_begin: Any = None) -> Answer:
        if request.url.startswith(HEALTHY):
            await asyncio.sleep(0.05)
            if request.method == "GET":
                return self._document(HEALTHY)
            return await self.server.exchange(request, timeout=timeout, may_begin=may_begin)
        self.asked[request.method] += 1
        if self.hangs_at == "POST" and request.method == "GET":
            return self._document(HANGING)
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(timeout)
        self.at_once -= 1
        return Incomplete(cause="no complete response")

    @staticmethod
    def _document(issuer: str) -> Response:
        document = {"issuer": issuer, "registration_endpoint": f"{issuer}/register"}
        return Response(status=200, body=json.dumps(document).encode())


class Caches(Watched):
    """What is counted over all records is not what this is about."""

    def records_of(self, namespace: str) -> int:
        return 0


class Operator:
    """What `process` puts together, in memory."""

    def __init__(self, door: Door) -> None:
        self.api = APIServer()
        self.applied_at: dict[Key, float] = {}
        self.ready_at: dict[Key, float] = {}
        self.queue: WorkQueue[Key] = WorkQueue(self._look_at, workers=WORKERS, groups=self._groups)
        issuers = AuthorizationServers(door, exchange_timeout=20, concurrency=16, wake=self.queue.add, clock=now)  # type: ignore[arg-type]
        self.passes: Counter[Key] = Counter()
        self.reconciler = Reconciler(
            World.of(
                cluster=Faulty(self.api, self._takes_time),
                issuers=issuers,
                watched=Caches(self.api),
                lease=Lease(),
                clock=LoopClock(),
                settings=Settings(cluster_uid="cluster", holder="holder", records_namespace=RECORDS),
            )
        )

    async def _takes_time(self, label: str, call: Any) -> Any:
        await asyncio.sleep(LATENCY)
        answer = await call()
        if label == "patch_oauth_client_status" and is_ready(answer):
            metadata = answer["metadata"]
            self.ready_at[metadata["namespace"], metadata["name"]] = now()
        return answer

    def _groups(self, key: Key) -> tuple[str, str]:
        return key[0], self.api.objects["oauthclients", *key]["spec"]["issuer"]

    async def _look_at(self, key: Key) -> None:
        self.passes[key] += 1
        due = await self.reconciler.reconcile(*key)
        if due.called:
            self.queue.add_within(key, CALLED_WITHIN)
        elif due.backoff:
            self.queue.add_after(key, self.queue.backoff(key))
        elif due.at is not None:
            self.queue.add_after(key, (due.at - LoopClock().now()).total_seconds())

    def apply(self, namespace: str, name: str, issuer: str) -> None:
        metadata = {"client_name": name, "redirect_uris": ["https://shop.example/cb"]}
        self.api.apply(namespace, name, {"issuer": issuer, "clientMetadata": metadata})
        self.queue.add((namespace, name))
        self.applied_at[namespace, name] = now()


def is_ready(body: dict[str, Any]) -> bool:
    return any(c["type"] == "Ready" and c["status"] == "True" for c in body["status"]["conditions"])


async def healthy_clients(operator: Operator) -> list[float]:
    """Apply a client of the healthy issuer twice a second and return how long each took, the longest last."""
    for number in range(int(SECONDS * 2)):
        operator.apply("shop", f"web-{number}", HEALTHY)
        await asyncio.sleep(0.5)
    await asyncio.sleep(20)
    return sorted(operator.ready_at[key] - at for key, at in operator.applied_at.items() if key[1].startswith("web"))


def life(door: Door, waiting: int, tenant: str) -> tuple[Operator, list[float]]:
    async def main() -> tuple[Operator, list[float]]:
        operator = Operator(door)
        running = asyncio.create_task(operator.queue.run())
        for number in range(waiting):
            operator.apply(tenant, f"waits-{number}", HANGING)
        times = await healthy_clients(operator)
        operator.queue.stop()
        await running
        return operator, times

    random.seed(1)
    return in_virtual_time(main())


@pytest.mark.parametrize(
    ("hangs_at", "tenant"),
    [
        pytest.param("GET", "other", id="it never answers, and another tenant waits"),
        pytest.param(
            "POST", "shop", id="it answers discovery alone, and the same tenant waits", marks=pytest.mark.exhaustive
        ),
    ],
)
def test_an_issuer_that_hangs_delays_nobody_else(hangs_at: str, tenant: str) -> None:
    _, alone = life(Door(hangs_at), 0, tenant)
    door = Door(hangs_at)
    operator, beside = life(door, WAITING, tenant)
    percentile = int(len(alone) * 0.99) - 1
    assert beside[percentile] <= 1.1 * alone[percentile]
    assert beside[-1] <= 2 * alone[-1], "nor does it delay a single one for long"
    # And nobody is in a hot loop, here or at the issuer.
    assert max(n for key, n in operator.passes.items() if key[1].startswith("waits")) <= 20
    assert door.asked[hangs_at] <= (16 if hangs_at == "POST" else 1) + 10
    assert door.most <= 16


def test_with_one_slot_at_an_issuer_a_resource_is_not_in_its_own_way() -> None:
    async def main() -> None:
        door: Any = Door(hangs_at="")
        called: list[Key] = []
        issuers = AuthorizationServers(door, exchange_timeout=20, concurrency=1, wake=called.append, clock=now)
        world: Any = SimpleNamespace(issuers=issuers, budgets=Budgets(LoopClock()), clock=LoopClock())
        seen = observed(empty_record())
        step = Pass(world, resource(), desired(), replace(seen, server=Unread()), Memory())
        step._visit.begin(HEALTHY)  # As for a look at an initial access token that was refused.
        await step.take(Discover(None))
        assert isinstance(step.observed.server, ServerMetadata)
        step.end()
        assert not called
        assert not issuers._limits._at

    in_virtual_time(main())
