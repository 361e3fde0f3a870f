"""So many at once, and of one group not more than its share; who waits does so in a `FairQueue`, for one event loop."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager

from .fair_queue import FairQueue


class FairSlots:
    """Slots, `in_all` and of a group `per_group`; a group is charged with the time for which it holds them.

    Who has held one for `lasting` seconds holds it of its group's share alone from then on, so that some groups whose
    holders hang do not keep all others out: what is held in all has no bound then but that of each group.
    """

    def __init__(
        self,
        *,
        in_all: int,
        per_group: int,
        lasting: float = math.inf,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._free = in_all
        self._lasting = lasting
        self._clock = clock
        self._waiting: FairQueue[asyncio.Future[None]] = FairQueue(at_once=per_group)
        # Since when each is held of those in all; the oldest first.
        self._held: dict[asyncio.Future[None], float] = {}
        self._timer: asyncio.TimerHandle | None = None

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
        if self._held.pop(turn, None) is not None:
            self._free += 1
        self._waiting.done(turn, seconds)
        self._begin()

    def _begin(self) -> None:
        while self._waiting.has_next and (self._free or self._taken_back()):
            turn = self._waiting.next()
            if turn.cancelled():
                self._waiting.done(turn, 0.0)
                continue
            self._free -= 1
            self._held[turn] = self._clock()
            turn.set_result(None)

    def _taken_back(self) -> bool:
        """Take the oldest slot back from who has held it for long, or see to it that this is done when it has been."""
        oldest = next(iter(self._held), None)
        if oldest is None:
            return False
        left = self._held[oldest] + self._lasting - self._clock()
        if left <= 0:
            del self._held[oldest]
            self._free += 1
            return True
        if self._timer is None and left < math.inf:
            self._timer = asyncio.get_running_loop().call_later(left, self._look_again)
        return False

    def _look_again(self) -> None:
        self._timer = None
        self._begin()
