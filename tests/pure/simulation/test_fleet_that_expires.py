"""Ten thousand clients whose secrets expire in the same hour: when each is renewed, and how many calls that makes at once.

Counted, not measured, and the page has the figures (docs/load.md). First each resource's own date and the issuer's real
slots, then the whole operator, for which all of them are due at once because it was away.
"""

import asyncio
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, Final
from uuid import UUID

import pytest

from oauthclient_operator.errors import IssuerBusy
from oauthclient_operator.exchange import Answer, Request
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.issuer.concurrency_limits import ConcurrencyLimits
from oauthclient_operator.plan.reasons import renewal_of
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.resource.key import Key, oauth_client
from tests.pure.simulation.api_server import APIServer
from tests.pure.simulation.queued import EXCHANGE_TIMEOUT, LoopClock, QueuedOperator
from tests.pure.simulation.test_load import HEALTHY, Caches, Door, is_ready
from tests.pure.values import NOW, desired, resource
from tests.pure.virtual_time import in_virtual_time, now

FLEET: Final = 10_000
MINUTE, HOUR, DAY = 60, 3600, 86_400
SLOTS: Final = 16
"""What `--issuer-concurrency` is by default."""
LOAD: Final = Path(__file__).parents[3] / "docs" / "load.md"


def begun(lifetime: int) -> list[float]:
    """Return when each renewal of the fleet begins, in seconds since the first of it was registered, in order.

    It was registered evenly within an hour, with secrets that live so many seconds.
    """
    chance, asks, one, found = Random(16), desired(), resource(), []
    for number in range(FLEET):
        since = NOW + timedelta(seconds=HOUR * number / FLEET)
        uid = str(UUID(int=chance.getrandbits(128), version=4))
        at = renewal_of(since, since + timedelta(seconds=lifetime), replace(one, uid=uid), asks)
        assert at is not None
        found.append((at - NOW).total_seconds())
    return sorted(found)


def most_within(times: Sequence[float], seconds: float) -> int:
    """Return how many of these are in the fullest span of that length."""
    return max(bisect_left(times, at + seconds) - number for number, at in enumerate(times))


@dataclass
class Calls:
    """Calls at an issuer, each of which takes as long, through its slots: how many there were at once, and their ends."""

    seconds: float
    at_once: int = 0
    most: int = 0
    ended: list[float] = field(default_factory=list)
    woken: dict[Key, asyncio.Event] = field(default_factory=dict)

    def made(self, times: Sequence[float]) -> "Calls":
        """Make one at each of these times."""
        in_virtual_time(self._all(times))
        return self

    async def _all(self, times: Sequence[float]) -> None:
        limits = ConcurrencyLimits(lambda key: self.woken[key].set(), per_issuer=SLOTS)
        await asyncio.gather(*(self._one(limits, number, at) for number, at in enumerate(times)))

    async def _one(self, limits: ConcurrencyLimits, number: int, at: float) -> None:
        key = oauth_client("shop", f"web-{number}")
        caller, woken = Caller(key=key, uid=str(number)), asyncio.Event()
        self.woken[key] = woken
        await asyncio.sleep(at)
        while True:
            try:
                limits.acquire(IssuerAddress(HEALTHY), caller)
                break
            except IssuerBusy:
                await woken.wait()
                woken.clear()
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(self.seconds)
        self.at_once -= 1
        self.ended.append(now())
        limits.release(IssuerAddress(HEALTHY), caller)


@pytest.fixture(scope="module", params=[30 * DAY, DAY], ids=["30 days", "a day"])
def lifetime(request: pytest.FixtureRequest) -> int:
    found: int = request.param
    return found


@pytest.fixture(scope="module")
def times(lifetime: int) -> list[float]:
    return begun(lifetime)


@pytest.fixture(scope="module")
def slowest(times: list[float]) -> Calls:
    """The calls of these renewals, each of which takes as long as an exchange may."""
    return Calls(EXCHANGE_TIMEOUT).made(times)


def test_renewals_are_spread_over_a_tenth_of_a_secrets_life(times: list[float], lifetime: int) -> None:
    assert times[0] >= lifetime * (2 / 3 - 1 / 10)
    assert times[-1] <= lifetime * 2 / 3 + HOUR
    assert times[-1] - times[0] > 0.99 * lifetime / 10
    # Beyond what even spacing would bring there is chance alone, some times the root of it.
    for span in (MINUTE, HOUR):
        evenly = FLEET * span / (lifetime / 10)
        assert most_within(times, span) <= evenly + 5 * evenly**0.5 + 5
        assert most_within(times, span) < most_within([HOUR * n / FLEET for n in range(FLEET)], span)


def test_as_many_calls_are_made_at_once_as_the_issuer_has_slots_and_all_are_through_in_time(
    slowest: Calls, lifetime: int
) -> None:
    assert slowest.most <= SLOTS
    assert len(slowest.ended) == FLEET
    assert slowest.ended[-1] < lifetime, "no secret is dead before its turn"


def test_all_at_once_are_through_in_time_as_well() -> None:
    calls = Calls(EXCHANGE_TIMEOUT).made([0.0] * FLEET)
    assert calls.most == SLOTS
    assert calls.ended[-1] == FLEET / SLOTS * EXCHANGE_TIMEOUT


@pytest.mark.contract
def test_the_page_has_these_figures(times: list[float], slowest: Calls, lifetime: int) -> None:
    at_once = [Calls(1).made(times).most, slowest.most]
    live = {30 * DAY: "30 days", DAY: "a day"}[lifetime]
    figures = (most_within(times, MINUTE), most_within(times, HOUR), *at_once)
    row = f"| {live} | {lifetime / 10 / HOUR:g} h | {' | '.join(f'{figure:,}' for figure in figures)} |"
    assert row in LOAD.read_text()


class Counting(Door):
    """An issuer that takes a second for each answer, and counts the exchanges that there are at once."""

    async def exchange(self, request: Request, **options: Any) -> Answer:
        self.asked[request.method] += 1
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            await asyncio.sleep(1)
            return await super().exchange(request, **options)
        finally:
            self.at_once -= 1


@pytest.mark.slow
def test_an_operator_that_was_away_renews_all_that_came_due_by_as_many_calls_as_there_are_slots() -> None:
    keys = [oauth_client(namespace, f"web-{number}") for namespace in ("shop", "bank") for number in range(24)]
    api, door = APIServer(), Counting(hangs_at="")
    door.server.expires_at = lambda: int((LoopClock().now() + timedelta(days=30)).timestamp())

    def ready() -> Counter[bool]:
        return Counter(is_ready(api.objects["oauthclients", key.namespace, key.name]) for key in keys)

    def editions() -> Counter[int]:
        return Counter(api.objects["oauthclients", key.namespace, key.name]["status"]["edition"] for key in keys)

    async def lives(seconds: float) -> None:
        operator = QueuedOperator(api, api, door, Caches(api))
        running = asyncio.create_task(operator.work.run())
        for key in keys:
            operator.work.add(key)
        await asyncio.sleep(seconds)
        operator.work.stop()
        await running

    async def main() -> None:
        for key in keys:
            metadata = {"client_name": key.name, "redirect_uris": ["https://shop.example/cb"]}
            api.apply(key.namespace, key.name, {"issuer": HEALTHY, "clientMetadata": metadata})
        await lives(HOUR)
        assert ready() == {True: len(keys)}
        await asyncio.sleep(25 * DAY)
        door.most = 0
        await lives(HOUR)
        assert editions() == {2: len(keys)}
        assert door.asked["POST"] == 2 * len(keys), "one for each"
        await lives(2 * DAY)
        assert door.asked["DELETE"] == len(door.server.clients) == len(keys)
        assert door.most == SLOTS

    in_virtual_time(main())
    assert ready() == {True: len(keys)}
