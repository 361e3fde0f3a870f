"""What is remembered of a key between passes, in memory only: recent failures, and how often its Secret was put right.

Losing it costs a call at worst, never a client: what must not be forgotten stands in the record.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from ..plan.observed import Failures, Held
from ..verdict import Verdict

HEALS_FORGOTTEN_AFTER: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """One key's short memory; `basis` is what, if it changes, makes a held failure worth another try."""

    basis: object = None
    failures: Failures = field(default_factory=Failures)
    held: Held | None = None
    heals: int = 0
    healed_at: datetime | None = None
    rests_until: datetime | None = None
    said: Verdict | None = None
    """Of a record whose resource is gone: what the log was told last."""

    def seen(self, basis: object, now: datetime) -> "Memory":
        """Return what is still worth remembering when `basis` is so."""
        memory = self
        if basis != self.basis:
            memory = replace(self, basis=basis, failures=Failures(), held=None, rests_until=None)
        if memory.held is not None and memory.held.until is not None and now >= memory.held.until:
            memory = replace(memory, held=None)
        if memory.healed_at is not None and now > memory.healed_at + HEALS_FORGOTTEN_AFTER:
            memory = replace(memory, heals=0, healed_at=None)
        return memory

    def counted(self, chance: float) -> "Memory":
        """Count a failure."""
        return replace(self, failures=Failures(in_a_row=self.failures.in_a_row + 1, chance=chance))

    def holding(self, verdict: Verdict, until: datetime | None) -> "Memory":
        """Remember what stands in the way, and until when."""
        return replace(self, held=Held(verdict, until))

    def succeeded(self) -> "Memory":
        """Forget failures."""
        return replace(self, failures=Failures(), held=None)

    def healed(self, now: datetime) -> "Memory":
        """Count a Secret that somebody else had changed."""
        return replace(self, heals=self.heals + 1, healed_at=now)

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to remember: then forgetting it changes nothing."""
        nothing_held = self.held is None and self.rests_until is None and self.said is None
        return not self.failures.in_a_row and nothing_held and not self.heals
