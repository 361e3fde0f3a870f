"""Who goes by which metadata and waits: all of them are woken when a fetch brings others.

What keeps them may be that there were none, or that those there were would not do. Where a fetch fails nobody is woken:
there is nothing to go on with. A server that answers again may not bear them all at once, nor register anybody yet: who
has read its metadata goes first, and the others follow one by one.
"""

from collections.abc import Callable
from typing import Final

from ..oauth.metadata_source import MetadataSource
from ..resource.key import Key, Kind
from ..token_bucket import TokenBuckets
from .caller import Caller, WakeAfter
from .waiting import WaitingKeys

AT_ONCE: Final = 4
SECONDS_PER_CHANGE: Final = 30.0
"""After how many changes of one issuer's metadata all are woken, at once and in the long run."""
SPREAD: Final = 60.0
"""Seconds in which all clients are woken, as far as the two below let them be."""
SHORTEST, LONGEST = 0.1, 2.0
"""Seconds between two of them, at least and at most."""


class MetadataReaders:
    """`wake_after` is called with the key of each; `clock` is in seconds and never jumps."""

    def __init__(self, wake_after: WakeAfter, clock: Callable[[], float]) -> None:
        self._wake_after = wake_after
        self._clock = clock
        self._changes: TokenBuckets[MetadataSource] = TokenBuckets(rate=1 / SECONDS_PER_CHANGE, burst=AT_ONCE)
        self._readers: WaitingKeys[MetadataSource] = WaitingKeys()

    def asks(self, source: MetadataSource, caller: Caller) -> None:
        """Take note that a caller asks for metadata: what comes of that it is told, and need not be woken for."""
        self._readers.let_go(caller.key, source)

    def told(self, source: MetadataSource, caller: Caller) -> None:
        """Take note that a caller was told what there is."""
        # What is left of a deleted resource has its own time, and would look in vain.
        if caller.queues and caller.key.kind is not Kind.RECORD:
            self._readers.add(caller.key, source)

    def content(self, key: Key) -> None:
        """Take note that a resource waits for nothing."""
        for source in self._readers.of(key):
            self._readers.let_go(key, source)

    def replaced(self, source: MetadataSource) -> None:
        """Wake all who go by what was there before; after many changes later than at once."""
        now = self._clock()
        delay = self._changes.wait(source, now)
        if delay < SECONDS_PER_CHANGE:
            self._changes.take(source, now)
        else:
            # With those who are to be woken then.
            delay -= SECONDS_PER_CHANGE
        keys = self._readers.called(source)
        clients = [key for key in keys if key.kind is not Kind.CLUSTER_ISSUER]
        for key in keys:
            if key.kind is Kind.CLUSTER_ISSUER:
                self._wake_after(key, delay)
        between = min(max(SPREAD / (len(clients) or 1), SHORTEST), LONGEST)
        for place, key in enumerate(clients, start=1):
            self._wake_after(key, delay + place * between)

    def turns(self, key: Key) -> object:
        """Return a value that is another one once there are other metadata than those by which a key went."""
        return self._readers.turn(key)

    def forget(self, key: Key) -> None:
        """Take leave of a resource that is gone."""
        self._readers.forget(key)
