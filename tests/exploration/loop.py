"""An event loop without time, sockets and threads: it runs what is ready until nothing is."""

import asyncio
from asyncio import events
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import Context
from typing import Any


class Loop(asyncio.AbstractEventLoop):
    """As much of a loop as tasks, futures and what is built on them ask for."""

    def __init__(self) -> None:
        self._ready: deque[asyncio.Handle] = deque()
        self._tasks: list[asyncio.Task[Any]] = []

    def run_until_idle(self) -> None:
        """Run until everybody waits for something that only the caller can bring."""
        events._set_running_loop(self)
        try:
            while self._ready:
                self._ready.popleft()._run()
        finally:
            events._set_running_loop(None)

    def call_soon(  # type: ignore[override] # simpler than theirs
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_later(  # type: ignore[override] # simpler than theirs
        self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Set what never goes off: without time nothing lasts."""
        return asyncio.TimerHandle(delay, callback, args, self, context)

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Be told by a timer that it will not go off."""

    def create_future(self) -> "asyncio.Future[Any]":
        return asyncio.Future(loop=self)

    def create_task(  # type: ignore[override] # simpler than theirs
        self, coro: Coroutine[Any, Any, Any], *, name: str | None = None, context: Context | None = None
    ) -> "asyncio.Task[Any]":
        task = asyncio.Task(coro, loop=self, name=name, context=context)
        # A run that is not gone on with is dropped in the middle; nobody has to be told.
        task._log_destroy_pending = False  # type: ignore[attr-defined] # asyncio's own
        self._tasks.append(task)
        return task

    def drop(self) -> None:
        """End all that was begun where it stands, whatever it thinks of that."""
        for task in self._tasks:
            coroutine = task.get_coro()
            with suppress(BaseException):
                coroutine.close()
        self._tasks.clear()
        self._ready.clear()

    def get_debug(self) -> bool:
        return False

    def is_closed(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Be told of exceptions that nobody retrieves: those of runs that were dropped."""
