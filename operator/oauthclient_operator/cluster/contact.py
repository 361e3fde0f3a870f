"""Whether the API server can be reached: when it answered last, since when, and whether it is who it was."""

import asyncio
import math
from collections.abc import Callable
from typing import Final

from ..errors import AuthorityChanged
from .elapsed import elapsed

DISTRUSTED_FOR: Final = 60.0
"""Seconds in which it shows only certificates that are not accepted, until another authority is looked for: that is
done at the start of a process, and by nothing else."""
BEGINS: Final = 20.0
"""Seconds in which one that was not there may have begun a moment ago, and not know yet who has which rights."""
_LOOK: Final = 5.0
"""Seconds between two looks at that."""


class Contact:
    """What the requests of one connection have come to."""

    def __init__(self, clock: Callable[[], float] = elapsed) -> None:
        self._clock = clock
        self._answered_at = -math.inf
        self._is_away = False
        self._back_at = -math.inf
        self._distrusted_at = math.inf
        self._distrusted_for = ""

    def answered(self, status: int) -> None:
        """Take note that an answer came."""
        self._distrusted_at = math.inf
        # Who is not known there (401) can do nothing there; and it may be a proxy alone that says that nobody is (5xx).
        if status < 500 and status != 401:
            self._answered_at = self._clock()
            if self._is_away:
                self._is_away, self._back_at = False, self._clock()

    def failed(self) -> None:
        """Take note that nobody was there, or not to the end."""
        self._is_away = True

    @property
    def begins(self) -> bool:
        """Whether it may have begun a moment ago."""
        return self._clock() - self._back_at < BEGINS

    def distrusted(self, why: str) -> None:
        """Take note that its certificate was not accepted, and why not."""
        self._distrusted_at = min(self._distrusted_at, self._clock())
        self._distrusted_for = why

    @property
    def is_lost(self) -> bool:
        """Whether this process can talk to it no more: nothing but a new start reads another authority."""
        return self._clock() - self._distrusted_at >= DISTRUSTED_FOR

    def silence(self) -> float:
        """Return for how many seconds it only failed, or did not know who asks; infinite at first."""
        return self._clock() - self._answered_at

    async def keep(self) -> None:
        """See whether it can be trusted, as long as it can.

        Raises:
            AuthorityChanged: for a while it has shown certificates that are not accepted, and nothing else.
        """
        while not self.is_lost:  # noqa: ASYNC110 - for a time, not an event
            await asyncio.sleep(_LOOK)
        raise AuthorityChanged(
            f"for {DISTRUSTED_FOR:g} s the API server has shown only certificates that are not accepted "
            f"({self._distrusted_for}): this process ends, and the next one reads anew which authority vouches for it"
        )
