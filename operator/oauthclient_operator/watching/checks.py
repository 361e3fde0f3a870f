"""What is known of Secrets where they may not be watched: each is looked at by its name, once per interval.

One look after the other, so that they are never in the way of what has to be done; their times are spread over the
interval, so that neither a start nor a thousand resources applied at once come back as a burst. Where more are due than
can be looked at, tenants take turns: one that has many waits for its own, and nobody else does.
"""

import asyncio
import heapq
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Final, NamedTuple

from ..cluster.metadata import Key, identity, metadata_of
from ..errors import ClusterError, RequestRefused
from ..fair_queue import FairQueue
from ..oauth.json_object import JSON
from ..plan.observed import Unread
from ..resource.secret import SecretMetadata

_LOG = logging.getLogger(__name__)
_SHORTEST: Final = 0.9
_LONGEST: Final = 1.1
"""Of the interval: what was looked at together is spread out again."""
_FEW: Final = 64
_PAUSE: Final = 1.0
"""Seconds after which what is newly followed is seen, at the latest."""


class SecretChecks:
    """The Secrets that resources refer to, by their metadata.

    What nobody has looked at yet is taken to be as the resource's status says of it, so that a start asks nothing.
    With `per_second` no more are looked at than so many: who has more than its turns come to waits longer.
    `on_change(namespace, name)` is called for what a look found to be otherwise than known. What `is_watched` by others
    needs no look, and takes no turn.
    """

    def __init__(
        self,
        read: Callable[[str, str], Awaitable[dict[str, JSON] | None]],
        *,
        interval: float,
        per_second: float | None = None,
        on_change: Callable[[str, str], None],
        is_watched: Callable[[str, str], bool] = lambda _namespace, _name: False,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._read = read
        self._interval = interval
        self._spacing = 0.0 if per_second is None else 1 / per_second
        self._on_change = on_change
        self._is_watched = is_watched
        self._chance = chance
        self._followed: dict[Key, tuple[Key, ...]] = {}
        self._followers: Counter[Key] = Counter()
        self._known: dict[Key, _Seen] = {}
        self._due: dict[Key, float] = {}
        self._turns: list[tuple[float, Key]] = []

    def get(self, namespace: str, name: str) -> SecretMetadata | Unread | None:
        """Return what is known of a Secret: None if there is none, Unread if nobody has looked at it."""
        seen = self._known.get((namespace, name))
        return Unread() if seen is None else seen.metadata

    def follow(self, resource: Key, secrets: Mapping[Key, SecretMetadata | None]) -> Collection[Key]:
        """Look at these Secrets of a resource from now on, and at no other; what its status says of each is given.

        Return those that are otherwise than known by that: the next look finds nothing new, so others are to be told.
        """
        before = self._followed.pop(resource, ())
        self._followers.update(secrets.keys())
        self._followers.subtract(before)
        for key in before:
            if not self._followers[key]:
                del self._followers[key], self._due[key]
                self._known.pop(key, None)
        if secrets:
            self._followed[resource] = tuple(secrets)
        otherwise = []
        for key, said in secrets.items():
            if key not in self._due:
                self._set(key, self._interval * self._chance())
            if said is not None and said.resource_version.isdecimal():
                is_known = key in self._known
                if self._take(key, _Seen(said, int(said.resource_version))) and is_known:
                    otherwise.append(key)
        return otherwise

    def follows(self, resource: Key, secret: Key) -> bool:
        """Whether a Secret is looked at for that resource."""
        return secret in self._followed.get(resource, ())

    def offer(self, body: Mapping[str, JSON]) -> bool:
        """Take a Secret that was written, if it is newer than what is known; return whether it was taken.

        The next look finds nothing new then, so others who have to do with it are to be told. Not what a pass has read.
        """
        key, seen = _seen(body)
        return key in self._due and self._take(key, seen)

    async def run(self) -> None:
        """Look at one after the other until cancelled."""
        for key in self._due:
            # Whoever begins to lead has followed them for long, and all of them would be due.
            self._set(key, self._interval * self._chance())
        due, next_at = FairQueue[Key](), 0.0
        while True:
            now = asyncio.get_running_loop().time()
            self._ripen(due, now)
            if not due or now < next_at:
                # Whoever is due by then has its turn, too.
                soonest = next_at if due else self._turns[0][0] if self._turns else now + _PAUSE
                await asyncio.sleep(min(_PAUSE, soonest - now))
                continue
            key = due.next()
            if key in self._due:
                next_at = now + self._spacing
                self._set_anew(key)
                await self._look(key)
            due.done(key, 0.0)

    def _ripen(self, due: FairQueue[Key], now: float) -> None:
        """Put what is due into the queue, by its namespace."""
        if len(due) > 2 * len(self._due) + _FEW:
            # What nobody refers to any more.
            due.clear()
            self._turns = [(at, key) for key, at in self._due.items()]
            heapq.heapify(self._turns)
        while self._turns and self._turns[0][0] <= now:
            at, key = heapq.heappop(self._turns)
            if self._due.get(key) != at or key in due:
                continue
            if self._is_watched(*key):
                self._set_anew(key)
            else:
                due.add(key, key[0], None)

    async def _look(self, key: Key) -> None:
        before = self._known.get(key)
        try:
            body = await self._read(*key)
        except RequestRefused:
            # Not for us to read any more: nothing is known of it, and a pass will find out and say why.
            body = None
        except ClusterError as error:
            _LOG.warning("a Secret could not be looked at", extra={"secret": "/".join(key), "why": str(error)})
            return
        if key not in self._due or self._known.get(key) is not before:
            # A write of our own was faster; the next look tells.
            return
        # Of one that is gone the version stays, or what the status says of it would bring it back.
        after = _Seen(None, before.version if before is not None else -1) if body is None else _seen(body)[1]
        if after != before:
            self._known[key] = after
            self._on_change(*key)

    def _take(self, key: Key, seen: "_Seen") -> bool:
        known = self._known.get(key)
        if known is not None and seen.version <= known.version:
            return False
        self._known[key] = seen
        return True

    def _set_anew(self, key: Key) -> None:
        self._set(key, self._interval * (_SHORTEST + (_LONGEST - _SHORTEST) * self._chance()))

    def _set(self, key: Key, delay: float) -> None:
        self._due[key] = asyncio.get_running_loop().time() + delay
        heapq.heappush(self._turns, (self._due[key], key))
        if len(self._turns) > 2 * len(self._due) + _FEW:
            # What nobody refers to any more; a standby, which looks at none, would keep them for ever.
            self._turns = [(at, key) for key, at in self._due.items()]
            heapq.heapify(self._turns)


class _Seen(NamedTuple):
    metadata: SecretMetadata | None
    version: int


def _seen(body: Mapping[str, JSON]) -> tuple[Key, _Seen]:
    metadata = metadata_of(body)
    key, _, version = identity(metadata)
    return key, _Seen(SecretMetadata.of(metadata), version)
