"""What an exploration came to: figures, call sites, and each kind of violation by its shortest way."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.exploration.decided import DECIDED
from tests.exploration.moves import Move
from tests.exploration.sites import come_to, written


@dataclass(frozen=True, slots=True)
class Trace:
    """A way: the surprises on it, each after so many usual steps since the one before."""

    moves: tuple[tuple[int, Move], ...] = ()

    def then(self, steps: int, move: Move) -> "Trace":
        """Return the way with one more surprise."""
        return Trace((*self.moves, (steps, move)))

    @property
    def length(self) -> tuple[int, int]:
        """Return how many surprises there are, and steps."""
        return len(self.moves), sum(steps + 1 for steps, _ in self.moves)

    def __str__(self) -> str:
        return "; then ".join(f"after {n} steps {m}" for n, m in self.moves) or "nothing unusual"


@dataclass(frozen=True, slots=True)
class Violation:
    """What was found, where, and how it comes about."""

    kind: str
    scenario: str
    trace: Trace


@dataclass
class Found:
    """Figures and violations; `sites` are the call sites that were come to, `hit` those at which a fault was made."""

    states: int = 0
    runs: int = 0
    depth: int = 0
    kinds: dict[str, Violation] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    sites: set[str] = field(default_factory=set)
    hit: set[tuple[str, str]] = field(default_factory=set)
    missed: set[tuple[str, str]] = field(default_factory=set)

    def take(self, violation: Violation) -> None:
        """Keep a violation, unless one that is as short is known of its kind."""
        kind = violation.kind
        self.counts[kind] = self.counts.get(kind, 0) + 1
        before = self.kinds.get(kind)
        if before is None or before.trace.length > violation.trace.length:
            self.kinds[kind] = violation

    def undecided(self) -> list[Violation]:
        """Return the violations of which nothing is decided."""
        return [violation for kind, violation in self.kinds.items() if kind not in DECIDED]

    def lines(self) -> Iterator[str]:
        """Iterate over what is to be said of it: figures, and what was come to of the kinds that are decided."""
        tried = {(site.partition(" < ")[0], fault) for site, fault in self.hit}
        yield (
            f"{self.states} states, depth {self.depth}, {self.runs} runs, "
            f"{len(come_to(self.all_sites()))} of {len(written())} call sites, {len(tried)} call sites x faults"
        )
        for kind, why in DECIDED.items():
            if kind in self.counts:
                yield f"decided, {self.counts[kind]} times: {kind} ({why})"

    def all_sites(self) -> set[str]:
        """Return every call site that was come to, with who called it."""
        return self.sites | {site for site, _ in self.hit}

    def add(self, other: "Found") -> None:
        """Take in what another exploration came to."""
        self.states += other.states
        self.runs += other.runs
        self.depth = max(self.depth, other.depth)
        for kind, violation in other.kinds.items():
            self.take(violation)
            self.counts[kind] += other.counts[kind] - 1
        self.sites |= other.sites
        self.hit |= other.hit
        self.missed |= other.missed
