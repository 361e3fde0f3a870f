"""What is remembered of a key between passes, in memory only: recent failures, and how often its Secret was put right.

Losing it costs a call at worst, never a client: what must not be forgotten stands in the record.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from ..names import Reason
from ..oauth.proof.results import NotKnown, Unavailable
from ..plan import pauses
from ..plan.action import Wait
from ..plan.observed import Failures, Held, Left, Observed, Problem, ProofResult, Unanswered
from ..published_secret import Amendment, NewSecret, Unkept, cosmetics
from ..reach import IssuerAddress
from ..record.clients import LeftBehind
from ..record.record import Record
from ..record.summary import left_behind_due
from ..verdict.verdict import Verdict
from .asking import Asking
from .presented import LastRead, Presented


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """What an issuer's failures keep from being called there, until its time or until `turns` is another value."""

    at: IssuerAddress
    held: Held
    turns: object


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutMetadata:
    """How often in a row an issuer's metadata could not be had, or used, and for how long that is not tried again."""

    times: int
    held: Held | None

    def at(self, now: datetime) -> "WithoutMetadata":
        """Return what is still so then."""
        return replace(self, held=None) if self.held is not None and _is_over(self.held, now) else self


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """One key's short memory; `basis` is what, if it changes, makes a held failure worth another try.

    `unkept` is what was written into the published Secret and did not stay: it is not written again.
    """

    basis: object = None
    presented: LastRead = field(default_factory=LastRead)
    failures: Failures = field(default_factory=Failures)
    held: Held | None = None
    unreached: Mapping[str, Held] = field(default_factory=dict)
    """By issuer: what came to nothing there keeps no call from another one."""
    without_metadata: Mapping[str, WithoutMetadata] = field(default_factory=dict)
    """By issuer, until they are there."""
    metadata_turns: object = None
    """What is another value once there are other metadata than those by which it went."""
    held_back: Mapping[str, HeldBack] = field(default_factory=dict)
    """By issuer, for the resource's clients may be at several."""
    heals: int = 0
    healed_at: datetime | None = None
    unwritten: Verdict | None = None
    """Why the published Secret could not be written when that was tried last, if it could not."""
    unkept: Unkept = field(default_factory=Unkept)
    generation: int | None = None
    asking: Asking = field(default_factory=Asking)
    """What the last annotation asked by which a person wants whatever waits to be tried now."""
    waits: bool = False
    """Whether it is not ready: then it is to be known of the next annotation that it is a new one."""
    rests_until: datetime | None = None
    proven_at: datetime | None = None
    """When what is published was proven last, or that was tried."""
    unanswered: Unanswered | None = None
    """And since when that has told nothing."""
    left: Left | None = None
    failing_since: datetime | None = None
    """Since when each pass has come to nothing by an error of an API server that answers."""
    rehearsal: NewSecret | Amendment | None = None
    """What a dry run succeeded of, where the call that it was for has to wait for a slot."""
    said: Verdict | None = None
    """Of a record whose resource is gone: what the log was told last."""

    def seen(self, basis: object, now: datetime) -> "Memory":
        """Return what is still worth remembering when `basis` is so."""
        memory = self
        if basis != self.basis:
            memory = replace(
                self,
                basis=basis,
                failures=Failures(),
                held=None,
                unreached={},
                without_metadata={},
                held_back={},
                rests_until=None,
            )
        if memory.held is not None and _is_over(memory.held, now):
            memory = replace(memory, held=None)
        if any(_is_over(held, now) for held in memory.unreached.values()):
            memory = replace(memory, unreached={at: h for at, h in memory.unreached.items() if not _is_over(h, now)})
        if memory.without_metadata:
            memory = replace(memory, without_metadata={at: w.at(now) for at, w in memory.without_metadata.items()})
        if memory.healed_at is not None and now > memory.healed_at + pauses.HEALS_FORGOTTEN_AFTER:
            memory = replace(memory, heals=0, healed_at=None)
        return memory

    def knowing(self, presented: Presented, of: object) -> "Memory":
        """Return the same where those versions are known of what a registration presents, and of which Secrets."""
        return replace(self, presented=self.presented.knowing(presented, of))

    def reading(self, presented: Presented, basis: object) -> "Memory":
        """Return the same where a pass has read those versions, of which `basis` is."""
        memory = replace(self, basis=basis, presented=self.presented._replace(read=presented))
        if not self.presented.is_changed_by(presented):
            return memory
        # What is known of them will be no other then, and would have what is held at another issuer forgotten.
        return replace(memory, held=None, unreached={})

    def turned(self, turns: Callable[[IssuerAddress], object], now: datetime) -> "Memory":
        """Forget what held back at an issuer if its time is over or `turns` of that issuer tells that it may go on."""
        if not self.held_back:
            return self
        return replace(
            self,
            held_back={
                issuer: back
                for issuer, back in self.held_back.items()
                if (back.held.until is None or now < back.held.until) and back.turns == turns(back.at)
            },
        )

    def reading_anew(self, metadata_turns: object) -> "Memory":
        """Forget that there were no metadata, of whichever issuer, if that tells of others; but nothing of calls."""
        if metadata_turns == self.metadata_turns:
            return self
        return replace(self, metadata_turns=metadata_turns, without_metadata={})

    def having_metadata(self, issuer: str) -> "Memory":
        """Return the same where an issuer's metadata are there."""
        if issuer not in self.without_metadata:
            return self
        return replace(self, without_metadata={at: w for at, w in self.without_metadata.items() if at != issuer})

    def asked(self, retry: str | None, generation: int, now: datetime) -> "Memory":
        """Forget what did not stay or was not answered, and how often, if a person asks for something else, or now."""
        # One that was there when this process looked first may have been served long ago.
        asking = Asking(value=retry) if self.generation is None else self.asking.heard(retry, now)
        if generation == self.generation and asking == self.asking:
            return self
        memory = replace(self, generation=generation, asking=asking)
        return replace(memory, heals=0, healed_at=None, unkept=Unkept(), unanswered=None)

    def counted(self, chance: float) -> "Memory":
        """Count a failure."""
        return replace(self, failures=Failures(in_a_row=self.failures.in_a_row + 1, chance=chance))

    def waiting(self, wait: Wait, chance: float) -> "Memory":
        """Remember how a pass ended; the same failure is not tried again before its time, whatever else wakes it."""
        memory, problem = self, wait.failed
        if problem is not None and problem.of_metadata:
            memory = self.lacking_metadata(problem, wait.until)
        elif problem is not None:
            memory = self.counted(chance).holding(problem, wait.until)
        return replace(memory, waits=wait.verdict.reason is not Reason.REGISTERED)

    def lacking_metadata(self, problem: Problem, until: datetime | None) -> "Memory":
        """Count that an issuer's metadata could not be had, and remember it until then; no call failed."""
        issuer, without = problem.issuer or "", WithoutMetadata(times=1, held=Held(problem.verdict, until))
        if (before := self.without_metadata.get(issuer)) is not None:
            without = replace(without, times=before.times + 1)
        return replace(self, without_metadata={**self.without_metadata, issuer: without})

    @property
    def unread(self) -> Mapping[str, int]:
        """By issuer, how often in a row its metadata could not be had."""
        return {issuer: without.times for issuer, without in self.without_metadata.items()}

    def holding(self, problem: Problem, until: datetime | None) -> "Memory":
        """Remember what stands in the way, and until when."""
        held = Held(problem.verdict, until)
        if problem.issuer is None:
            return replace(self, held=held)
        return replace(self, unreached={**self.unreached, problem.issuer: held})

    @property
    def held_at(self) -> Mapping[str, Held]:
        """By issuer, what keeps calls from it alone."""
        without = {issuer: w.held for issuer, w in self.without_metadata.items() if w.held is not None}
        return {**without, **{issuer: back.held for issuer, back in self.held_back.items()}, **self.unreached}

    def holding_back(self, at: IssuerAddress, held: Held, turns: object) -> "Memory":
        """Remember that nothing is begun with an issuer, and what it would tell if something may be.

        What may be begun sooner than another thing is what is waited for.
        """
        back = self.held_back.get(at.issuer)
        if back is not None and (back.at, back.turns) == (at, turns) and _is_sooner(back.held, held):
            return self
        return replace(self, held_back={**self.held_back, at.issuer: HeldBack(at=at, held=held, turns=turns)})

    def proven(self, result: ProofResult, now: datetime) -> "Memory":
        """Remember that what is published was proven, or that it was tried, and whether that told anything."""
        match result:
            case NotKnown() | Unavailable():
                since = self.unanswered.since if self.unanswered is not None else now
                why = result.why if isinstance(result, Unavailable) else None
                return replace(self, proven_at=now, unanswered=Unanswered(since, why))
            case _:
                return replace(self, proven_at=now, unanswered=None)

    def having_read(self, record: Record) -> "Memory":
        """Remember when the next client is tried that the resource of that record left behind, if it left any."""
        if record.untold is None and not any(isinstance(client.end, LeftBehind) for client in record.clients):
            return replace(self, left=None)
        dates = (left_behind_due(record, client) for client in record.clients)
        return replace(self, left=Left(min((at for at in dates if at is not None), default=None)))

    def succeeded(self, issuer: str) -> "Memory":
        """Forget failures, but for those at other issuers."""
        unreached = {at: held for at, held in self.unreached.items() if at != issuer}
        return replace(self, failures=Failures(), held=None, unreached=unreached)

    def written(self, seen: Observed) -> "Memory":
        """Remember what came of a write of the published Secret."""
        why_not = None if seen.publication is None else seen.publication.verdict
        return replace(self, unkept=seen.unkept, unwritten=why_not)

    def healed(self, now: datetime, write: NewSecret | Amendment | None = None) -> "Memory":
        """Count what somebody else had changed; labels and annotations are put right so often, and not for ever."""
        last = write is not None and self.heals + 1 >= pauses.HEALS_AT_ONCE
        unkept = self.unkept | cosmetics(write) if last and write is not None else self.unkept
        return replace(self, heals=self.heals + 1, healed_at=now, unkept=unkept)

    @property
    def why(self) -> str | None:
        """What is held, in words, if anything is."""
        held = (self.held, *self.held_at.values())
        return next((h.verdict.message for h in held if h is not None), None)

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to remember: then forgetting it changes nothing."""
        nothing_held = (
            self.proven_at is None
            and self.held is None
            and not self.held_at
            and not self.without_metadata
            and self.rests_until is None
            and self.said is None
            and self.rehearsal is None
            and self.failing_since is None
            and self.left is None
            and not self.waits
            and self.presented.at_first == self.presented.known
        )
        return not self.failures.in_a_row and nothing_held and not self.heals and not len(self.unkept)


def _is_sooner(held: Held, other: Held) -> bool:
    return held.until is not None and (other.until is None or held.until < other.until)


def _is_over(held: Held, now: datetime) -> bool:
    return held.until is not None and now >= held.until
