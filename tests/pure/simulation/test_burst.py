"""Many resources applied, edited and deleted at once: how often each is looked at and read, and when the first is done.

The real queue, slots and cache of metadata on a clock that jumps, and an API server that answers so many a second.
"""

import asyncio
from collections import Counter
from typing import Any

import pytest

from oauthclient_operator.resource.key import oauth_client
from tests.pure.simulation.test_load import HEALTHY, Door, Operator
from tests.pure.virtual_time import in_virtual_time, now

BURST = 200
AT_ONCE = 1
"""Requests that the API server answers at once, each in 5 ms: 200 a second."""
SETTLED = 60.0


class Busy(Operator):
    """One whose API server is the bottleneck; it counts what is asked of it."""

    def __init__(self, door: Door) -> None:
        super().__init__(door)
        self.asked: Counter[str] = Counter()
        self._free = asyncio.Semaphore(AT_ONCE)

    async def _takes_time(self, label: str, call: Any) -> Any:
        async with self._free:
            self.asked[label] += 1
            return await super()._takes_time(label, call)

    def begin_counting(self) -> None:
        self.asked.clear()
        self.reconciler.passes.clear()


async def life(burst: int) -> dict[str, Any]:
    operator = Busy(Door(hangs_at=""))
    running = asyncio.create_task(operator.work.run())
    keys = [oauth_client("shop", f"web-{number}") for number in range(burst)]
    for key in keys:
        operator.apply(key.namespace, key.name, HEALTHY)
    await asyncio.sleep(SETTLED)
    times = sorted(operator.ready_at.values())
    seen: dict[str, Any] = {"first": times[0], "all": len(times), "new": dict(operator.reconciler.passes)}
    operator.begin_counting()
    for key in keys:
        edited = {"client_name": "edited", "redirect_uris": ["https://shop.example/cb"]}
        operator.api.apply(key.namespace, key.name, {"issuer": HEALTHY, "clientMetadata": edited})
        operator.work.add(key)
    await asyncio.sleep(SETTLED)
    seen["edit"] = dict(operator.asked)
    operator.begin_counting()
    for key in keys:
        operator.api.delete(key.namespace, key.name)
        operator.work.add(key)
    await asyncio.sleep(SETTLED)
    seen["deletion"] = dict(operator.asked)
    seen["left"] = [k for k in operator.api.objects if k[0] == "oauthclients"]
    assert now() == 3 * SETTLED
    operator.work.stop()
    await running
    return seen


@pytest.fixture(scope="module")
def seen() -> dict[str, Any]:
    return in_virtual_time(life(BURST))


def test_the_first_of_a_burst_is_ready_within_a_second(seen: dict[str, Any]) -> None:
    assert seen["all"] == BURST
    assert seen["first"] < 1


def test_a_new_client_takes_two_passes(seen: dict[str, Any]) -> None:
    assert sum(seen["new"].values()) <= 2 * BURST
    assert max(seen["new"].values()) <= 3


def test_of_an_edit_the_record_and_the_secret_are_read_once(seen: dict[str, Any]) -> None:
    assert seen["edit"]["read_secret"] == 2 * BURST
    assert "read_oauth_client" not in seen["edit"]


def test_of_a_deletion_the_record_is_read_once_and_the_resource_twice(seen: dict[str, Any]) -> None:
    """It is read live once before its client goes, and once more before it goes itself."""
    assert (seen["deletion"]["read_secret"], seen["deletion"]["read_oauth_client"]) == (BURST, 2 * BURST)
    assert seen["left"] == []
