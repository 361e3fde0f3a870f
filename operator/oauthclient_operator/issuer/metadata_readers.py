"""Who goes by which metadata and has made no call by them: all of them are woken when a fetch brings others.

What keeps them may be that there were none, or that those there were would not do. Where a fetch fails nobody is woken:
there is nothing to go on with. A server that tells something else each time has all looked at so often, and no more.
"""

import itertools
from collections.abc import Callable
from typing import Final

from ..oauth.metadata_source import MetadataSource
from ..reach import IssuerAddress
from ..resource.key import Key, Kind
from ..token_bucket import TokenBuckets
from .caller import Caller, Wake
from .waiting import WaitingKeys

AT_ONCE: Final = 4
SECONDS_PER_CHANGE: Final = 30.0
"""After how many changes of one issuer's metadata all are woken, at once and in the long run."""


class MetadataReaders:
    """`wake` is called with the key of each; `clock` is in seconds and never jumps."""

    def __init__(self, wake: Wake, clock: Callable[[], float]) -> None:
        self._wake = wake
        self._clock = clock
        self._changes: TokenBuckets[MetadataSource] = TokenBuckets(rate=1 / SECONDS_PER_CHANGE, burst=AT_ONCE)
        self._readers: WaitingKeys[MetadataSource] = WaitingKeys()
        self._numbers = itertools.count(1)
        self._turns: dict[Key, int] = {}

    def asks(self, source: MetadataSource, caller: Caller) -> None:
        """Take note that a caller asks for metadata: what comes of that it is told, and need not be woken for."""
        self._readers.let_go(caller.key, source)

    def told(self, source: MetadataSource, caller: Caller) -> None:
        """Take note that a caller was told what there is."""
        # What is left of a deleted resource has its own time, and would look in vain.
        if caller.queues and caller.key.kind is not Kind.RECORD:
            self._readers.add(caller.key, source)

    def called(self, issuer: IssuerAddress, caller: Caller) -> None:
        """Take note that a caller called an issuer: it waits for what came of that."""
        for source in self._readers.of(caller.key):
            if source.address == issuer:
                self._readers.let_go(caller.key, source)

    def replaced(self, source: MetadataSource) -> None:
        """Wake all who go by what was there before, unless that was so often that each is to come at its own time."""
        now = self._clock()
        if self._changes.wait(source, now) > 0:
            return
        self._changes.take(source, now)
        for key in self._readers.at(source):
            self._readers.let_go(key, source)
            self._turns[key] = next(self._numbers)
            self._wake(key)

    def turns(self, key: Key) -> object:
        """Return a value that is another one once there are other metadata than those by which a key went."""
        return self._turns.get(key)

    def forget(self, key: Key) -> None:
        """Take leave of a resource that is gone."""
        self._readers.forget(key)
        self._turns.pop(key, None)
