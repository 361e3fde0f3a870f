"""The clock of all who live in virtual time: operators, servers and apps."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

BEGAN: Final = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    """The loop's own."""

    def now(self) -> datetime:
        return BEGAN + timedelta(seconds=self.elapsed())

    def elapsed(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
