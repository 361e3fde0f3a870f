"""How long a coroutine keeps the event loop: what its waiting costs others is nothing, what it computes is all."""

import time
from collections.abc import Awaitable, Callable, Generator, Hashable
from contextvars import ContextVar
from typing import Any, Generic, TypeVar

from .loop_turns import Turns

Result = TypeVar("Result")


class Meter:
    """The seconds of computing that were counted, of one piece of work and of all tasks that it began as `Metered`.

    `group` is who is charged with them, whose steps have their turns among those of others.
    """

    # Not the thread's own time: to ask the kernel for that at every step took a tenth of all computing.
    def __init__(
        self, clock: Callable[[], float] = time.perf_counter, *, group: Hashable = None, turns: Turns | None = None
    ) -> None:
        self.clock = clock
        self.group = group
        self.seconds = 0.0
        self.waited = 0.0
        """Seconds for which steps waited for their turns."""
        self._turns = turns or Turns()

    @property
    def waits(self) -> bool:
        """Whether steps of the group wait for their turns now."""
        return self._turns.stands(self.group)

    def wait(self) -> Generator[Any, Any, BaseException | None]:
        """Wait until the next step may begin, and return what was thrown meanwhile."""
        began = self.clock()
        thrown = yield from self._turns.wait(self.group)
        self.waited += self.clock() - began
        return thrown

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
        meter = METER.get()
        if meter is None:
            return (yield from self._begin().__await__())
        thrown = yield from meter.wait()
        if thrown is not None:
            raise thrown
        steps = self._begin().__await__()
        while True:
            began = meter.clock()
            try:
                waits_for = next(steps) if thrown is None else steps.throw(thrown)
            except StopIteration as ended:
                result: Result = ended.value
                return result
            finally:
                meter.spend(meter.clock() - began)
            thrown = yield from _thrown_while(waits_for)
            if not isinstance(thrown, GeneratorExit):
                # What fails for many at once has them compute as what is answered does. A second cancellation is not
                # kept waiting: the first one was meant.
                thrown = (yield from meter.wait()) or thrown


def _thrown_while(waits_for: object) -> Generator[Any, Any, BaseException | None]:
    """Wait for what a coroutine waits for, and return what was thrown meanwhile: it is the coroutine's to treat."""
    try:
        yield waits_for
    except BaseException as error:  # noqa: BLE001 - a cancellation, too
        return error
    return None
