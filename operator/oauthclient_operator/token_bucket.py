"""A token bucket as one value: so much at once, so much in the long run; and one for each of many.

Whoever uses it brings the clock.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenBucket:
    """`rate` tokens come in a second, up to `burst`; `full_at` is when it will be full if nothing more is taken.

    That one time says all (the generic cell rate algorithm): no token is counted, and nothing has to be filled up.
    """

    rate: float
    burst: int
    full_at: float = 0.0

    def wait(self, now: float) -> float:
        """Return in how many seconds there is a token, 0 if there is one now."""
        return max(0.0, self.full_at - now - (self.burst - 1) / self.rate)

    def taken(self, now: float) -> "TokenBucket":
        """Return the bucket with a token less; where there is none, it is owed."""
        return TokenBucket(rate=self.rate, burst=self.burst, full_at=max(self.full_at, now) + 1 / self.rate)


class TokenBuckets(Generic[Key]):
    """A bucket for each key; nothing is remembered of one that took little, or long ago."""

    def __init__(self, *, rate: float, burst: int) -> None:
        self._full = TokenBucket(rate=rate, burst=burst)
        self._buckets: dict[Key, TokenBucket] = {}
        self._tidy_at = 64

    def __len__(self) -> int:
        """Return of how many something is remembered."""
        return len(self._buckets)

    def wait(self, key: Key, now: float) -> float:
        """Return in how many seconds there is a token for a key, 0 if there is one now."""
        bucket = self._buckets.get(key)
        return 0.0 if bucket is None else bucket.wait(now)

    def take(self, key: Key, now: float) -> None:
        """Take a token of a key's; where there is none, it is owed."""
        self._buckets[key] = self._buckets.get(key, self._full).taken(now)
        if len(self._buckets) >= self._tidy_at:
            self._buckets = {k: b for k, b in self._buckets.items() if b.full_at > now}
            self._tidy_at = 64 + 2 * len(self._buckets)
