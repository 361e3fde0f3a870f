"""How long a coroutine keeps the event loop: what its waiting costs others is nothing, what it computes is all."""

import time
from collections.abc import Awaitable, Callable, Generator, Hashable
from contextvars import ContextVar
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


class Meter:
    """The seconds of computing that were counted, of one piece of work and of all tasks that it began as `Metered`.

    `group` is who is charged with them.
    """

    # Not the thread's own time: to ask the kernel for that at every step took a tenth of all computing.
    def __init__(self, clock: Callable[[], float] = time.perf_counter, *, group: Hashable = None) -> None:
        self.clock = clock
        self.group = group
        self.seconds = 0.0


METER: ContextVar[Meter | None] = ContextVar("METER", default=None)
"""Which meter counts for whom runs in this context; tasks inherit it."""


def charged_group() -> Hashable:
    """Return who is charged with what runs in this context, or None where that is nobody."""
    meter = METER.get()
    return None if meter is None else meter.group


class Metered(Generic[Result]):
    """An awaitable that counts, in the meter of its context, the time between one wait and the next.

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
            began = meter.clock()
            try:
                waits_for = next(steps) if thrown is None else steps.throw(thrown)
            except StopIteration as ended:
                result: Result = ended.value
                return result
            finally:
                meter.seconds += meter.clock() - began
            try:
                yield waits_for
            except BaseException as error:  # noqa: BLE001 - a cancellation is the coroutine's to treat
                thrown = error
            else:
                thrown = None
