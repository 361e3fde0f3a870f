"""So many at once, and of one group not more than its share; who waits does so in a `FairQueue`, for one event loop."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager

from .fair_queue import FairQueue
from .places import Places


class FairSlots:
    """Slots, `in_all` and of a group `per_group`; a group is charged with the time for which it holds them.

    Who has held one for `lasting` seconds holds it of its group's share alone from then on, so that some groups whose
    holders hang do not keep all others out: what is held in all has no bound then but that of each group. While
    `unless` says so no time counts.
    """

    def __init__(
        self,
        *,
        in_all: int,
        per_group: int,
        lasting: float = math.inf,
        unless: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._waiting: FairQueue[asyncio.Future[None]] = FairQueue(at_once=per_group)
        self._places: Places[asyncio.Future[None]] = Places(in_all, lasting=lasting, again=self._begin, unless=unless)

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
        self._places.leave(turn)
        self._waiting.done(turn, seconds)
        self._begin()

    def _begin(self) -> None:
        while self._waiting.has_next and self._places.one_is_free():
            turn = self._waiting.next()
            if turn.cancelled():
                self._waiting.done(turn, 0.0)
                continue
            self._places.take(turn)
            turn.set_result(None)
