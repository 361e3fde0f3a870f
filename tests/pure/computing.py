"""Groups that compute on one event loop, by a clock that goes on while they do and at no other time."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Hashable, Iterable

from oauthclient_operator.loop_time import METER, Meter, Metered
from oauthclient_operator.loop_turns import Turns

Answer = Callable[[], Awaitable[None]]


def stepwise() -> Callable[[], float]:
    """Return a clock by which each step computes for half a millisecond: shares are used up, the same way each time."""
    looks = itertools.count()
    return lambda: next(looks) * 0.0005


async def at_once() -> None:
    """Go on in the next turn of the loop, before what comes from outside."""
    await asyncio.sleep(0)


async def from_outside() -> None:
    """Go on when an answer came, which stands behind all that is ready.

    On a real loop: in virtual time nothing comes from outside before nothing is left to do.
    """
    await asyncio.sleep(1e-9)


class Computing:
    """What is computed, and in which order."""

    def __init__(self) -> None:
        self.now = 0.0
        self.order: list[str] = []
        self.turns = Turns()

    def begin(
        self, name: str, group: Hashable, steps: Iterable[float], answer: Answer = from_outside
    ) -> asyncio.Task[float]:
        """Begin to compute for so long in each step, and to wait for an answer in between; it returns how long it took."""

        async def work() -> float:
            began = self.now
            for seconds in steps:
                self.now += seconds
                self.order.append(name)
                await answer()
            return self.now - began

        return self.metered(group, work)

    def metered(self, group: Hashable, work: Callable[[], Awaitable[float]]) -> asyncio.Task[float]:
        """Begin any work of a group."""

        async def counted() -> float:
            METER.set(Meter(lambda: self.now, group=group, turns=self.turns))
            return await Metered(work)

        return asyncio.create_task(counted())

    async def longest_turn(self, until: Callable[[], bool]) -> float:
        """Return for how long the loop was kept at most, between two of its turns."""
        longest = 0.0
        while not until():
            before = self.now
            await asyncio.sleep(0)
            longest = max(longest, self.now - before)
        return longest


async def ended(*tasks: asyncio.Task[float]) -> None:
    """End tasks that go on."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
