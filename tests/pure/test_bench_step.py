"""The benchmark's step-up: which steps are taken, when it ends, and what is said of them."""

import asyncio

import pytest

from bench.load import Times
from bench.step import Step, climb, lines

MB = 1 << 20


def took(count: int, before: int, *, seconds: float | None) -> Step:
    times = None if seconds is None else Times(total=seconds, first=seconds, each=[seconds] * count)
    return Step(count=count, before=before, times=times, cpu=count / 100, resident=100 * MB, peak=120 * MB)


def climbed(*, breaks_at: int, first: int = 500, most: int = 1 << 20) -> list[Step]:
    async def take(count: int, before: int) -> Step:
        return took(count, before, seconds=None if count >= breaks_at else count / 50)

    return asyncio.run(climb(take, first, most))


def test_each_step_is_twice_the_one_before_until_one_does_not_converge() -> None:
    steps = climbed(breaks_at=3000)
    assert [(s.count, s.before, s.converged) for s in steps] == [
        (500, 0, True),
        (1000, 500, True),
        (2000, 1500, True),
        (4000, 3500, False),
    ]
    assert list(lines(steps))[-1] == "4000 new clients beside 3500 did not converge"


@pytest.mark.parametrize("breaks_at", [1, 500])
def test_the_first_step_can_be_the_last(breaks_at: int) -> None:
    steps = climbed(breaks_at=breaks_at)
    assert [s.count for s in steps] == [500]
    assert list(lines(steps))[-1] == "500 new clients beside 0 did not converge"


def test_it_ends_though_every_step_converges() -> None:
    steps = climbed(breaks_at=1 << 30, most=2000)
    assert [s.count for s in steps] == [500, 1000, 2000]
    assert list(lines(steps))[-1] == "every step converged: 3500 clients"


def test_a_row_says_what_a_step_took() -> None:
    head, first, last, _ = lines(climbed(breaks_at=1000))
    assert head.split() == [
        "new",
        "beside",
        "all",
        "Ready,",
        "s",
        "a",
        "second",
        "p99,",
        "s",
        "CPU,",
        "ms",
        "MB",
        "peak",
    ]
    assert first.split() == ["500", "0", "10.0", "50.0", "10.0", "10.0", "100.0", "120.0"]
    assert last.split() == ["1000", "500", "no", "-", "-", "10.0", "100.0", "120.0"]
