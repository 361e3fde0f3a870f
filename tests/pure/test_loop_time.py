"""Who is charged with computing, and how much of it comes in front of who waits for an answer."""

import asyncio
import contextlib
from collections.abc import Hashable

import pytest

from oauthclient_operator.loop_time import IN_ALL, METER, PER_GROUP, Meter, Metered, Turns

from .virtual_time import in_virtual_time

_STEPS = 30
"""As often a new client waits for an answer until it is Ready."""


class Loop:
    """Groups that compute on one event loop, by a clock that goes on while they do."""

    def __init__(self) -> None:
        self.now = 0.0
        self.order: list[str] = []
        self._turns = Turns()

    async def computing(self, name: str, group: Hashable, steps: list[float]) -> None:
        """Compute for so long in each step, and wait for a moment in between."""
        METER.set(Meter(lambda: self.now, group=group, turns=self._turns))

        async def work() -> None:
            for seconds in steps:
                self.now += seconds
                self.order.append(name)
                await asyncio.sleep(0)

        await Metered(work)

    def begin(self, name: str, group: Hashable, steps: list[float]) -> asyncio.Task[None]:
        """Begin a task that computes."""
        return asyncio.create_task(self.computing(name, group, steps))


def test_who_waits_for_answers_waits_for_one_share_of_a_tenant_with_much_to_compute() -> None:
    loop = Loop()

    async def main() -> float:
        hostile = [loop.begin("hostile", "hostile", [0.0005] * 1000) for _ in range(60)]
        await asyncio.sleep(0)
        began = loop.now
        await loop.begin("good", "good", [0.0005] * _STEPS)
        waited = loop.now - began
        for task in hostile:
            task.cancel()
        await asyncio.gather(*hostile, return_exceptions=True)
        return waited

    # Its own half of a millisecond each time, and a share: without shares it waited for all sixty, which are 30 ms.
    assert in_virtual_time(main()) <= (_STEPS + 1) * (PER_GROUP + 0.001)


def test_who_waits_for_answers_waits_for_one_step_that_is_longer_than_a_share() -> None:
    loop = Loop()

    async def main() -> float:
        hostile = [loop.begin("hostile", "hostile", [0.006] * 100) for _ in range(60)]
        await asyncio.sleep(0)
        began = loop.now
        await loop.begin("good", "good", [0.0005] * _STEPS)
        waited = loop.now - began
        for task in hostile:
            task.cancel()
        await asyncio.gather(*hostile, return_exceptions=True)
        return waited

    assert in_virtual_time(main()) <= (_STEPS + 1) * 0.007


def test_what_nobody_is_charged_with_comes_after_the_share_of_all_whatever_the_number_of_groups() -> None:
    loop = Loop()

    async def main() -> list[float]:
        tasks = [loop.begin("busy", number, [0.001] * 10) for number in range(100)]
        between: list[float] = []
        while not all(task.done() for task in tasks):
            before = loop.now
            await asyncio.sleep(0)
            between.append(loop.now - before)
        return between

    between = in_virtual_time(main())
    assert sum(between) == pytest.approx(1.0)
    assert max(between) <= IN_ALL + 0.001


def test_of_those_of_one_group_that_wait_for_the_next_turn_the_first_goes_on_first() -> None:
    loop = Loop()

    async def main() -> None:
        await asyncio.gather(*(loop.begin(name, "one", [PER_GROUP] * 3) for name in "abc"))

    in_virtual_time(main())
    assert loop.order == list("abc" * 3)


def test_a_group_that_is_alone_computes_without_waiting_for_anything_but_a_look_at_what_is_ready() -> None:
    """Time goes on only where nothing else can: it does not."""
    loop = Loop()

    async def main() -> float:
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(loop.begin("a", "one", [PER_GROUP * 2] * 10) for _ in range(10)))
        return asyncio.get_running_loop().time() - began

    assert in_virtual_time(main()) == 0
    assert len(loop.order) == 100


def test_who_is_cancelled_while_it_waits_for_its_turn_is_so_before_that() -> None:
    loop = Loop()

    async def main() -> list[str]:
        first = loop.begin("first", "one", [IN_ALL])
        second = loop.begin("second", "one", [0.001])
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.gather(first, second, return_exceptions=True)
        assert second.cancelled()
        return loop.order

    assert in_virtual_time(main()) == ["first"]


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
