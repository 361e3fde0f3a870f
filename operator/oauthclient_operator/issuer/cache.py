"""Metadata that were fetched, remembered for a while: bounded in number and age, and one fetch for all who wait."""

import asyncio
import copy
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from ..errors import IssuerUnavailable, OperatorError
from ..oauth.metadata_source import MetadataSource
from ..oauth.rfc8414 import ServerMetadata

GOOD_FOR: Final = 600.0
"""Seconds for which metadata are used again."""
BAD_FOR: Final = 10.0
"""Seconds for which a failure is not tried again: many resources of one issuer ask for the same."""
_MOST_ENTRIES: Final = 512

Fetch = Callable[[MetadataSource], Awaitable[ServerMetadata]]
_Key = tuple[MetadataSource, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    begun_at: float
    expires_at: float
    found: ServerMetadata | OperatorError

    def metadata(self) -> ServerMetadata:
        if isinstance(self.found, OperatorError):
            # A copy: an exception that is raised twice drags the first one's traceback along.
            raise copy.copy(self.found)
        return self.found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flight:
    begun_at: float
    task: asyncio.Task[_Entry]


class DiscoveryCache:
    """Discover each issuer once for many.

    The key is the source and the trust: together they say which URLs are fetched and whose word is taken. A document
    that somebody names is an entry of its own, which those who look at the well-known places never see.
    """

    def __init__(self, fetch: Fetch, *, trust: Callable[[], str], clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._trust = trust
        self._clock = clock
        self._entries: OrderedDict[_Key, _Entry] = OrderedDict()
        self._flights: dict[_Key, _Flight] = {}

    async def metadata(self, source: MetadataSource, *, max_age: float | None = None) -> ServerMetadata:
        """Return an issuer's metadata, fetched no longer than `max_age` seconds before this call where it is given.

        A fetch goes on when those who wait for it are cancelled: others may have joined.

        Raises:
            OperatorError: as `Discovery.fetch`, now or a moment ago.
        """
        key = (source, self._trust())
        oldest = -math.inf if max_age is None else self._clock() - max_age
        while True:
            entry = self._entries.get(key)
            if entry is not None and entry.begun_at >= oldest and self._clock() < entry.expires_at:
                self._entries.move_to_end(key)
                return entry.metadata()
            flight = self._flights.get(key)
            if flight is None:
                task = asyncio.create_task(self._fly(key, self._clock()))
                flight = self._flights[key] = _Flight(begun_at=self._clock(), task=task)
            landed = await asyncio.shield(flight.task)
            if flight.begun_at >= oldest:
                return landed.metadata()

    async def close(self) -> None:
        """End the fetches under way."""
        tasks = [flight.task for flight in self._flights.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _fly(self, key: _Key, begun_at: float) -> _Entry:
        found: ServerMetadata | OperatorError
        try:
            found, good_for = await self._fetch(key[0]), GOOD_FOR
        except OperatorError as error:
            # What the server asked one of us to wait, all wait.
            asked = error.retry_after if isinstance(error, IssuerUnavailable) else None
            found, good_for = error.with_traceback(None), max(BAD_FOR, asked or 0.0)
        finally:
            del self._flights[key]
        entry = _Entry(begun_at=begun_at, expires_at=self._clock() + good_for, found=found)
        self._entries[key] = entry
        self._entries.move_to_end(key)
        if len(self._entries) > _MOST_ENTRIES:
            self._entries.popitem(last=False)
        return entry
