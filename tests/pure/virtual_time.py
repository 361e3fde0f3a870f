"""An event loop whose clock jumps to the next timer when there is nothing else to do: hours pass at once, exactly."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


class _VirtualTime(asyncio.SelectorEventLoop):
    _now = 0.0

    def time(self) -> float:
        return self._now

    def _run_once(self) -> None:
        # asyncio types none of what follows.
        if not self._ready and self._scheduled:  # type: ignore[attr-defined]
            # One that was cancelled is no reason to go on to its time, and then to wait for the next in ours.
            first = self._scheduled[0]  # type: ignore[attr-defined]
            if first.cancelled():
                timers = (timer for timer in self._scheduled if not timer.cancelled())  # type: ignore[attr-defined]
                first = min(timers, default=first)
            self._now = max(self._now, first.when())
        super()._run_once()  # type: ignore[misc]


def in_virtual_time(main: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end on a clock that begins at 0."""
    with asyncio.Runner(loop_factory=_VirtualTime) as runner:
        return runner.run(main)


def now() -> float:
    return asyncio.get_running_loop().time()
