"""An issuer that hangs, with a thousand resources that wait for it: it delays nobody else, and is left in peace.

The real queue, limits, breakers and cache of metadata on a clock that jumps: seconds are counted, not measured.
"""

import asyncio
import json
import random
from collections import Counter
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest

from oauthclient_operator.exchange import Answer, Incomplete, Request, Response
from oauthclient_operator.issuer.authorization_servers import AuthorizationServers
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.oauth.rfc8414 import ServerMetadata
from oauthclient_operator.plan.action import Discover
from oauthclient_operator.plan.observed import Unread
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.reconcile.issuer_slot import Budgets
from oauthclient_operator.reconcile.memory import Memory
from oauthclient_operator.reconcile.passes import Pass
from oauthclient_operator.resource.key import Key, oauth_client
from tests.pure.records import UID
from tests.pure.simulation.api_server import APIServer
from tests.pure.simulation.authorization_server import AuthorizationServer
from tests.pure.simulation.operator_process import KEY, Faulty, Watched
from tests.pure.simulation.queued import LoopClock, QueuedOperator
from tests.pure.values import desired, empty_record, observed
from tests.pure.virtual_time import in_virtual_time, now

HEALTHY, HANGING = "https://issuer.example", "https://hanging.example"
WAITING = 1000
SECONDS = 45.0
LATENCY = 0.005


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

    async def exchange(self, request: Request, *, timeout: float, may_begin: Any = None, tenant: Any = None) -> Answer:
        if request.url.startswith(HEALTHY):
            await asyncio.sleep(0.05)
            if request.method == "GET":
                return self._document(HEALTHY)
            return await self.server.exchange(request, IssuerAddress(HEALTHY), timeout=timeout, may_begin=may_begin)
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


class Operator(QueuedOperator):
    """One whose API server takes a little time, and which notes when a resource is applied and when it is ready."""

    def __init__(self, door: Door) -> None:
        api = APIServer()
        super().__init__(api, Faulty(api, self._takes_time), door, Caches(api))
        self.applied_at: dict[Key, float] = {}
        self.ready_at: dict[Key, float] = {}

    async def _takes_time(self, label: str, call: Any) -> Any:
        await asyncio.sleep(LATENCY)
        answer = await call()
        if label == "patch_oauth_client_status" and is_ready(answer):
            metadata = answer["metadata"]
            self.ready_at[oauth_client(metadata["namespace"], metadata["name"])] = now()
        return answer

    def apply(self, namespace: str, name: str, issuer: str) -> None:
        key, metadata = (
            oauth_client(namespace, name),
            {"client_name": name, "redirect_uris": ["https://shop.example/cb"]},
        )
        self.api.apply(namespace, name, {"issuer": issuer, "clientMetadata": metadata})
        self.work.add(key)
        self.applied_at[key] = now()


def is_ready(body: dict[str, Any]) -> bool:
    return any(c["type"] == "Ready" and c["status"] == "True" for c in body["status"]["conditions"])


async def healthy_clients(operator: Operator) -> list[float]:
    """Apply a client of the healthy issuer twice a second and return how long each took, the longest last."""
    for number in range(int(SECONDS * 2)):
        operator.apply("shop", f"web-{number}", HEALTHY)
        await asyncio.sleep(0.5)
    await asyncio.sleep(20)
    return sorted(operator.ready_at[key] - at for key, at in operator.applied_at.items() if key.name.startswith("web"))


def life(door: Door, waiting: int, tenant: str) -> tuple[Operator, list[float]]:
    async def main() -> tuple[Operator, list[float]]:
        operator = Operator(door)
        running = asyncio.create_task(operator.work.run())
        for number in range(waiting):
            operator.apply(tenant, f"waits-{number}", HANGING)
        times = await healthy_clients(operator)
        operator.work.stop()
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
    assert max(n for key, n in operator.reconciler.passes.items() if key.name.startswith("waits")) <= 20
    assert door.asked[hangs_at] <= (16 if hangs_at == "POST" else 1) + 10
    assert door.most <= 16


def test_with_one_slot_at_an_issuer_a_resource_is_not_in_its_own_way() -> None:
    async def main() -> None:
        door: Any = Door(hangs_at="")
        called: list[Key] = []
        issuers = AuthorizationServers(
            lambda _issuer: door, exchange_timeout=20, concurrency=1, wake=called.append, clock=now
        )
        clock, budgets = LoopClock(), Budgets(LoopClock())
        world: Any = SimpleNamespace(issuers=issuers, budgets=budgets, discoveries=budgets, clock=clock)
        seen = observed(empty_record())
        caller = Caller(key=KEY, uid=UID)
        step = Pass(world, caller, desired(), replace(seen, server=Unread()), Memory())
        step._slot.acquire(IssuerAddress(HEALTHY))  # As for a look at an initial access token that was refused.
        await step.take(Discover(None))
        assert isinstance(step.observed.server, ServerMetadata)
        step.end()
        assert not called
        assert not issuers._limits._at

    in_virtual_time(main())
