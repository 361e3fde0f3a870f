"""What the discovery cache makes of a failure: the issuer's is remembered, more so the longer it lasts; our own is not."""

import asyncio
import itertools
import math
from contextlib import suppress
from dataclasses import replace

import pytest

from oauthclient_operator.errors import (
    DiscoveryFailed,
    IssuerNotAsked,
    IssuerNotSecured,
    IssuerUnavailable,
    OperatorError,
)
from oauthclient_operator.exchange import TLSFailure
from oauthclient_operator.issuer.discovery_cache import (
    FAILURE_TIME_TO_LIVE,
    OUTAGE_BACKOFF,
    TIME_TO_LIVE,
)
from oauthclient_operator.resource.key import Kind
from tests.wire.issuer.cached import ISSUER, SOURCE, Issuers, metadata
from tests.wire.issuer.conftest import Clock


@pytest.fixture
def issuers(clock: Clock) -> Issuers:
    return Issuers(clock)


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


async def test_it_is_told_when_an_issuer_cannot_be_used_and_when_it_can_be_again(
    issuers: Issuers, clock: Clock
) -> None:
    await issuers.cache.metadata(SOURCE)
    down, refuses, other = (
        IssuerUnavailable("away"),
        IssuerUnavailable("too often", status=429),
        DiscoveryFailed("none"),
    )
    told = []
    for failure in (None, down, down, refuses, down, None, other, None):
        issuers.failure = failure
        clock.now += 10_000
        with suppress(OperatorError):
            await issuers.cache.metadata(SOURCE)
        told.append(len(issuers.changed))
    assert told == [0, 1, 1, 2, 3, 4, 5, 6]
    assert {*issuers.changed} == {SOURCE.address}


async def test_what_our_own_side_does_not_get_done_tells_nothing_of_an_issuer(issuers: Issuers) -> None:
    issuers.failure = IssuerNotAsked("no file left")
    with pytest.raises(IssuerNotAsked):
        await issuers.cache.metadata(SOURCE)
    assert issuers.changed == []


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


async def test_a_failure_replaces_what_was_known(issuers: Issuers, clock: Clock) -> None:
    await issuers.cache.metadata(SOURCE)
    clock.now += 1
    issuers.failure = IssuerUnavailable("maintenance")
    for max_age in (0, None):
        with pytest.raises(IssuerUnavailable):
            await issuers.cache.metadata(SOURCE, max_age=max_age)


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


async def test_what_our_own_side_did_not_get_done_is_not_remembered_and_leaves_what_was_known(
    issuers: Issuers, clock: Clock
) -> None:
    issuers.failure = IssuerNotAsked("too many open files")
    for fetches in range(1, 5):
        with pytest.raises(IssuerNotAsked):
            await issuers.cache.metadata(SOURCE)
        assert len(issuers.asked) == fetches
    issuers.failure = None
    assert await issuers.cache.metadata(SOURCE) == metadata(ISSUER)
    clock.now += 60
    issuers.failure = IssuerNotAsked("too many open files")
    with pytest.raises(IssuerNotAsked):
        await issuers.cache.metadata(SOURCE, max_age=30)
    assert await issuers.cache.metadata(SOURCE) == metadata(ISSUER)


async def test_who_waits_for_a_fetch_that_fails_by_our_own_side_makes_one_on_its_own_account(issuers: Issuers) -> None:
    issuers.open.clear()
    mallory, shop = (Kind.OAUTH_CLIENT, "mallory"), (Kind.OAUTH_CLIENT, "shop")
    issuers.not_asked.add(mallory)
    first = asyncio.create_task(issuers.cache.metadata(SOURCE, tenant=mallory))
    await asyncio.sleep(0)
    second = asyncio.create_task(issuers.cache.metadata(SOURCE, tenant=shop))
    await asyncio.sleep(0)
    issuers.open.set()
    assert await second == metadata(ISSUER)
    with pytest.raises(IssuerNotAsked):
        await first
    assert issuers.asked == [SOURCE, SOURCE]


async def test_a_certificate_that_is_not_believed_is_remembered_with_its_reason(issuers: Issuers) -> None:
    issuers.failure = IssuerNotSecured("why", failure=TLSFailure.UNTRUSTED)
    for _ in range(2):
        with pytest.raises(IssuerNotSecured, match=r"^why$") as caught:
            await issuers.cache.metadata(SOURCE)
        assert caught.value.failure is TLSFailure.UNTRUSTED
    assert len(issuers.asked) == 1


async def test_who_goes_by_what_was_there_is_told_when_there_are_others_and_only_then(
    issuers: Issuers, clock: Clock
) -> None:
    told = []
    for failure, methods in (
        (None, "first"),
        (None, "first"),
        (DiscoveryFailed("none"), ""),
        (DiscoveryFailed("none"), ""),
        (IssuerUnavailable("away"), ""),
        (None, "first"),
        (None, "second"),
        (IssuerNotAsked("too many names"), ""),
        (None, "second"),
    ):
        issuers.failure, issuers.methods = failure, (methods,)
        clock.now += 10_000
        with suppress(OperatorError):
            await issuers.cache.metadata(SOURCE)
        told.append(len(issuers.replaced))
    assert told == [0, 0, 0, 0, 0, 1, 2, 2, 2]
    assert {*issuers.replaced} == {SOURCE}


async def test_a_tenant_whose_entries_take_the_place_of_each_other_has_nobody_told(
    issuers: Issuers, clock: Clock
) -> None:
    large = tuple(f"{number}".ljust(100_000) for number in range(3))
    sources = [replace(SOURCE, url=f"{ISSUER}/{number}") for number in range(4)]
    for number in range(20):
        # Another one each time, of which the one before was forgotten meanwhile.
        issuers.methods = (*large, str(number))
        await issuers.cache.metadata(sources[number % len(sources)], tenant=(Kind.OAUTH_CLIENT, "mallory"))
        clock.now += 1
    assert len(issuers.asked) == 20
    assert issuers.replaced == []
