"""What a person's word has fetched anew, how often, and what becomes of what the others go by."""

import asyncio
from dataclasses import replace

import pytest

from oauthclient_operator.errors import DiscoveryFailed, IssuerBusy, IssuerNotAsked, IssuerUnavailable, OperatorError
from oauthclient_operator.issuer.caller import Tenant
from oauthclient_operator.issuer.discovery_cache import BYTES_PER_TENANT, OUTAGE_BACKOFF
from oauthclient_operator.issuer.fetches_asked_for import AGAIN, AT_ONCE, SECONDS_PER_FETCH
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.resource.key import Kind, oauth_client
from tests.wire.issuer.cached import ISSUER, SOURCE, Issuers, metadata
from tests.wire.issuer.conftest import Clock

SHOP, MALLORY = (Kind.OAUTH_CLIENT, "shop"), (Kind.OAUTH_CLIENT, "mallory")
PLATFORM = (Kind.CLUSTER_ISSUER, "")


@pytest.fixture
def issuers(clock: Clock) -> Issuers:
    return Issuers(clock)


async def ask(
    issuers: Issuers, tenant: Tenant = SHOP, source: MetadataSource = SOURCE, ago: float = 0.0
) -> OperatorError | None:
    """Ask as a client whose team has said a while ago that it be tried now; return what was said instead of metadata."""
    try:
        assert await issuers.cache.metadata(source, asked_ago=ago, tenant=tenant) == metadata(source.issuer)
    except OperatorError as error:
        return error
    return None


async def test_it_is_fetched_once_for_a_word_however_young_what_is_known_is(issuers: Issuers, clock: Clock) -> None:
    await issuers.cache.metadata(SOURCE)
    clock.now += 1
    assert await ask(issuers) is None
    assert len(issuers.asked) == 2
    clock.now += 5
    assert await ask(issuers, ago=5.0) is None, "it was fetched after that word"
    assert await ask(issuers, MALLORY, ago=6.0) is None, "whoever had it fetched"
    assert len(issuers.asked) == 2


async def test_a_word_that_comes_too_soon_is_served_when_it_is_time(issuers: Issuers, clock: Clock) -> None:
    await issuers.cache.metadata(SOURCE)
    clock.now += 1
    await ask(issuers, MALLORY)
    clock.now += 10
    busy = await ask(issuers)
    assert isinstance(busy, IssuerBusy)
    assert busy.retry_after == AGAIN - 10
    assert await issuers.cache.metadata(SOURCE) == metadata(ISSUER), "who does not ask goes on"
    clock.now += AGAIN - 10
    assert await ask(issuers, ago=AGAIN - 10) is None
    assert len(issuers.asked) == 3


async def test_two_hundred_tenants_who_ask_ten_times_a_second_have_it_fetched_once_in_half_a_minute(
    issuers: Issuers, clock: Clock
) -> None:
    await issuers.cache.metadata(SOURCE)
    for number in range(3000):
        clock.now += 0.1
        said = await ask(issuers, (Kind.OAUTH_CLIENT, f"team-{number % 200}"))
        assert said is None or isinstance(said, IssuerBusy)
        assert await issuers.cache.metadata(SOURCE, tenant=SHOP) == metadata(ISSUER)
    assert len(issuers.asked) - 1 <= 300 / AGAIN + 1


async def test_a_tenant_that_asks_for_ever_other_issuers_has_a_few_fetched_and_then_one_after_the_other(
    issuers: Issuers, clock: Clock
) -> None:
    sources = [MetadataSource(issuer=f"{ISSUER}/{number}") for number in range(100)]
    for source in sources:
        await issuers.cache.metadata(source, tenant=SHOP)
    clock.now += 1
    before, waits = len(issuers.asked), 0
    for number in range(1000):
        waits += isinstance(await ask(issuers, MALLORY, sources[number % 100]), IssuerBusy)
        clock.now += 0.1
    assert len(issuers.asked) - before <= AT_ONCE + 100 / SECONDS_PER_FETCH + 1
    assert waits > 900
    before = len(issuers.asked)
    assert await ask(issuers, SHOP, sources[99]) is None, "another tenant does not wait for it"
    assert [await ask(issuers, PLATFORM, source) for source in sources[50:90]] == [None] * 40, "nor who is none"
    assert len(issuers.asked) == before + 41
    assert len(issuers.cache._asked_for._buckets) == 2


@pytest.mark.parametrize(
    "failure",
    [
        IssuerUnavailable("HTTP 500"),
        IssuerUnavailable("HTTP 429", status=429, retry_after=90),
        DiscoveryFailed("no document"),
        IssuerNotAsked("too many names"),
    ],
    ids=str,
)
async def test_a_fetch_that_fails_is_told_to_who_asked_and_takes_nothing_from_anybody(
    issuers: Issuers, clock: Clock, failure: OperatorError
) -> None:
    await issuers.cache.metadata(SOURCE, tenant=SHOP)
    clock.now += 1
    issuers.failure = failure
    for _ in range(5):
        said = await ask(issuers, MALLORY)
        assert str(said) == str(failure)
        for _ in range(2):
            assert await issuers.cache.metadata(SOURCE, tenant=SHOP) == metadata(ISSUER)
            assert issuers.cache.remembers(SOURCE)
        clock.now += max(AGAIN, getattr(failure, "retry_after", None) or 0.0)
    assert len(issuers.asked) == 6
    assert issuers.changed == []


async def test_who_does_not_get_it_done_by_our_own_side_takes_nobodys_turn(issuers: Issuers, clock: Clock) -> None:
    await issuers.cache.metadata(SOURCE, tenant=SHOP)
    issuers.not_asked.add(MALLORY)
    clock.now += AGAIN
    assert isinstance(await ask(issuers, MALLORY), IssuerNotAsked)
    assert await ask(issuers) is None
    assert len(issuers.asked) == 3
    clock.now += AGAIN
    said = [type(await ask(issuers, MALLORY)) for _ in range(AT_ONCE + 5)]
    assert said.count(IssuerNotAsked) <= AT_ONCE, "and it has no more of them than any tenant"


async def test_who_needs_fresh_metadata_is_told_too_what_anothers_fetch_failed_with(
    issuers: Issuers, clock: Clock
) -> None:
    await issuers.cache.metadata(SOURCE)
    clock.now += 5
    issuers.failure = DiscoveryFailed("no document")
    await ask(issuers, MALLORY)
    clock.now += 2
    with pytest.raises(DiscoveryFailed):
        await issuers.cache.metadata(SOURCE, asked_ago=4.0, max_age=3.0)
    assert len(issuers.asked) == 2
    assert await issuers.cache.metadata(SOURCE) == metadata(ISSUER)


async def test_what_the_server_asked_one_of_them_to_wait_all_who_ask_wait(issuers: Issuers, clock: Clock) -> None:
    await issuers.cache.metadata(SOURCE)
    clock.now += 1
    issuers.failure = IssuerUnavailable("HTTP 429", status=429, retry_after=90)
    await ask(issuers)
    clock.now += AGAIN
    busy = await ask(issuers, MALLORY)
    assert isinstance(busy, IssuerBusy)
    assert busy.retry_after == 90 - AGAIN


async def test_who_asked_before_anothers_fetch_began_is_told_what_that_failed_with(
    issuers: Issuers, clock: Clock
) -> None:
    await issuers.cache.metadata(SOURCE)
    clock.now += 5
    issuers.failure = DiscoveryFailed("no document")
    await ask(issuers, MALLORY)
    clock.now += 2
    assert str(await ask(issuers, ago=4.0)) == "no document"
    assert isinstance(await ask(issuers, ago=1.0), IssuerBusy)
    assert len(issuers.asked) == 2


async def test_a_server_that_was_out_of_order_is_asked_at_once_and_nobody_waits_for_longer_for_that(
    issuers: Issuers, clock: Clock
) -> None:
    issuers.failure = IssuerUnavailable("HTTP 500")
    for _ in range(6):
        with pytest.raises(IssuerUnavailable):
            await issuers.cache.metadata(SOURCE)
        clock.now += OUTAGE_BACKOFF.longest
    with pytest.raises(IssuerUnavailable):
        await issuers.cache.metadata(SOURCE)
    fetches = len(issuers.asked)
    for _ in range(4):
        clock.now += AGAIN
        assert isinstance(await ask(issuers, MALLORY), IssuerUnavailable)
    assert len(issuers.asked) == fetches + 4
    issuers.failure = None
    clock.now += OUTAGE_BACKOFF.longest - 4 * AGAIN
    assert await issuers.cache.metadata(SOURCE) == metadata(ISSUER), "as long as if nobody had asked"
    assert len(issuers.changed) == 2


async def test_what_it_brought_is_everybodys_and_an_outage_is_over(issuers: Issuers, clock: Clock) -> None:
    issuers.failure = IssuerUnavailable("HTTP 500")
    with pytest.raises(IssuerUnavailable):
        await issuers.cache.metadata(SOURCE)
    issuers.failure = None
    clock.now += 1
    assert await ask(issuers) is None
    assert await issuers.cache.metadata(SOURCE, tenant=MALLORY) == metadata(ISSUER)
    assert len(issuers.changed) == 2


async def test_who_asks_while_it_is_being_fetched_waits_and_is_called(issuers: Issuers, clock: Clock) -> None:
    await issuers.cache.metadata(SOURCE)
    clock.now += 1
    issuers.open.clear()
    first = asyncio.create_task(ask(issuers))
    await asyncio.sleep(0)
    assert await issuers.cache.metadata(SOURCE, tenant=MALLORY) == metadata(ISSUER), "who does not ask goes on"
    key, called = oauth_client("mallory", "web"), list[bool]()
    with pytest.raises(IssuerBusy) as busy:
        await issuers.cache.metadata(
            SOURCE, asked_ago=0.0, key=key, fetched=lambda: called.append(True), tenant=MALLORY
        )
    assert busy.value.retry_after is None
    issuers.open.set()
    assert await first is None
    await asyncio.sleep(0)
    assert called == [True]
    assert await ask(issuers, MALLORY) is None
    assert len(issuers.asked) == 2


async def test_what_is_remembered_of_a_failure_is_weighed(issuers: Issuers, clock: Clock) -> None:
    await issuers.cache.metadata(SOURCE, tenant=SHOP)
    light = issuers.cache._entries.weight
    clock.now += 1
    issuers.failure = DiscoveryFailed("x" * 4000)
    await ask(issuers)
    assert light + 4000 <= issuers.cache._entries.weight < light + 6000 < BYTES_PER_TENANT
    entry = issuers.cache._entries.get((SOURCE, "system"))
    assert entry is not None
    assert replace(entry, why_not=None).weight(SOURCE, "system") == light
