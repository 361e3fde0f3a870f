"""How long a coroutine keeps the event loop: what its waiting costs others is nothing, what it computes is all.

Whoever had its share of one turn of the loop goes on in the next one, so that who waits for an answer meanwhile waits
for one share of each other group, and not for all that these have to compute.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Generator, Hashable
from contextvars import ContextVar
from typing import Any, Final, Generic, TypeVar

PER_GROUP: Final = 0.002
"""Seconds of one turn of the event loop after which a group begins no further step in it."""
IN_ALL: Final = 0.02
"""Seconds of one turn after which nobody does: what is not metered, a probe's answer say, has its turn as often."""

Result = TypeVar("Result")


class Turns:
    """How much each group computed in the present turn of the event loop, which ends when it looks at what is ready.

    Who waits for the next turn does so by standing in it: the loop keeps the order.
    """

    def __init__(self) -> None:
        self._computed: dict[Hashable, float] = {}
        self._in_all = 0.0
        self._waiting: Counter[Hashable] = Counter()

    def wait(self, group: Hashable) -> Generator[Any, Any, BaseException | None]:
        """Wait until the group may begin a step, and return what was thrown meanwhile."""
        # Behind those of its group that wait: they stand behind who never waits for anything else.
        if not self._is_over(group) and group not in self._waiting:
            return None
        self._waiting[group] += 1
        try:
            while True:
                thrown = yield from waited(None)  # which is the next turn
                if thrown is not None or not self._is_over(group):
                    return thrown
        finally:
            self._waiting[group] -= 1
            if not self._waiting[group]:
                del self._waiting[group]

    def spend(self, group: Hashable, seconds: float) -> None:
        """Count what a step computed."""
        if not self._computed:
            # It stands in the next turn before all that wait for that, for they come to wait after it.
            asyncio.get_running_loop().call_soon(self._end)
        self._computed[group] = self._computed.get(group, 0.0) + seconds
        self._in_all += seconds

    def _is_over(self, group: Hashable) -> bool:
        return self._in_all >= IN_ALL or self._computed.get(group, 0.0) >= PER_GROUP

    def _end(self) -> None:
        self._computed.clear()
        self._in_all = 0.0


def waited(waits_for: object) -> Generator[Any, Any, BaseException | None]:
    """Wait, and return what was thrown meanwhile."""
    try:
        yield waits_for
    except BaseException as error:  # noqa: BLE001 - a cancellation, too
        return error
    return None


class Meter:
    """The seconds of computing that were counted, of one piece of work and of all tasks that it began as `Metered`.

    `group` is who is charged with them, of the `turns` that it shares with others.
    """

    # Not the thread's own time: to ask the kernel for that at every step took a tenth of all computing.
    def __init__(
        self, clock: Callable[[], float] = time.perf_counter, *, group: Hashable = None, turns: Turns | None = None
    ) -> None:
        self.clock = clock
        self.group = group
        self.seconds = 0.0
        self._turns = turns or Turns()

    def wait(self) -> Generator[Any, Any, BaseException | None]:
        """Wait until the next step may begin, and return what was thrown meanwhile."""
        return self._turns.wait(self.group)

    def spend(self, seconds: float) -> None:
        """Count what one step computed."""
        self.seconds += seconds
        self._turns.spend(self.group, seconds)


METER: ContextVar[Meter | None] = ContextVar("METER", default=None)
"""Which meter counts for whom runs in this context; tasks inherit it."""


def charged_group() -> Hashable:
    """Return who is charged with what runs in this context, or None where that is nobody."""
    meter = METER.get()
    return None if meter is None else meter.group


class Metered(Generic[Result]):
    """An awaitable that counts, in the meter of its context, the time between one wait and the next, and takes turns.

    What it counts is made when it is begun: a task that is cancelled before its first step leaves nothing unawaited.
    """

    def __init__(self, begin: Callable[[], Awaitable[Result]]) -> None:
        self._begin = begin

    def __await__(self) -> Generator[Any, Any, Result]:
        meter, steps = METER.get(), self._begin().__await__()
        if meter is None:
            return (yield from steps)
        thrown: BaseException | None = None
        while True:
            if thrown is None:  # A cancellation is not kept waiting, and is the coroutine's to treat.
                thrown = yield from meter.wait()
            began = meter.clock()
            try:
                waits_for = next(steps) if thrown is None else steps.throw(thrown)
            except StopIteration as ended:
                result: Result = ended.value
                return result
            finally:
                meter.spend(meter.clock() - began)
            thrown = yield from waited(waits_for)
