"""Places at an issuer: so many at once, each issuer its own, and none lost."""

import asyncio

import pytest

from oauthclient_operator.issuer.limits import Limits

ISSUER = "https://idp.example.com"


async def test_one_more_waits_until_somebody_leaves() -> None:
    limits, inside, leave = Limits(2), [0], asyncio.Event()

    async def visit() -> None:
        async with limits.slot(ISSUER):
            inside[0] += 1
            await leave.wait()

    visits = [asyncio.create_task(visit()) for _ in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert inside == [2]
    async with limits.slot("https://other.example.com"):
        assert inside == [2]
    leave.set()
    await asyncio.gather(*visits)
    assert inside == [3]


async def test_who_is_cancelled_or_fails_leaves_its_place() -> None:
    limits = Limits(1)
    with pytest.raises(ZeroDivisionError):
        async with limits.slot(ISSUER):
            raise ZeroDivisionError
    async with limits.slot(ISSUER):
        waiting = asyncio.create_task(limits.slot(ISSUER).__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})
    async with asyncio.timeout(1), limits.slot(ISSUER):
        pass


async def test_an_issuer_that_nobody_talks_to_costs_no_memory() -> None:
    limits = Limits(1)
    for number in range(100):
        async with limits.slot(f"https://idp{number}.example.com"):
            assert len(limits._queues) == 1
    assert not limits._queues
