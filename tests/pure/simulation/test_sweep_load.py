"""Left-behind clients at issuers that hang: who waits for whom, and how the sweep ends; on a clock that jumps."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from oauthclient_operator.exchange import Answer, Incomplete, Request, Response
from oauthclient_operator.issuer.authorization_servers import AuthorizationServers
from oauthclient_operator.reconcile.ports import Settings
from oauthclient_operator.reconcile.world import World
from oauthclient_operator.record.envelope import manifest, read
from oauthclient_operator.record.model import Record, ReleaseOutcome
from oauthclient_operator.record.transitions import release
from oauthclient_operator.sweep import AT_ONCE, Sweep
from tests.pure.simulation.api_server import APIServer
from tests.pure.simulation.operator_process import RECORDS, Lease, Watched
from tests.pure.values import empty_record, registered_record
from tests.pure.virtual_time import in_virtual_time, now

INTERVAL, TIMEOUT = 60.0, 20.0
LONG_AGO = datetime(2025, 12, 1, tzinfo=UTC)


class LoopClock:
    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=now())

    def elapsed(self) -> float:
        return now()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass
class Door:
    """Hosts that begin with "hanging" never answer; the others know how to deregister."""

    trust: str = "system"
    policy: Any = field(
        default_factory=lambda: SimpleNamespace(admits_endpoint=lambda issuer, url: url.startswith(f"{issuer}/"))
    )
    asked: list[tuple[float, str]] = field(default_factory=list)
    hanging: Counter[str] = field(default_factory=Counter)
    """By tenant, how many exchanges hang now."""
    most: Counter[str] = field(default_factory=Counter)
    most_in_all: int = 0

    async def exchange(self, request: Request, *, timeout: float, may_begin: Any = None) -> Answer:
        host, tenant = urlsplit(request.url).netloc, urlsplit(request.url).path.split("/")[1]
        self.asked.append((now(), tenant))
        if not host.startswith("hanging"):
            return Response(status=204)
        self.hanging[tenant] += 1
        self.most |= self.hanging
        self.most_in_all = max(self.most_in_all, self.hanging.total())
        await asyncio.sleep(timeout)
        self.hanging[tenant] -= 1
        return Incomplete(cause="no complete response")


class CountingAPIServer(APIServer):
    reads = 0

    async def read_secret(self, namespace: str, name: str) -> dict[str, Any] | None:
        self.reads += 1
        return await super().read_secret(namespace, name)


class Cluster:
    """The records, and a sweep over them."""

    def __init__(self) -> None:
        self.api = CountingAPIServer()
        self.door = Door()
        self.sweep = Sweep(
            World.of(
                cluster=self.api,  # type: ignore[arg-type]
                issuers=AuthorizationServers(self.door, exchange_timeout=TIMEOUT, concurrency=16, clock=now),  # type: ignore[arg-type]
                watched=Watched(self.api),
                lease=Lease(),
                clock=LoopClock(),
                settings=Settings(cluster_uid="cluster", holder="holder", records_namespace=RECORDS),
            ),
            keep_released=timedelta(minutes=1),
        )

    def left_behind(self, tenant: str, host: str, name: str = "") -> None:
        issuer = f"https://{host}"
        uri = f"{issuer}/{tenant}/{name or 'web'}"
        record = registered_record(at=LONG_AGO, registration_client_uri=uri)
        self._put(replace(record, issuer=issuer), tenant, name or host, ReleaseOutcome.UNCONFIRMED)

    def released(self, tenant: str) -> None:
        self._put(empty_record(), tenant, "done", ReleaseOutcome.CONFIRMED)

    def _put(self, record: Record, tenant: str, name: str, outcome: ReleaseOutcome) -> None:
        subject = replace(record.subject, namespace=tenant, name=name, uid=f"{tenant}-{name}")
        secret: dict[str, Any] = manifest(release(replace(record, subject=subject), outcome, LONG_AGO), RECORDS)
        secret["metadata"]["uid"] = f"record-{subject.uid}"
        self.api._store(("secrets", RECORDS, subject.uid), secret)

    def states(self, tenant: str) -> list[str]:
        found = Watched(self.api).records().items()
        return [summary.state for uid, summary in found if uid.startswith(f"{tenant}-")]

    def open_calls(self) -> int:
        return sum(read(body).record.open is not None for body in self.api.objects.values())


def test_a_thousand_clients_at_issuers_that_hang_delay_no_other_tenant() -> None:
    cluster = Cluster()
    for number in range(1000):
        cluster.left_behind("noisy", f"hanging-{number}.example")
    cluster.released("noisy")
    cluster.left_behind("shop", "issuer.example")
    cluster.released("shop")

    async def main() -> None:
        sweeping = asyncio.create_task(cluster.sweep.run(INTERVAL))
        await asyncio.sleep(INTERVAL + 1)
        assert cluster.states("shop") == ["Released"], "one record is gone, and the other's client was deregistered"
        assert set(cluster.states("noisy")) == {"LeftBehind"}, "what needs no issuer is done first"
        cluster.left_behind("bank", "issuer.example")
        cluster.released("bank")
        await asyncio.sleep(INTERVAL)
        assert cluster.states("bank") == ["Released"], "no sweep waits for the one before"
        assert cluster.door.most == {"noisy": 1}
        assert cluster.open_calls() == 1
        told, asked = now(), len(cluster.door.asked)
        sweeping.cancel()
        await asyncio.wait({sweeping})
        assert sweeping.cancelled()
        assert now() - told <= TIMEOUT
        assert len(cluster.door.asked) == asked, "nothing is begun by who is told to stop"
        assert cluster.open_calls() == 0, "and what was begun is written down"

    in_virtual_time(main())


def test_many_tenants_whose_issuers_hang_have_turns_and_are_bounded_in_all() -> None:
    cluster = Cluster()
    for number in range(2 * AT_ONCE):
        for other in range(3):
            cluster.left_behind(f"noisy{number}", f"hanging-{number}-{other}.example")
    cluster.left_behind("shop", "issuer.example")
    in_virtual_time(cluster.sweep.once())
    assert cluster.door.most_in_all == AT_ONCE
    assert set(cluster.door.most.values()) == {1}
    tried = Counter(tenant for _, tenant in cluster.door.asked)
    assert set(tried.values()) == {1, 3}, "each was tried once, however long that took"
    (at,) = [second for second, tenant in cluster.door.asked if tenant == "shop"]
    assert at <= 2 * TIMEOUT, "behind one record of each other tenant at most"


def test_whom_a_circuit_breaker_holds_back_is_tried_when_it_lets_go_and_not_asked_about_all_the_time() -> None:
    cluster = Cluster()
    for name in range(10):
        cluster.left_behind("shop", "hanging.example", f"web{name}")

    async def main() -> None:
        sweeping = asyncio.create_task(cluster.sweep.run(1))
        await asyncio.sleep(timedelta(hours=2).total_seconds())
        sweeping.cancel()
        await asyncio.wait({sweeping})

    in_virtual_time(main())
    assert len(cluster.door.asked) == 10, "each once a day"
    assert cluster.api.reads < 300, "once when it is let go, not in each sweep"
