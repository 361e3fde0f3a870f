"""A token bucket as one value: so much at once, so much in the long run; whoever uses it brings the clock."""

from dataclasses import dataclass


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
