"""The clock of the running process."""

import asyncio
from datetime import UTC, datetime

from ..cluster.elapsed import elapsed


class SystemClock:
    """Wall clock for what is written down, boot time for deadlines."""

    def now(self) -> datetime:
        """Return the time of day."""
        return datetime.now(UTC)

    def elapsed(self) -> float:
        """Return seconds that run also while the machine is suspended."""
        return elapsed()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
