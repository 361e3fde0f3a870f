"""Metadata are fetched once for all who want them, and again when they are old."""

import asyncio
import functools
import gc
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from oauthclient_operator.errors import (
    DiscoveryFailed,
    IssuerBusy,
    IssuerUnavailable,
)
from oauthclient_operator.issuer.discovery_cache import (
    TIME_TO_LIVE,
)
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.oauth.rfc8414 import DiscoveryForm
from oauthclient_operator.resource.key import oauth_client
from tests.wire.issuer.cached import ISSUER, SOURCE, Issuers, metadata
from tests.wire.issuer.conftest import Clock


@pytest.fixture
def issuers(clock: Clock) -> Issuers:
    return Issuers(clock)


async def test_D13_metadata_are_used_again_until_they_are_old(issuers: Issuers, clock: Clock) -> None:
    for seconds, fetches in ((0, 1), (TIME_TO_LIVE - 1, 1), (2, 2)):
        clock.now += seconds
        assert await issuers.cache.metadata(SOURCE) == metadata(ISSUER)
        assert len(issuers.asked) == fetches


async def test_who_needs_younger_metadata_gets_them_and_all_others_too(issuers: Issuers, clock: Clock) -> None:
    await issuers.cache.metadata(SOURCE)
    clock.now += 60
    await issuers.cache.metadata(SOURCE, max_age=61)
    assert len(issuers.asked) == 1
    await issuers.cache.metadata(SOURCE, max_age=59)
    assert len(issuers.asked) == 2
    clock.now += TIME_TO_LIVE - 1
    await issuers.cache.metadata(SOURCE)
    assert len(issuers.asked) == 2


@pytest.mark.parametrize("failure", [None, IssuerUnavailable("down"), ZeroDivisionError()], ids=repr)
async def test_who_comes_while_it_is_fetched_is_woken_when_it_has_ended(
    failure: Exception | None, issuers: Issuers, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuers.open.clear()
    first = asyncio.create_task(issuers.cache.metadata(SOURCE, key=oauth_client("shop", "first")))
    await asyncio.sleep(0)
    for name in ("web", "app", "web"):
        key = oauth_client("shop", name)
        with pytest.raises(IssuerBusy):
            await issuers.cache.metadata(SOURCE, key=key, fetched=functools.partial(issuers.woken.append, key))
    assert not issuers.woken
    monkeypatch.setattr(issuers, "failure", failure)
    issuers.open.set()
    await asyncio.wait({first})
    first.exception()
    await asyncio.sleep(0)
    assert issuers.woken == [oauth_client("shop", "web"), oauth_client("shop", "app")]


async def test_a_fetch_holds_a_slot_and_does_not_begin_without(issuers: Issuers) -> None:
    held = []

    @contextmanager
    def slot() -> Iterator[None]:
        held.append("in")
        yield
        held.append("out")

    def full() -> AbstractContextManager[None]:
        raise IssuerBusy("full")

    with pytest.raises(IssuerBusy):
        await issuers.cache.metadata(SOURCE, key=oauth_client("shop", "web"), slot=full)
    assert not issuers.asked
    await issuers.cache.metadata(SOURCE, key=oauth_client("shop", "web"), slot=slot)
    await issuers.cache.metadata(SOURCE, key=oauth_client("shop", "web"), slot=full)
    assert held == ["in", "out"]


@pytest.mark.parametrize(
    "other",
    [
        MetadataSource(issuer=f"{ISSUER}/"),
        MetadataSource(issuer=ISSUER, form=DiscoveryForm.OAUTH),
        MetadataSource(issuer=ISSUER, url=f"{ISSUER}/uploads/mine.json"),
        MetadataSource(issuer=ISSUER, needs_endpoint=False),
    ],
    ids=["issuer", "form", "document", "one that will do"],
)
async def test_another_source_is_another_fetch_and_neither_sees_the_other(
    other: MetadataSource, issuers: Issuers
) -> None:
    issuers.failure = DiscoveryFailed("a document that its tenant has broken")
    with pytest.raises(DiscoveryFailed):
        await issuers.cache.metadata(other)
    issuers.failure = None
    assert await issuers.cache.metadata(SOURCE) == metadata(ISSUER)
    assert issuers.asked == [other, SOURCE]


async def test_another_trust_is_another_fetch(issuers: Issuers) -> None:
    await issuers.cache.metadata(SOURCE)
    issuers.trust = "ca-bundle:0123456789abcdef"
    await issuers.cache.metadata(SOURCE)
    assert len(issuers.asked) == 2


async def test_one_fetch_serves_all_who_wait_and_survives_the_first_of_them(issuers: Issuers) -> None:
    issuers.open.clear()
    waiting = [asyncio.create_task(issuers.cache.metadata(SOURCE)) for _ in range(10)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.wait({waiting[0]})
    issuers.open.set()
    assert await asyncio.gather(*waiting[1:]) == [metadata(ISSUER)] * 9
    assert waiting[0].cancelled()
    assert len(issuers.asked) == 1


async def test_a_fetch_that_began_too_early_is_waited_for_and_then_repeated(issuers: Issuers, clock: Clock) -> None:
    issuers.open.clear()
    early = asyncio.create_task(issuers.cache.metadata(SOURCE))
    await asyncio.sleep(0)
    clock.now += 10
    late = [asyncio.create_task(issuers.cache.metadata(SOURCE, max_age=0)) for _ in range(3)]
    await asyncio.sleep(0)
    assert len(issuers.asked) == 1
    issuers.open.set()
    await asyncio.gather(early, *late)
    assert len(issuers.asked) == 2


async def test_what_nobody_asks_for_is_forgotten_first(issuers: Issuers) -> None:
    await issuers.cache.metadata(SOURCE)
    for number in range(600):
        await issuers.cache.metadata(MetadataSource(issuer=f"https://idp{number}.example.com"))
        await issuers.cache.metadata(SOURCE)
    assert len(issuers.asked) == 601
    await issuers.cache.metadata(MetadataSource(issuer="https://idp599.example.com"))
    assert len(issuers.asked) == 601
    await issuers.cache.metadata(MetadataSource(issuer="https://idp0.example.com"))
    assert len(issuers.asked) == 602


async def test_closing_ends_the_fetches_under_way(issuers: Issuers) -> None:
    issuers.open.clear()
    asking = asyncio.create_task(issuers.cache.metadata(SOURCE))
    await asyncio.sleep(0)
    await issuers.cache.close()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_a_fetch_that_is_ended_before_its_first_step_gives_its_slot_back_and_tells_who_waits(
    issuers: Issuers,
) -> None:
    held: list[str] = []

    @contextmanager
    def slot() -> Iterator[None]:
        held.append("held")
        yield
        held.append("given back")

    asking = asyncio.create_task(issuers.cache.metadata(SOURCE, slot=slot))
    await asyncio.sleep(0)
    with pytest.raises(IssuerBusy):
        await issuers.cache.metadata(SOURCE, key=oauth_client("shop", "web"), fetched=lambda: held.append("told"))
    await issuers.cache.close()
    with pytest.raises(asyncio.CancelledError):
        await asking
    gc.collect()  # A coroutine that nobody awaited is told of only now, as a warning that fails the test.
    assert held == ["held", "given back", "told"]
    assert issuers.asked == []
