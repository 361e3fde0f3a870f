"""How many exchanges there may be at once with one issuer, so that a slow one holds up nobody else for long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class _Queue:
    free: asyncio.Semaphore
    users: int = 0


class Limits:
    """One queue per issuer, for as long as somebody is in it."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._queues: dict[str, _Queue] = {}

    @asynccontextmanager
    async def slot(self, issuer: str) -> AsyncIterator[None]:
        """Hold one of the issuer's places, waiting for it as long as it takes."""
        queue = self._queues.get(issuer)
        if queue is None:
            queue = self._queues[issuer] = _Queue(free=asyncio.Semaphore(self._at_once))
        queue.users += 1
        try:
            async with queue.free:
                yield
        finally:
            queue.users -= 1
            if not queue.users:
                del self._queues[issuer]
