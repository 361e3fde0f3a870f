"""What is remembered of a resource between passes, in memory only: a recent failure, and how often it was healed.

Losing it costs a call at worst, never a client: what must not be forgotten stands in the record.
"""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ..plan.observed import Problem

LONGEST_BACKOFF: Final = timedelta(minutes=5)
HEALS_FORGOTTEN_AFTER: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """One resource's short memory; `basis` is what, if it changes, makes a held failure worth another try."""

    basis: object = None
    failures: int = 0
    held: Problem | None = None
    heals: int = 0
    healed_at: datetime | None = None

    def seen(self, basis: object, now: datetime) -> "Memory":
        """Return what is still worth remembering when `basis` is so."""
        memory = self if basis == self.basis else replace(self, basis=basis, failures=0, held=None)
        if memory.held is not None and memory.held.until is not None and now >= memory.held.until:
            memory = replace(memory, held=None)
        if memory.healed_at is not None and now > memory.healed_at + HEALS_FORGOTTEN_AFTER:
            memory = replace(memory, heals=0, healed_at=None)
        return memory

    def failed(self, problem: Problem, now: datetime, first: timedelta) -> "Memory":
        """Remember a failure: for a backoff with jitter that doubles each time, until its time, or until a change."""
        until = problem.until
        if problem.backoff:
            longest = min(first * 2 ** min(self.failures, 16), LONGEST_BACKOFF)
            backoff = now + longest * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret
            # A server's Retry-After only lengthens it.
            until = backoff if until is None else max(until, backoff)
        held = Problem(problem.verdict, until=until)
        return replace(self, failures=self.failures + 1, held=held)

    def succeeded(self) -> "Memory":
        """Forget failures."""
        return replace(self, failures=0, held=None)

    def healed(self, now: datetime) -> "Memory":
        """Count a Secret that somebody else had changed."""
        return replace(self, heals=self.heals + 1, healed_at=now)

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to remember: then forgetting it changes nothing."""
        return not self.failures and self.held is None and not self.heals

    @property
    def heal_not_before(self) -> datetime | None:
        """When the Secret may be healed again: at once the first times, then less and less often."""
        if self.healed_at is None or self.heals < 3:
            return None
        return self.healed_at + min(timedelta(seconds=2 ** min(self.heals, 16)), LONGEST_BACKOFF)
