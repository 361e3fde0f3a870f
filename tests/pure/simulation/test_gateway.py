"""A gateway that answers 401 to everything before a server with many clients: none is registered anew for that."""

import asyncio
import heapq
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

import pytest

from oauthclient_operator.exchange import Response
from oauthclient_operator.reconcile.fleet import FIRST_PAUSE, SHORTEST_PAUSE
from oauthclient_operator.resource.key import oauth_client
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.operator_process import NAMESPACE, Simulation

REFUSED: Final = Response(status=401, body=b'{"error": "invalid_client"}')
"""The worst of its kind: it looks like what a server says of credentials that it does not accept."""
PAGE: Final = Response(status=404, headers={"content-type": "text/html"}, body=b"<html>Not here</html>")
POLICY: Final = {"gone": "Reregister", "unmanageable": "Reregister"}
MINUTE: Final = timedelta(minutes=1)


class Fleet:
    """Resources and the one process that looks after them, each when its pass is due."""

    def __init__(self, size: int) -> None:
        self.refuses: Response | None = None
        self.posts: list[datetime] = []
        self.names = [f"web-{number:03}" for number in range(size)]
        self.world = Simulation(fault=self._fault)
        self.world.server.metadata = {"revocation_endpoint": f"{ISSUER}/revoke"}
        self.process = self.world.start()

    async def _fault(self, label: str, call: Any) -> Any:
        if self.refuses is not None and label.startswith("exchange"):
            return self.refuses
        if label == "exchange:POST":
            self.posts.append(self.world.clock.now())
        return await call()

    def apply(self, client_name: str) -> None:
        metadata = {"client_name": client_name, "redirect_uris": ["https://shop.example/cb"]}
        for name in self.names:
            self.world.api.apply(NAMESPACE, name, {"issuer": ISSUER, "clientMetadata": metadata, "policy": POLICY})

    async def live(self, time: timedelta) -> None:
        """Let that time pass."""
        clock = self.world.clock
        until = clock.now() + time
        due = [(clock.now(), name) for name in self.names]
        while due and due[0][0] <= until:
            at, name = heapq.heappop(due)
            clock.time = max(clock.time, at)
            again = await self.process.reconcile(oauth_client(NAMESPACE, name))
            if again.backoff:
                heapq.heappush(due, (clock.now() + timedelta(seconds=1), name))
            elif again.at is not None:
                heapq.heappush(due, (max(again.at, clock.now() + timedelta(milliseconds=1)), name))
        clock.time = max(clock.time, until)

    async def registered(self) -> None:
        """Register them all, long ago."""
        self.apply("web")
        await self.live(FIRST_PAUSE * 2)
        assert self.ready() == {("True", "Registered"): len(self.names)}
        assert len(self.posts) == len(self.names)

    def ready(self) -> Counter[tuple[str, str]]:
        """Return how many resources have each status and reason of Ready."""
        found = Counter[tuple[str, str]]()
        for name in self.names:
            body = self.world.api.objects["oauthclients", NAMESPACE, name]
            said = next(c for c in body["status"]["conditions"] if c["type"] == "Ready")
            found[said["status"], said["reason"]] += 1
        return found


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("size", [30, pytest.param(500, marks=pytest.mark.exhaustive)])
def test_refused_for_a_minute_none_is_registered_anew(size: int) -> None:
    async def main() -> None:
        fleet = Fleet(size)
        await fleet.registered()
        fleet.refuses = REFUSED
        fleet.apply("shop")
        await fleet.live(MINUTE)
        assert fleet.ready() == {("False", "ManagementLost"): size}
        fleet.refuses = None
        await fleet.live(20 * MINUTE)
        assert fleet.ready() == {("True", "Registered"): size}
        assert len(fleet.posts) == len(fleet.world.server.clients) == size
        assert {client["client_name"] for client in fleet.world.server.clients.values()} == {"shop"}

    asyncio.run(main())


def test_answered_by_a_page_for_a_while_they_take_the_edit_afterwards_and_none_is_registered_anew() -> None:
    async def main() -> None:
        fleet = Fleet(8)
        await fleet.registered()
        fleet.refuses = PAGE
        fleet.apply("shop")
        await fleet.live(4 * MINUTE)
        fleet.refuses = None
        await fleet.live(40 * MINUTE)
        assert fleet.ready() == {("True", "Registered"): 8}
        assert len(fleet.posts) == len(fleet.world.server.clients) == 8
        assert {client["client_name"] for client in fleet.world.server.clients.values()} == {"shop"}

    asyncio.run(main())


def test_refused_for_long_all_that_seemed_gone_come_back_as_they_were() -> None:
    async def main() -> None:
        fleet = Fleet(8)
        await fleet.registered()
        fleet.refuses = REFUSED
        fleet.apply("shop")
        await fleet.live(40 * MINUTE)
        assert fleet.ready() == {("False", "ClientGone"): 8}
        fleet.refuses = None
        await fleet.live(40 * MINUTE)
        assert fleet.ready() == {("True", "Registered"): 8}
        assert len(fleet.posts) == len(fleet.world.server.clients) == 8, "asked once more before each, it knows them"

    asyncio.run(main())


def test_those_that_are_really_gone_are_replaced_one_at_a_time_and_each_twice_as_soon() -> None:
    async def main() -> None:
        fleet = Fleet(8)
        await fleet.registered()
        fleet.world.server.clients.clear()
        fleet.apply("shop")
        await fleet.live(60 * MINUTE)
        assert fleet.ready() == {("True", "Registered"): 8}
        later = fleet.posts[8:]
        pauses = [max(FIRST_PAUSE / 2**number, SHORTEST_PAUSE) for number in range(1, 8)]
        assert [after - before for before, after in pairwise(later)] == pauses

    asyncio.run(main())
