"""So many at once, and of one group not more than its share; who waits does so in a `FairQueue`, for one event loop."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager

from .fair_queue import FairQueue


class FairSlots:
    """Slots, `in_all` and of a group `per_group`; a group is charged with the time for which it holds them."""

    def __init__(self, *, in_all: int, per_group: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._free = in_all
        self._clock = clock
        self._waiting: FairQueue[asyncio.Future[None]] = FairQueue(at_once=per_group)

    @asynccontextmanager
    async def slot(self, group: Hashable) -> AsyncIterator[None]:
        """Wait for a slot and hold it while the block runs."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.add(turn, group, None)
        self._begin()
        try:
            await turn
        except asyncio.CancelledError:
            # Cancelled while it waits, it is passed over when it is its turn; cancelled just after that, it holds one.
            if not turn.cancelled():
                self._release(turn, 0.0)
            raise
        began = self._clock()
        try:
            yield
        finally:
            self._release(turn, self._clock() - began)

    def _release(self, turn: asyncio.Future[None], seconds: float) -> None:
        self._free += 1
        self._waiting.done(turn, seconds)
        self._begin()

    def _begin(self) -> None:
        while self._free and self._waiting.has_next:
            turn = self._waiting.next()
            if turn.cancelled():
                self._waiting.done(turn, 0.0)
                continue
            self._free -= 1
            turn.set_result(None)
