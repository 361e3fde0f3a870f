"""What was measured, as people read it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from .changes import Change
from .sides import Measured

_WRITES = ("create", "patch", "update", "delete")
_SHOWN = 0.05
"""Milliseconds; what used less is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """A start with clients that are Ready: seconds, and what it asked for."""

    clients: int
    at_work: float
    serving: float
    """Until a client that was applied meanwhile was Ready, by name the last."""
    cpu: float
    """Until then."""
    peak: int
    """The most bytes that it ever held until then."""
    requests: Counter[str]
    posts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Bytes that the operator held, its garbage collected each time."""

    empty: int
    """With none but one client."""
    loaded: int
    """With `clients` more Ready, and still the connections and buffers of the load that made them."""
    peak: int
    """The most that it ever held meanwhile."""
    restarted: int
    """After a restart with those, and a quiet minute."""
    clients: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """A minute in which nothing happened."""

    requests: Counter[str]
    at_issuer: int
    cpu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything, in the order in which it was measured."""

    operator: Sequence[Measured]
    floor: Sequence[Measured]
    memory: Memory
    restart: Restart
    quiet: Quiet
    changes: Sequence[Change]

    @property
    def ratio(self) -> float:
        """T_ready/T_floor."""
        return _total(self.operator) / _total(self.floor)

    @property
    def cpu_ratio(self) -> float:
        """The same by the CPU of all parts together, which other work on the machine lengthens less."""
        operator, floor = (sum(sum(run.cpu.values()) for run in side) for side in self._sides)
        return operator / floor

    def lines(self) -> Iterator[str]:
        """Yield the table, and as the last line the ratio."""
        yield f"{'':34}{'operator':>12}{'bare client':>14}"
        yield from self._times()
        yield from self._requests()
        yield from self._cpu()
        yield from self._at_rest()
        for change in self.changes:
            yield from change.lines()
        yield f"ratio by CPU {self.cpu_ratio:.2f}"
        yield f"ratio {self.ratio:.2f}"

    def _times(self) -> Iterator[str]:
        yield _row("all Ready after, s", _total(self.operator), _total(self.floor))
        for runs in zip(self.operator, self.floor, strict=True):
            yield _row("  in one run", *(run.times.total for run in runs))
        yield _row("first apply to first Ready, s", *(median(run.times.first for run in side) for side in self._sides))
        for percent in (50, 99):
            values = (median(run.times.percentile(percent) for run in side) for side in self._sides)
            yield _row(f"apply to Ready, p{percent}, s", *values)

    def _requests(self) -> Iterator[str]:
        both = [sum((run.requests for run in side), Counter[str]()) for side in self._sides]
        kinds = {"writes": _writes, "dry runs": _dry_runs, "Events": _events, "reads": _reads}
        for kind, number in kinds.items():
            yield _row(f"{kind} per client", *(number(requests) / self._clients for requests in both))
        yield _row("POSTs per client", *(sum(run.posts for run in side) / self._clients for side in self._sides))

    def _cpu(self) -> Iterator[str]:
        """Tell where the time goes, if all cores are busy."""
        names = sorted({name for side in self._sides for run in side for name in run.cpu})
        parts = {
            name: [1000 * sum(run.cpu.get(name, 0.0) for run in side) / self._clients for side in self._sides]
            for name in names
        }
        yield _row("CPU per client, ms", *(sum(each[side] for each in parts.values()) for side in (0, 1)))
        for name, each in parts.items():
            if max(each) >= _SHOWN:
                yield _row(f"  {name}", *each)

    def _at_rest(self) -> Iterator[str]:
        memory, restart, quiet = self.memory, self.restart, self.quiet
        yield (
            f"memory: {_mb(memory.empty)} empty, {_mb(memory.loaded)} with {memory.clients} more Ready "
            f"(at most {_mb(memory.peak)}), {_mb(memory.restarted)} after a restart with those"
        )
        yield f"memory per Ready client: {(memory.restarted - memory.empty) / memory.clients / 1024:.2f} KB"
        yield (
            f"a restart with {restart.clients} Ready: at work after {restart.at_work:.2f} s, "
            f"a new client Ready after {restart.serving:.2f} s, {restart.posts} POSTs for others; "
            f"CPU {restart.cpu:.2f} s, at most {_mb(restart.peak)}"
        )
        yield f"  it asked for: {_listed(restart.requests)}"
        yield f"a quiet minute: {_listed(quiet.requests)}; at the issuer {quiet.at_issuer}; CPU {quiet.cpu:.2f} s"

    @property
    def _sides(self) -> tuple[Sequence[Measured], Sequence[Measured]]:
        return self.operator, self.floor

    @property
    def _clients(self) -> int:
        """The clients of all runs of one side."""
        return sum(run.count for run in self.operator)


def _total(side: Sequence[Measured]) -> float:
    return median(m.times.total for m in side)


def _row(what: str, operator: float, floor: float) -> str:
    return f"{what:34}{operator:12.2f}{floor:14.2f}"


def _writes(requests: Counter[str]) -> int:
    return sum(n for what, n in requests.items() if what.startswith(_WRITES)) - _dry_runs(requests) - _events(requests)


def _dry_runs(requests: Counter[str]) -> int:
    return sum(n for what, n in requests.items() if "dry run" in what)


def _events(requests: Counter[str]) -> int:
    return requests["create events"]


def _reads(requests: Counter[str]) -> int:
    return sum(n for what, n in requests.items() if not what.startswith((*_WRITES, "watch")))


def _listed(requests: Counter[str]) -> str:
    return ", ".join(f"{what} {number}" for what, number in sorted(requests.items()) if number) or "nothing"


def _mb(size: int) -> str:
    return f"{size / (1 << 20):.1f} MB"
