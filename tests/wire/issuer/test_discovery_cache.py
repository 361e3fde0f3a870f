"""Metadata are fetched once for all who want them, and again when they are old."""

import asyncio
import itertools
import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from oauthclient_operator.errors import DiscoveryFailed, IssuerBusy, IssuerUnavailable, OperatorError
from oauthclient_operator.issuer.discovery_cache import (
    FAILURE_TIME_TO_LIVE,
    OUTAGE_BACKOFF,
    TIME_TO_LIVE,
    DiscoveryCache,
)
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.oauth.rfc8414 import DiscoveryForm, ServerMetadata
from oauthclient_operator.resource.key import Key, oauth_client
from tests.wire.issuer.conftest import Clock

ISSUER = "https://idp.example.com"
SOURCE = MetadataSource(issuer=ISSUER)


def metadata(issuer: str) -> ServerMetadata:
    return ServerMetadata(
        issuer=issuer,
        registration_endpoint=f"{issuer}/reg",
        endpoints={},
        token_endpoint_auth_methods_supported=(),
        grant_types_supported=(),
    )


class Issuers:
    """Answers discovery when a test lets it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.asked: list[MetadataSource] = []
        self.failure: OperatorError | None = None
        self.woken: list[Key] = []
        self.open = asyncio.Event()
        self.open.set()
        self.trust = "system"
        self.cache = DiscoveryCache(
            self.fetch, trust=lambda _issuer: self.trust, clock=clock, wake=self.woken.append, chance=lambda: 0.5
        )

    async def fetch(self, source: MetadataSource) -> ServerMetadata:
        self.asked.append(source)
        await self.open.wait()
        if self.failure is not None:
            raise self.failure
        return metadata(source.issuer)


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


async def test_a_failure_is_remembered_for_a_moment(issuers: Issuers, clock: Clock) -> None:
    issuers.failure = IssuerUnavailable("later", retry_after=7)
    for _ in range(3):
        with pytest.raises(IssuerUnavailable, match="later") as failure:
            await issuers.cache.metadata(SOURCE)
        assert failure.value.retry_after == 7
        assert len(failure.traceback) < 5
    assert len(issuers.asked) == 1
    clock.now += FAILURE_TIME_TO_LIVE
    issuers.failure = None
    assert await issuers.cache.metadata(SOURCE) == metadata(ISSUER)


async def test_what_the_server_asked_one_to_wait_all_wait(issuers: Issuers, clock: Clock) -> None:
    issuers.failure = IssuerUnavailable("later", retry_after=60)
    for seconds, fetches in ((0, 1), (59, 1), (2, 2)):
        clock.now += seconds
        with pytest.raises(IssuerUnavailable):
            await issuers.cache.metadata(SOURCE)
        assert len(issuers.asked) == fetches


async def test_who_needs_a_fetch_of_its_own_does_not_get_an_old_failure(issuers: Issuers, clock: Clock) -> None:
    issuers.failure = DiscoveryFailed("no document")
    with pytest.raises(DiscoveryFailed):
        await issuers.cache.metadata(SOURCE)
    clock.now += 1
    issuers.failure = None
    assert await issuers.cache.metadata(SOURCE, max_age=0) == metadata(ISSUER)


async def test_an_issuer_that_is_out_of_order_is_asked_less_and_less_often_also_by_who_needs_it_fresh(
    issuers: Issuers, clock: Clock
) -> None:
    issuers.failure = IssuerUnavailable("HTTP 500")
    asked_at: list[float] = []
    for second in range(3600):
        clock.now = float(second)
        with pytest.raises(IssuerUnavailable):
            await issuers.cache.metadata(SOURCE, max_age=0)
        if len(issuers.asked) > len(asked_at):
            asked_at.append(second)
    pauses = [later - sooner for sooner, later in itertools.pairwise(asked_at)]
    assert pauses == [math.ceil(OUTAGE_BACKOFF.after(failures, 0.5)) for failures in range(1, len(pauses) + 1)]
    issuers.failure = None
    clock.now += OUTAGE_BACKOFF.longest
    assert await issuers.cache.metadata(SOURCE) == metadata(ISSUER)
    issuers.failure = IssuerUnavailable("HTTP 500")
    for seconds in (TIME_TO_LIVE, FAILURE_TIME_TO_LIVE):
        clock.now += seconds
        with pytest.raises(IssuerUnavailable):
            await issuers.cache.metadata(SOURCE)
    assert len(issuers.asked) == len(asked_at) + 3, "what worked in between begins it anew"


async def test_one_that_is_only_asked_too_much_is_not_out_of_order(issuers: Issuers, clock: Clock) -> None:
    issuers.failure = IssuerUnavailable("HTTP 429", status=429)
    for fetches in range(1, 10):
        with pytest.raises(IssuerUnavailable):
            await issuers.cache.metadata(SOURCE)
        assert len(issuers.asked) == fetches
        clock.now += FAILURE_TIME_TO_LIVE


@pytest.mark.parametrize("failure", [None, IssuerUnavailable("down"), ZeroDivisionError()], ids=repr)
async def test_who_comes_while_it_is_fetched_is_woken_when_it_has_ended(
    failure: Exception | None, issuers: Issuers, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuers.open.clear()
    first = asyncio.create_task(issuers.cache.metadata(SOURCE, key=oauth_client("shop", "first")))
    await asyncio.sleep(0)
    for name in ("web", "app", "web"):
        with pytest.raises(IssuerBusy):
            await issuers.cache.metadata(SOURCE, key=oauth_client("shop", name))
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


async def test_a_failure_replaces_what_was_known(issuers: Issuers, clock: Clock) -> None:
    await issuers.cache.metadata(SOURCE)
    clock.now += 1
    issuers.failure = IssuerUnavailable("maintenance")
    for max_age in (0, None):
        with pytest.raises(IssuerUnavailable):
            await issuers.cache.metadata(SOURCE, max_age=max_age)


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


async def test_a_mistake_of_ours_is_not_remembered(issuers: Issuers, monkeypatch: pytest.MonkeyPatch) -> None:
    issuers.open.clear()
    asking = asyncio.create_task(issuers.cache.metadata(SOURCE))
    await asyncio.sleep(0)
    monkeypatch.setattr(issuers, "failure", ZeroDivisionError())
    issuers.open.set()
    with pytest.raises(ZeroDivisionError):
        await asking
    monkeypatch.undo()
    assert await issuers.cache.metadata(SOURCE) == metadata(ISSUER)


async def test_closing_ends_the_fetches_under_way(issuers: Issuers) -> None:
    issuers.open.clear()
    asking = asyncio.create_task(issuers.cache.metadata(SOURCE))
    await asyncio.sleep(0)
    await issuers.cache.close()
    with pytest.raises(asyncio.CancelledError):
        await asking
