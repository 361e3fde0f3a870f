"""Who is charged with computing, and what becomes of what is thrown at it."""

import asyncio
import contextlib
import gc
import warnings

import pytest

from oauthclient_operator.loop_time import METER, Meter, Metered
from oauthclient_operator.loop_turns import PER_GROUP

from .computing import Computing, ended, from_outside
from .virtual_time import in_virtual_time


def test_how_long_steps_waited_for_their_turns_is_counted() -> None:
    loop = Computing()
    meter = Meter(lambda: loop.now, group="one", turns=loop.turns)

    async def work() -> None:
        METER.set(meter)
        await Metered(from_outside)

    async def main() -> None:
        before = [loop.begin("before", "one", [seconds]) for seconds in (PER_GROUP, 0.5)]
        await asyncio.gather(*before, asyncio.create_task(work()))

    asyncio.run(main())
    assert meter.waited == pytest.approx(0.5)


def test_who_is_cancelled_while_it_waits_for_its_first_turn_never_begins() -> None:
    loop = Computing()

    async def main() -> bool:
        first = loop.begin("first", "one", [PER_GROUP])
        second = loop.begin("second", "one", [0.001])
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.gather(first, second, return_exceptions=True)
        return second.cancelled()

    with warnings.catch_warnings(record=True) as told:
        assert asyncio.run(main())
        gc.collect()
    assert (loop.order, told) == (["first"], [])


def test_a_failure_that_waits_for_its_turn_is_the_coroutines_to_treat() -> None:
    loop, treated = Computing(), []

    async def main() -> None:
        answer = asyncio.get_running_loop().create_future()

        async def asks() -> float:
            try:
                await answer
            except ConnectionResetError:
                treated.append(loop.now)
            return 0

        asking = loop.metered("one", asks)
        await asyncio.sleep(0)
        busy = [loop.begin("busy", "one", [0.1] * 3) for _ in range(3)]
        await asyncio.sleep(0)
        answer.set_exception(ConnectionResetError())
        await asyncio.gather(asking, *busy)

    asyncio.run(main())
    assert treated == [pytest.approx(0.3)], "after those that stood before it"


def test_a_second_cancellation_is_not_kept_waiting_and_the_first_one_is() -> None:
    loop = Computing()

    async def main() -> tuple[bool, bool]:
        waiting = loop.metered("one", lambda: asyncio.sleep(1000, 0.0))
        await asyncio.sleep(0)
        busy = [loop.begin("busy", "one", [0.1] * 100) for _ in range(10)]
        await asyncio.sleep(0)
        waiting.cancel()
        for _ in range(3):
            await asyncio.sleep(0)
        first = waiting.done()
        waiting.cancel()
        for _ in range(2):
            await asyncio.sleep(0)
        second = waiting.cancelled()
        await ended(*busy)
        return first, second

    assert asyncio.run(main()) == (False, True)


def test_time_that_is_waited_is_charged_to_nobody_and_that_of_a_task_begun_meanwhile_is() -> None:
    cpu = [0.0]

    async def computes() -> None:
        cpu[0] += 1
        await asyncio.sleep(5)
        cpu[0] += 2

    async def main() -> float:
        meter = Meter(lambda: cpu[0])
        METER.set(meter)

        async def work() -> None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await asyncio.sleep(100)
            await asyncio.ensure_future(Metered(computes))
            cpu[0] += 4

        await Metered(work)
        return meter.seconds

    assert in_virtual_time(main()) == 7
