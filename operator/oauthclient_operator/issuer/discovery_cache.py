"""Metadata that were fetched, remembered for a while: bounded in bytes and age, and one fetch for all who wait.

Failures are remembered, too (negative caching), and all who ask meanwhile are told of the last one. An issuer that is
out of order, which is that it gives no answer or a 5xx, is asked less and less often. So discovery needs no circuit
breaker: one fetch is the trial for all, and it changes nothing at the issuer. Where it brings others than before, all
who go by those are called.

Where a person asks that it be tried now, what is remembered is fetched anew, as often as `fetches_asked_for` admits;
who comes too early comes again. What came takes the place of what was remembered. Where none came, who asked is told
why, and what was remembered stays as it was for all others, failures included: nobody loses what works by such a word,
nor waits for longer.

Tenants choose the issuers, and issuers the documents: an entry is charged to every tenant that uses it, and a tenant
that has more than its share gives up its own oldest entries, which go where nobody else uses them.
"""

import asyncio
import copy
import math
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field, replace
from typing import Final

from ..backoff import Backoff
from ..errors import IssuerBusy, IssuerUnavailable, OAuthError, OperatorError
from ..fair_cache import FairCache
from ..loop_time import Metered
from ..oauth.metadata_source import MetadataSource
from ..oauth.rfc8414 import ServerMetadata
from ..reach import IssuerAddress
from ..resource.key import Key
from .caller import Changed, Tenant
from .fetches_asked_for import AGAIN, FetchesAskedFor
from .remembered_metadata import RememberedMetadata

TIME_TO_LIVE: Final = 600.0
"""Seconds for which metadata are used again."""
FAILURE_TIME_TO_LIVE: Final = 10.0
"""Seconds for which a failure is not tried again: many resources of one issuer ask for the same."""
OUTAGE_BACKOFF: Final = Backoff(first=FAILURE_TIME_TO_LIVE, longest=300.0)
"""Seconds for which an issuer that is out of order is not asked again, by its failures in a row."""
BYTES_PER_TENANT: Final = 512 * 1024
BYTES_IN_ALL: Final = 8 * 1024 * 1024
"""What is kept of metadata and failures: some 4 KiB of a usual issuer, 128 KiB at the very most."""
_USER_BYTES: Final = 512
"""What it takes that one more tenant uses an entry."""

Fetch = Callable[[MetadataSource, Tenant | None], Awaitable[ServerMetadata]]
_Key = tuple[MetadataSource, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _PendingFetch:
    begun_at: float
    task: asyncio.Task[RememberedMetadata]
    """Returns what it brought, also where that is not what is remembered then."""
    waiting: dict[Key, Callable[[], None]] = field(default_factory=dict)
    """Who does not wait for it, and what is done about each when it has ended."""


class DiscoveryCache:
    """Discover each issuer once for many.

    The key is the source and the trust: together they say which URLs are fetched and whose word is taken. A document
    that somebody names is an entry of its own, which those who look at the well-known places never see.
    """

    def __init__(
        self,
        fetch: Fetch,
        *,
        trust: Callable[[IssuerAddress], str],
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
        changed: Changed = lambda _issuer: None,
        replaced: Callable[[MetadataSource], None] = lambda _source: None,
    ) -> None:
        self._fetch = fetch
        self._replaced = replaced
        self._changed = changed
        self._trust = trust
        self._clock = clock
        self._chance = chance
        self._entries: FairCache[_Key, RememberedMetadata] = FairCache(
            per_tenant=BYTES_PER_TENANT, in_all=BYTES_IN_ALL, per_user=_USER_BYTES
        )
        self._pending: dict[_Key, _PendingFetch] = {}
        self._asked_for = FetchesAskedFor()

    async def metadata(
        self,
        source: MetadataSource,
        *,
        max_age: float | None = None,
        asked_ago: float | None = None,
        key: Key | None = None,
        fetched: Callable[[], None] = lambda: None,
        tenant: Tenant | None = None,
        slot: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> ServerMetadata:
        """Return an issuer's metadata, fetched no longer than `max_age` seconds before this call where it is given.

        A person may have asked, `asked_ago` seconds ago, that they be fetched anew. `tenant` is who asks. Who begins a
        fetch waits for it, and holds a slot meanwhile. Who comes while it is under way and names a `key` does not wait:
        `fetched` is called when the fetch has ended. A fetch goes on when those who wait for it are cancelled: others
        may have joined. It is made on the account of who began it; where it fails by our own side, others make their
        own.

        Raises:
            IssuerBusy: come again after `fetched` was called, or in so many seconds.
            OperatorError: as `Discovery.fetch`, now or a moment ago.
        """
        wanted = (source, self._trust(source.address))
        oldest = -math.inf if max_age is None else self._clock() - max_age
        word_at = None if asked_ago is None else self._clock() - asked_ago
        while True:
            entry = self._remembered(wanted, oldest, word_at)
            if entry is not None:
                self._entries.use(wanted, tenant)
                return entry.metadata()
            pending = self._pending.get(wanted)
            begins = pending is None or pending.task.done()
            if pending is None or begins:
                asked = word_at is not None and self._remembered(wanted, oldest) is not None
                pending = self._begin(wanted, tenant, slot, asked=asked)
            elif key is not None:
                pending.waiting[key] = fetched
                raise IssuerBusy("the issuer's metadata are being fetched")
            entry = await asyncio.shield(pending.task)
            needed = oldest if word_at is None else max(oldest, word_at)
            if pending.begun_at >= needed and (begins or entry.said_by_issuer):
                return entry.metadata()

    def remembers(self, source: MetadataSource, *, max_age: float | None = None) -> bool:
        """Whether `metadata` would answer at once."""
        oldest = -math.inf if max_age is None else self._clock() - max_age
        return self._remembered((source, self._trust(source.address)), oldest) is not None

    def _remembered(self, wanted: _Key, oldest: float, word_at: float | None = None) -> RememberedMetadata | None:
        entry = self._entries.get(wanted)
        if entry is None or self._clock() >= entry.expires_at:
            return None
        if word_at is not None:
            said = entry.said_since(word_at)
            return said if said is not None and said.begun_at >= oldest else None
        # An issuer that is out of order is left alone also by those who need fresh metadata.
        return entry if entry.begun_at >= oldest or entry.outages else None

    async def close(self) -> None:
        """End the fetches under way."""
        tasks = [pending.task for pending in self._pending.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(
        self, key: _Key, tenant: Tenant | None, slot: Callable[[], AbstractContextManager[None]], *, asked: bool
    ) -> _PendingFetch:
        began, before = self._clock(), self._entries.get(key)
        if asked and before is not None:
            wait = max(before.asked_again_at - began, self._asked_for.wait(tenant, began))
            if wait > 0:
                raise IssuerBusy("the issuer's metadata were fetched a moment ago, as persons said", retry_after=wait)
        held = ExitStack()
        held.enter_context(slot())
        if asked and before is not None:
            self._asked_for.spend(tenant, began)
            self._put(key, replace(before, asked_again_at=began + AGAIN), tenant)
        # What it computes is charged to who began it.
        task = asyncio.ensure_future(Metered(lambda: self._fetch_entry(key, tenant, began, asked=asked)))
        pending = self._pending[key] = _PendingFetch(begun_at=began, task=task)
        # Not in the task itself: one that is cancelled before its first step takes none.
        task.add_done_callback(lambda _: self._ended(key, pending, held))
        return pending

    def _ended(self, key: _Key, pending: _PendingFetch, held: ExitStack) -> None:
        if self._pending.get(key) is pending:
            del self._pending[key]
        held.close()
        for fetched in pending.waiting.values():
            fetched()

    async def _fetch_entry(
        self, key: _Key, tenant: Tenant | None, begun_at: float, *, asked: bool
    ) -> RememberedMetadata:
        found: ServerMetadata | OperatorError
        before, outages = self._entries.get(key), 0
        was_amiss = before is not None and before.is_amiss
        try:
            found, time_to_live = await self._fetch(key[0], tenant), TIME_TO_LIVE
        except OperatorError as error:
            found, time_to_live = _bare(error), FAILURE_TIME_TO_LIVE
            if isinstance(error, IssuerUnavailable):
                if error.out_of_order:
                    before = self._entries.get(key)
                    outages = 1 + (before.outages if before is not None else 0)
                    time_to_live = OUTAGE_BACKOFF.after(outages, self._chance())
                # What the server asked one of us to wait, all wait.
                time_to_live = max(time_to_live, error.retry_after or 0.0)
        now, kept = self._clock(), self._entries.get(key)
        asked_again_at = -math.inf if kept is None else kept.asked_again_at
        entry = RememberedMetadata(
            begun_at=begun_at,
            expires_at=now + time_to_live,
            found=found,
            outages=outages,
            asked_again_at=asked_again_at,
        )
        if not entry.said_by_issuer:
            # Nothing was learned: what was known before stays, and who comes next asks. No tenant's trouble is to take
            # the turns of all others.
            if asked and kept is not None:
                self._put(key, replace(kept, asked_again_at=-math.inf), tenant)
            return entry
        if asked and isinstance(found, OperatorError) and kept is not None and now < kept.expires_at:
            asked_again_at = max(asked_again_at, now + (getattr(found, "retry_after", None) or 0.0))
            kept = replace(kept, why_not=found, why_not_at=begun_at, asked_again_at=asked_again_at)
            self._put(key, kept, tenant)
            return entry
        self._put(key, entry, tenant)
        # Not where nothing was remembered: a tenant whose entries take the place of each other would have all look.
        if kept is not None and not isinstance(found, OperatorError) and kept.is_another(found):
            self._replaced(key[0])
        if was_amiss != entry.is_amiss:
            self._changed(key[0].address)
        return entry

    def _put(self, key: _Key, entry: RememberedMetadata, tenant: Tenant | None) -> None:
        self._entries.put(key, entry, tenant, entry.weight(*key))


def _bare(error: OperatorError) -> OperatorError:
    """Return an error without what it drags along: the answer that it is about, by its context, and its headers."""
    kept = copy.copy(error)
    if isinstance(kept, OAuthError):
        kept.challenges = ()
    return kept
