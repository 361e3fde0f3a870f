"""Left-behind clients at issuers that hang: who waits for whom, and how it ends; on a clock that jumps."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from oauthclient_operator.exchange import Answer, Incomplete, Request, Response
from oauthclient_operator.issuer.concurrency_limits import LEFT_BEHIND_IN_ALL
from oauthclient_operator.record.envelope import manifest, read
from oauthclient_operator.record.record import Record, ReleaseOutcome
from oauthclient_operator.record.transitions import release
from oauthclient_operator.resource.key import record_of
from tests.pure.records import empty_record, published, registered_record
from tests.pure.simulation.api_server import APIServer
from tests.pure.simulation.operator_process import RECORDS, Watched
from tests.pure.simulation.queued import QueuedOperator
from tests.pure.virtual_time import in_virtual_time, now

TIMEOUT = 20.0
LONG_AGO = datetime(2025, 12, 1, tzinfo=UTC)


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

    async def exchange(self, request: Request, *, timeout: float, may_begin: Any = None, tenant: Any = None) -> Answer:
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


class Cluster(QueuedOperator):
    """The records, and an operator that looks after them."""

    def __init__(self) -> None:
        self.door = Door()
        api = CountingAPIServer()
        super().__init__(api, api, self.door)

    def left_behind(self, tenant: str, host: str, name: str = "") -> None:
        issuer = f"https://{host}"
        uri = f"{issuer}/{tenant}/{name or 'web'}"
        record = registered_record(at=LONG_AGO, registration_client_uri=uri)
        client = replace(published(record), issuer=issuer)
        self._put(record.with_client(client), tenant, name or host, ReleaseOutcome.UNCONFIRMED)

    def released(self, tenant: str) -> None:
        self._put(empty_record(), tenant, "done", ReleaseOutcome.CONFIRMED)

    def _put(self, record: Record, tenant: str, name: str, outcome: ReleaseOutcome) -> None:
        subject = replace(record.subject, namespace=tenant, name=name, uid=f"{tenant}-{name}")
        secret: dict[str, Any] = manifest(release(replace(record, subject=subject), outcome, LONG_AGO), RECORDS)
        secret["metadata"]["uid"] = f"record-{subject.uid}"
        self.api._store(("secrets", RECORDS, subject.uid), secret)
        self.work.add(record_of(tenant, subject.uid))

    def states(self, tenant: str) -> list[str]:
        found = Watched(self.api).records().items()
        return [summary.state for uid, summary in found if uid.startswith(f"{tenant}-")]

    def open_calls(self) -> int:
        return sum(read(body).record.open is not None for body in self.api.objects.values())


def test_a_thousand_clients_at_issuers_that_hang_delay_no_other_tenant() -> None:
    async def main() -> None:
        cluster = Cluster()
        for number in range(1000):
            cluster.left_behind("noisy", f"hanging-{number}.example")
        cluster.released("noisy")
        cluster.left_behind("shop", "issuer.example")
        cluster.released("shop")
        working = asyncio.create_task(cluster.work.run())
        await asyncio.sleep(1)
        assert cluster.states("shop") == ["Released"], "one record is gone, and the other's client was deregistered"
        assert set(cluster.states("noisy")) == {"LeftBehind"}, "what needs no issuer is done first"
        cluster.left_behind("bank", "issuer.example")
        cluster.released("bank")
        await asyncio.sleep(1)
        assert cluster.states("bank") == ["Released"], "nobody waits for the one before"
        assert cluster.door.most == {"noisy": 1}
        assert cluster.open_calls() == 1
        told, asked = now(), len(cluster.door.asked)
        cluster.work.stop()
        await working
        assert now() - told <= TIMEOUT
        assert len(cluster.door.asked) == asked, "nothing is begun by who is told to stop"
        assert cluster.open_calls() == 0, "and what was begun is written down"

    in_virtual_time(main())


async def worked_for(cluster: Cluster, seconds: float) -> None:
    working = asyncio.create_task(cluster.work.run())
    await asyncio.sleep(seconds)
    cluster.work.stop()
    await working


def test_many_tenants_whose_issuers_hang_have_turns_and_are_bounded_in_all() -> None:
    async def main() -> Cluster:
        cluster = Cluster()
        for number in range(2 * LEFT_BEHIND_IN_ALL):
            for other in range(3):
                cluster.left_behind(f"noisy{number}", f"hanging-{number}-{other}.example")
        cluster.left_behind("shop", "issuer.example")
        await worked_for(cluster, 10 * TIMEOUT)
        return cluster

    cluster = in_virtual_time(main())
    assert cluster.door.most_in_all == LEFT_BEHIND_IN_ALL
    assert set(cluster.door.most.values()) == {1}
    tried = Counter(tenant for _, tenant in cluster.door.asked)
    assert set(tried.values()) == {1, 3}, "each was tried once, however long that took"
    (at,) = [second for second, tenant in cluster.door.asked if tenant == "shop"]
    assert at <= 2 * TIMEOUT, "behind one record of each other tenant at most"


def test_whom_a_circuit_breaker_holds_back_is_tried_when_it_lets_go_and_not_asked_about_all_the_time() -> None:
    async def main() -> Cluster:
        cluster = Cluster()
        for name in range(10):
            cluster.left_behind("shop", "hanging.example", f"web{name}")
        await worked_for(cluster, timedelta(hours=2).total_seconds())
        return cluster

    cluster = in_virtual_time(main())
    assert len(cluster.door.asked) == 10, "each once a day"
    assert cluster.api.reads < 300, "once when it is let go, not all the time"
