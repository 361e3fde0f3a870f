"""Metadata that were fetched, remembered for a while: bounded in number and age, and one fetch for all who wait.

Failures are remembered, too (negative caching), and all who ask meanwhile are told of the last one. An issuer that is
out of order, which is that it gives no answer or a 5xx, is asked less and less often. So discovery needs no circuit
breaker: one fetch is the trial for all, and it changes nothing at the issuer.
"""

import asyncio
import copy
import math
import random
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from typing import Final

from ..backoff import Backoff
from ..errors import IssuerBusy, IssuerUnavailable, OperatorError
from ..oauth.metadata_source import MetadataSource
from ..oauth.rfc8414 import ServerMetadata
from ..resource.key import Key
from .caller import Wake

TIME_TO_LIVE: Final = 600.0
"""Seconds for which metadata are used again."""
FAILURE_TIME_TO_LIVE: Final = 10.0
"""Seconds for which a failure is not tried again: many resources of one issuer ask for the same."""
OUTAGE_BACKOFF: Final = Backoff(first=FAILURE_TIME_TO_LIVE, longest=300.0)
"""Seconds for which an issuer that is out of order is not asked again, by its failures in a row."""
_MOST_ENTRIES: Final = 512

Fetch = Callable[[MetadataSource], Awaitable[ServerMetadata]]
_Key = tuple[MetadataSource, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    begun_at: float
    expires_at: float
    found: ServerMetadata | OperatorError
    outages: int = 0
    """How many fetches in a row, this one included, found the issuer out of order."""

    def metadata(self) -> ServerMetadata:
        if isinstance(self.found, OperatorError):
            # A copy: an exception that is raised twice drags the first one's traceback along.
            raise copy.copy(self.found)
        return self.found


@dataclass(frozen=True, slots=True, kw_only=True)
class _PendingFetch:
    begun_at: float
    task: asyncio.Task[_Entry]
    waiting: dict[Key, None] = field(default_factory=dict)
    """Who is woken when it has ended."""


class DiscoveryCache:
    """Discover each issuer once for many.

    The key is the source and the trust: together they say which URLs are fetched and whose word is taken. A document
    that somebody names is an entry of its own, which those who look at the well-known places never see.
    """

    def __init__(
        self,
        fetch: Fetch,
        *,
        trust: Callable[[str], str],
        clock: Callable[[], float] = time.monotonic,
        wake: Wake = lambda _key: None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._fetch = fetch
        self._trust = trust
        self._clock = clock
        self._wake = wake
        self._chance = chance
        self._entries: OrderedDict[_Key, _Entry] = OrderedDict()
        self._pending: dict[_Key, _PendingFetch] = {}

    async def metadata(
        self,
        source: MetadataSource,
        *,
        max_age: float | None = None,
        key: Key | None = None,
        slot: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> ServerMetadata:
        """Return an issuer's metadata, fetched no longer than `max_age` seconds before this call where it is given.

        Who begins a fetch waits for it, and holds a slot meanwhile. Who comes while it is under way and names a `key`
        does not wait: the key is woken when the fetch has ended. A fetch goes on when those who wait for it are
        cancelled: others may have joined.

        Raises:
            IssuerBusy: come again when woken.
            OperatorError: as `Discovery.fetch`, now or a moment ago.
        """
        wanted = (source, self._trust(source.issuer))
        oldest = -math.inf if max_age is None else self._clock() - max_age
        while True:
            entry = self._entries.get(wanted)
            # An issuer that is out of order is left alone also by those who need fresh metadata.
            good_enough = entry is not None and (entry.begun_at >= oldest or entry.outages)
            if entry is not None and good_enough and self._clock() < entry.expires_at:
                self._entries.move_to_end(wanted)
                return entry.metadata()
            pending = self._pending.get(wanted)
            if pending is None:
                pending = self._begin(wanted, slot)
            elif key is not None:
                pending.waiting[key] = None
                raise IssuerBusy("the issuer's metadata are being fetched")
            entry = await asyncio.shield(pending.task)
            if pending.begun_at >= oldest:
                return entry.metadata()

    async def close(self) -> None:
        """End the fetches under way."""
        tasks = [pending.task for pending in self._pending.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, key: _Key, slot: Callable[[], AbstractContextManager[None]]) -> _PendingFetch:
        held = ExitStack()
        held.enter_context(slot())
        task = asyncio.create_task(self._fetch_entry(key, self._clock(), held))
        pending = self._pending[key] = _PendingFetch(begun_at=self._clock(), task=task)
        task.add_done_callback(lambda _: self._ended(pending))
        return pending

    def _ended(self, pending: _PendingFetch) -> None:
        for key in pending.waiting:
            self._wake(key)

    async def _fetch_entry(self, key: _Key, begun_at: float, held: ExitStack) -> _Entry:
        found: ServerMetadata | OperatorError
        outages = 0
        try:
            with held:
                found, time_to_live = await self._fetch(key[0]), TIME_TO_LIVE
        except OperatorError as error:
            found, time_to_live = error.with_traceback(None), FAILURE_TIME_TO_LIVE
            if isinstance(error, IssuerUnavailable):
                if error.out_of_order:
                    before = self._entries.get(key)
                    outages = 1 + (before.outages if before is not None else 0)
                    time_to_live = OUTAGE_BACKOFF.after(outages, self._chance())
                # What the server asked one of us to wait, all wait.
                time_to_live = max(time_to_live, error.retry_after or 0.0)
        finally:
            del self._pending[key]
        entry = _Entry(begun_at=begun_at, expires_at=self._clock() + time_to_live, found=found, outages=outages)
        self._entries[key] = entry
        self._entries.move_to_end(key)
        if len(self._entries) > _MOST_ENTRIES:
            self._entries.popitem(last=False)
        return entry
