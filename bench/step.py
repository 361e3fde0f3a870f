"""More and more new clients at once, each step twice the one before, until the operator does not keep up with one."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from .load import Times

FIRST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """So many new clients at once, beside those of the steps before."""

    count: int
    before: int
    """Clients that were Ready already."""
    times: Times | None
    """None: not all of them were Ready in time, or the operator ended."""
    cpu: float
    """Seconds of the operator's process."""
    resident: int
    """Bytes that it held at the end, and at most."""
    peak: int

    @property
    def converged(self) -> bool:
        """Whether all clients of the step became Ready."""
        return self.times is not None


async def climb(take: Callable[[int, int], Awaitable[Step]], first: int = FIRST, most: int = 1 << 20) -> list[Step]:
    """Take steps of `count` clients beside `before` others until one does not converge, or is of more than `most`."""
    steps: list[Step] = []
    count, before = first, 0
    while count <= most:
        steps.append(await take(count, before))
        if not steps[-1].converged:
            break
        count, before = 2 * count, before + count
    return steps


def lines(steps: Sequence[Step]) -> Iterator[str]:
    """Yield a table with a row for each step, and what came of it in all."""
    yield f"{'new':>8}{'beside':>8}{'all Ready, s':>14}{'a second':>10}{'p99, s':>8}{'CPU, ms':>9}{'MB':>8}{'peak':>8}"
    for step in steps:
        yield f"{step.count:8}{step.before:8}{_times(step)}{1000 * step.cpu / step.count:9.1f}{_megabytes(step)}"
    last = steps[-1]
    if last.converged:
        yield f"every step converged: {last.before + last.count} clients"
    else:
        yield f"{last.count} new clients beside {last.before} did not converge"


def _times(step: Step) -> str:
    if step.times is None:
        return f"{'no':>14}{'-':>10}{'-':>8}"
    total = step.times.total
    return f"{total:14.1f}{step.count / total:10.1f}{step.times.percentile(99):8.1f}"


def _megabytes(step: Step) -> str:
    return f"{step.resident / (1 << 20):8.1f}{step.peak / (1 << 20):8.1f}"
