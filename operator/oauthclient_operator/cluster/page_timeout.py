"""How long a page of a list may take: as long as it comes, for tenants choose how much of it there is to read."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

SILENCE: Final = 30.0
"""Seconds in which something of a page has to come."""
IN_ALL: Final = 300.0
"""Seconds for all of it; a list that is older cannot be gone on with anyway."""


@asynccontextmanager
async def page_timeout() -> AsyncIterator[Callable[[], None]]:
    """Bound a block that receives a page, and yield what has to be called when some of it was read.

    Raises:
        TimeoutError: nothing came for `SILENCE`, or it took longer than `IN_ALL`.
    """
    clock = asyncio.get_running_loop().time
    async with asyncio.timeout(IN_ALL), asyncio.timeout(SILENCE) as silence:
        yield lambda: silence.reschedule(clock() + SILENCE)
