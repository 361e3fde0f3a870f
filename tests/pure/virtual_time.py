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
        if not self._ready and self._scheduled:  # type: ignore[attr-defined]
            self._now = max(self._now, self._scheduled[0].when())  # type: ignore[attr-defined]
        super()._run_once()  # type: ignore[misc]


def in_virtual_time(main: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end on a clock that begins at 0."""
    with asyncio.Runner(loop_factory=_VirtualTime) as runner:
        return runner.run(main)


def now() -> float:
    return asyncio.get_running_loop().time()
