"""The work queue where much is to be computed: nobody's keys keep the workers, or the event loop, from others'."""

import asyncio
import random

import pytest

from oauthclient_operator.workqueue import WorkQueue
from tests.pure.computing import from_outside
from tests.pure.virtual_time import in_virtual_time


def test_what_computes_long_does_not_stand_in_front_of_a_tenant_that_needs_little() -> None:
    """150 keys of one group that always come back and compute 0.3 s each, and 100 that compute 3 ms."""
    cpu = [0.0]
    computed: list[str] = []

    async def work(key: str) -> None:
        for _ in range(3):
            computed.append(key)
            cpu[0] += 0.1 if key.startswith("hostile") else 0.001
            await from_outside()
        if key.startswith("hostile"):
            queue.add(key)

    queue = WorkQueue(work, workers=8, groups=lambda key: (key.partition("-")[0], ""), clock=lambda: cpu[0])

    async def main() -> None:
        running = asyncio.create_task(queue.run())
        for number in range(150):
            queue.add(f"hostile-{number}")
        while cpu[0] < 1:
            await from_outside()
        for number in range(100):
            queue.add(f"good-{number}")
        while "good-99" not in computed:
            await from_outside()
        queue.stop()
        await running

    asyncio.run(main())
    meanwhile = computed[computed.index("good-0") : computed.index("good-99")]
    # While all of the good ones wait for answers, one of the others has its step.
    assert sum(key.startswith("hostile") for key in meanwhile) <= 100


@pytest.mark.parametrize("tenants", [1, 4, 8])
def test_a_new_client_is_ready_though_others_have_all_workers_compute_all_the_time(tenants: int) -> None:
    """It waits for thirty answers; of each other tenant 150 keys always come back, for up to thirty steps of 3 to 9 ms."""
    cpu, chance = [0.0], random.Random(2)
    took: list[float] = []

    async def work(key: str) -> None:
        if key.startswith("good"):
            for _ in range(30):
                cpu[0] += 0.0005
                await from_outside()
            took.append(cpu[0] - came)
            return
        for _ in range(chance.randint(1, 30)):
            cpu[0] += 0.001 * chance.randint(3, 9)
            await from_outside()
        queue.add(key)

    queue = WorkQueue(
        work, workers=336, per_group=96, groups=lambda key: (key.partition("-")[0], ""), clock=lambda: cpu[0]
    )
    came = 0.0

    async def main() -> None:
        nonlocal came
        running = asyncio.create_task(queue.run())
        for number in range(150 * tenants):
            queue.add(f"{number % tenants}-{number}")
        while cpu[0] < 20:
            await from_outside()
        for number in range(20):
            came = cpu[0]
            queue.add(f"good-{number}")
            while len(took) <= number:
                await from_outside()
        queue.stop()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(main())
    assert max(took) < 30 * 2 * 0.010


def test_no_worker_is_taken_by_who_would_only_wait_to_compute_and_all_begin_in_the_end() -> None:
    cpu = [0.0]
    in_work, most, done = 0, 0, 0

    async def work(_key: str) -> None:
        nonlocal in_work, most, done
        in_work += 1
        most = max(most, in_work)
        for _ in range(3):
            cpu[0] += 0.01
            await from_outside()
        in_work -= 1
        done += 1

    queue = WorkQueue(work, workers=100, groups=lambda _key: ("one", ""), clock=lambda: cpu[0])

    async def main() -> None:
        for number in range(100):
            queue.add(str(number))
        running = asyncio.create_task(queue.run())
        while done < 100:
            await from_outside()
        queue.stop()
        await running

    asyncio.run(main())
    assert most <= 8


def test_who_waits_in_between_waits_for_few_of_those_that_wait_for_nothing() -> None:
    worked = 0
    between: list[int] = []

    async def work(_key: str) -> None:
        nonlocal worked
        worked += 1

    async def wait_in_between() -> None:
        while worked < 100:
            before = worked
            await asyncio.sleep(0)
            between.append(worked - before)

    async def main() -> None:
        queue = WorkQueue(work, workers=100)
        for number in range(100):
            queue.add(str(number))
        running = asyncio.create_task(queue.run())
        await wait_in_between()
        queue.stop()
        await running

    in_virtual_time(main())
    assert max(between) == 4
