"""How much is asked of the API server: so many requests a second, so many at once, and none while it says so.

Of one tenant there are fewer at once: what many of its resources write in one moment, as when an issuer of theirs has
kept them all waiting, must not be what another tenant's request waits behind at the API server.

What it asks one request to wait, all wait, for it is about us and not about that request. Every wait is bounded: what
would have to wait longer is not sent at all, and says so. What must not be late (the Lease, and the write that holds
the only copy of an answer) never waits here; it is counted, so the others make up for it.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from ..errors import ClusterError, StorageNotReady, Unanswered
from ..fair_slots import FairSlots
from ..loop_time import charged_group
from ..token_bucket import TokenBucket

QPS: Final = 500
BURST: Final = 1000
CONCURRENCY: Final = 64
"""Requests without an answer; each has a connection of its own."""
PER_TENANT: Final = 32
LASTING: Final = 5.0
"""Seconds after which a request counts among its tenant's alone: an admission webhook may hold each write of some
tenants for half a minute, and theirs would be all 64 then."""
LONGEST_WAIT: Final = 10.0
"""Seconds that a request waits for its turn; the pod's grace period has to cover it, and the request after it."""
LONGEST_PAUSE: Final = 30.0
BEHIND: Final = 1.0
"""Seconds of waiting for a turn from which on it is that, and no answer that does not come, for which work lasts."""
_PAUSE: Final = 1.0
"""Seconds where the API server does not say how long."""


class RateLimiter:
    """The limits of one process: a rate with a burst, a number at once, and pauses; for one event loop."""

    def __init__(self, qps: int = QPS, burst: int = BURST, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._bucket = TokenBucket(rate=qps, burst=burst)
        self._slots = FairSlots(
            in_all=CONCURRENCY,
            per_group=PER_TENANT,
            lasting=LASTING,
            # Who has one then waits as all do, and all would go on at once.
            unless=lambda: self._paused_until > self._clock(),
            clock=clock,
        )
        self._clock = clock
        self._paused_until = 0.0

    @property
    def is_behind(self) -> bool:
        """Whether requests wait for their turns."""
        return self._wait(self._clock()) >= BEHIND

    def _wait(self, now: float) -> float:
        return max(self._bucket.wait(now), self._paused_until - now)

    def heed(self, error: ClusterError) -> None:
        """Pause where an answer asks for that, as far as it speaks of us."""
        if not isinstance(error, Unanswered) or isinstance(error, StorageNotReady):
            # A webhook or a policy chose the code: it speaks of one object, maybe of one tenant's alone. Or one kind
            # of object cannot be had, maybe for days: all others are answered, and who asked for it tries later.
            return
        if error.status == 429 or (error.status == 503 and error.retry_after is not None):
            self.pause(error.retry_after)

    def pause(self, seconds: float | None) -> None:
        """Take the API server's word that it is asked too much: nothing is sent for a while."""
        longest = min(_PAUSE if seconds is None else seconds, LONGEST_PAUSE)
        self._paused_until = max(self._paused_until, self._clock() + longest)

    @asynccontextmanager
    async def turn(self, *, urgent: bool) -> AsyncIterator[None]:
        """Wait for the turn of one request, unless it is urgent, and count it.

        Raises:
            ClusterError: it would wait too long; nothing was sent.
        """
        now = self._clock()
        wait = self._wait(now)
        if urgent or wait < LONGEST_WAIT:
            self._bucket = self._bucket.taken(now)
        if urgent:
            yield
            return
        if wait >= LONGEST_WAIT:
            raise _not_sent()
        async with AsyncExitStack() as held:
            try:
                async with asyncio.timeout(LONGEST_WAIT):
                    if wait > 0:
                        await asyncio.sleep(wait)
                    group = charged_group()
                    # What is charged to nobody, as lists and checks of our own, is no tenant: each goes for itself.
                    await held.enter_async_context(self._slots.slot(object() if group is None else group))
                    # What waits already keeps a pause, too, that the API server has asked for since.
                    while (pause := self._paused_until - self._clock()) > 0:  # noqa: ASYNC110 - until a time, not an event
                        await asyncio.sleep(pause)
            except TimeoutError:
                raise _not_sent() from None
            yield


def _not_sent() -> ClusterError:
    return ClusterError(
        "not sent: the API server asks us to wait, or has not answered as much as is asked of it at once, or more is "
        "to be asked of it than --kube-api-qps allows"
    )
