"""The rate limiter: a rate, a burst, so many at once, and no wait without an end."""

import asyncio
import itertools

import pytest

from oauthclient_operator.cluster.rate_limiter import (
    CONCURRENCY,
    LASTING,
    LONGEST_PAUSE,
    LONGEST_WAIT,
    PER_TENANT,
    RateLimiter,
)
from oauthclient_operator.errors import ClusterError
from oauthclient_operator.loop_time import METER, Meter
from tests.pure.virtual_time import in_virtual_time, now


async def asks(
    rate_limiter: RateLimiter, begun: list[float], *, tenant: object = None, urgent: bool = False, seconds: float = 0.0
) -> bool:
    """Make a request that takes its time, and say whether it was sent; without a tenant each is somebody else's."""
    METER.set(Meter(group=tenant or object()))
    try:
        async with rate_limiter.turn(urgent=urgent):
            begun.append(now())
            await asyncio.sleep(seconds)
    except ClusterError:
        return False
    return True


def test_a_burst_goes_at_once_and_the_rest_by_the_rate() -> None:
    async def main() -> list[float]:
        begun: list[float] = []
        rate_limiter = RateLimiter(10, 20, clock=now)
        assert all(await asyncio.gather(*(asks(rate_limiter, begun) for _ in range(50))))
        return begun

    begun = in_virtual_time(main())
    assert begun[:20] == [0.0] * 20
    assert begun[20:] == pytest.approx([0.1 * n for n in range(1, 31)])


def test_who_would_wait_too_long_is_told_at_once_and_costs_nothing() -> None:
    async def main() -> None:
        begun: list[float] = []
        rate_limiter = RateLimiter(1, 1, clock=now)
        sent = await asyncio.gather(*(asks(rate_limiter, begun) for _ in range(100)))
        assert sum(sent) == LONGEST_WAIT
        assert now() == LONGEST_WAIT - 1
        assert await asks(rate_limiter, begun)
        assert now() == LONGEST_WAIT

    in_virtual_time(main())


def test_the_urgent_never_wait_and_are_counted() -> None:
    async def main() -> None:
        begun: list[float] = []
        rate_limiter = RateLimiter(10, 1, clock=now)
        rate_limiter.pause(5)
        assert all(await asyncio.gather(*(asks(rate_limiter, begun, urgent=True) for _ in range(60))))
        assert now() == 0
        assert await asks(rate_limiter, begun)
        assert now() == pytest.approx(6.0), "the others make up for it"

    in_virtual_time(main())


def test_not_more_than_so_many_are_without_an_answer() -> None:
    async def main() -> None:
        begun: list[float] = []
        rate_limiter = RateLimiter(1000, 1000, clock=now)
        each = (asks(rate_limiter, begun, seconds=1) for _ in range(CONCURRENCY + 5))
        await asyncio.gather(*map(asyncio.create_task, each))
        assert begun == [0.0] * CONCURRENCY + [1.0] * 5

    in_virtual_time(main())


def test_what_a_tenant_asks_in_one_moment_does_not_stand_before_what_another_asks() -> None:
    async def main() -> tuple[list[float], list[float]]:
        many: list[float] = []
        one: list[float] = []
        rate_limiter = RateLimiter(1000, 1000, clock=now)
        of_many = (asks(rate_limiter, many, tenant="many", seconds=1) for _ in range(CONCURRENCY))
        await asyncio.gather(*map(asyncio.create_task, of_many), asyncio.create_task(asks(rate_limiter, one)))
        return many, one

    many, one = in_virtual_time(main())
    assert one == [0.0]
    assert many == [float(n // PER_TENANT) for n in range(CONCURRENCY)]


def test_requests_that_hang_are_not_waited_for_without_end() -> None:
    async def main() -> None:
        begun: list[float] = []
        rate_limiter = RateLimiter(1000, 1000, clock=now)
        # Those of two rounds go: the second when the first have hung for long.
        hanging = [asyncio.create_task(asks(rate_limiter, begun, seconds=100)) for _ in range(3 * CONCURRENCY)]
        await asyncio.sleep(0)
        assert not await asks(rate_limiter, begun)
        assert now() == LONGEST_WAIT
        assert begun == [0.0] * CONCURRENCY + [LASTING] * CONCURRENCY
        assert await asks(rate_limiter, begun, urgent=True)
        await asyncio.gather(*hanging)

    in_virtual_time(main())


def test_writes_that_are_held_in_two_namespaces_are_waited_for_for_seconds_in_a_third_one() -> None:
    async def main() -> tuple[int, list[float]]:
        held: list[float] = []
        one: list[float] = []
        rate_limiter = RateLimiter(1000, 1000, clock=now)

        async def write_again_and_again(tenant: str) -> None:
            while now() < 120:
                await asks(rate_limiter, held, tenant=tenant, seconds=35)

        held_up = [asyncio.create_task(write_again_and_again(tenant)) for tenant in ("a", "b") for _ in range(96)]
        await asyncio.sleep(1)
        sent = [await asks(rate_limiter, one, tenant="one", seconds=0.1) for _ in range(500)]
        await asyncio.gather(*held_up)
        return sent.count(False), one

    not_sent, one = in_virtual_time(main())
    assert not_sent == 0
    longest = max(after - before for before, after in itertools.pairwise([1.0, *one]))
    assert longest == pytest.approx(LASTING + 0.1), "after the one before it, which took a tenth of a second"
    assert one[-1] < 60


def test_after_a_pause_no_more_go_on_at_once_than_before_it() -> None:
    async def main() -> list[float]:
        begun: list[float] = []
        rate_limiter = RateLimiter(1000, 1000, clock=now)
        asking = [asyncio.create_task(asks(rate_limiter, begun, seconds=0.1)) for _ in range(5 * CONCURRENCY)]
        await asyncio.sleep(0.05)
        rate_limiter.pause(LASTING + 3)
        assert all(await asyncio.gather(*asking))
        return begun

    begun = in_virtual_time(main())
    back = 0.05 + LASTING + 3
    assert sum(back <= at < back + 0.1 for at in begun) == CONCURRENCY


@pytest.mark.parametrize(("asked", "pause"), [(None, 1.0), (7.0, 7.0), (3600.0, LONGEST_PAUSE)])
def test_a_pause_is_as_long_as_asked_within_bounds(asked: float | None, pause: float) -> None:
    async def main() -> None:
        begun: list[float] = []
        rate_limiter = RateLimiter(clock=now)
        rate_limiter.pause(asked)
        rate_limiter.pause(0.5)
        assert await asks(rate_limiter, begun) == (pause <= LONGEST_WAIT)
        await asyncio.sleep(max(0.0, pause - now()))
        assert await asks(rate_limiter, begun)
        assert begun[0] == pause

    in_virtual_time(main())


def test_who_is_cancelled_releases_its_slot() -> None:
    async def main() -> None:
        begun: list[float] = []
        rate_limiter = RateLimiter(1000, 1000, clock=now)
        for _ in range(2 * CONCURRENCY):
            task = asyncio.create_task(asks(rate_limiter, begun, seconds=100))
            await asyncio.sleep(0.01)
            task.cancel()
            await asyncio.wait({task})
        assert await asks(rate_limiter, begun)

    in_virtual_time(main())


def test_who_waits_already_keeps_a_pause_that_is_asked_for_meanwhile() -> None:
    async def main() -> list[float]:
        begun: list[float] = []
        rate_limiter = RateLimiter(10, 1, clock=now)
        asked = [asyncio.create_task(asks(rate_limiter, begun)) for _ in range(5)]
        await asyncio.sleep(0.15)
        rate_limiter.pause(3)
        assert all(await asyncio.gather(*asked))
        rate_limiter.pause(2)
        late = asyncio.create_task(asks(rate_limiter, begun))
        await asyncio.sleep(1)
        rate_limiter.pause(LONGEST_PAUSE)
        assert not await late
        assert len(rate_limiter._slots._places) == 0, "who gave up holds nothing"
        return begun

    begun = in_virtual_time(main())
    assert begun == pytest.approx([0.0, 0.1, 3.15, 3.15, 3.15])
