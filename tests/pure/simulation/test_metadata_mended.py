"""What a person corrected in a server's metadata: one word has them fetched anew, if what waits can depend on them."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.errors import DiscoveryFailed, IssuerNotAsked, IssuerUnavailable, OperatorError
from oauthclient_operator.exchange import Answer, Request, Response
from oauthclient_operator.issuer.caller import Caller, Tenant
from oauthclient_operator.issuer.discovery_cache import DiscoveryCache
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.oauth.rfc8414 import ServerMetadata
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.reconcile.issuer_slot import CALLS_AT_ONCE, SECONDS_PER_CALL
from oauthclient_operator.resource.key import cluster_issuer, oauth_client
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.platform import SPEC, Platform, Server
from tests.pure.simulation.test_access_by_tokens import READY, WAYS, asked_to_retry, put_credentials, settled

SECOND = timedelta(seconds=1)
OFF: dict[str, Any] = {"registration_endpoint": None}


class Cached(Server):
    """A server whose metadata are remembered as in production; `fetches` says how often they were fetched."""

    cache: DiscoveryCache

    def __init__(self) -> None:
        super().__init__()
        self.fetches = 0
        self.failure: OperatorError | None = None

    def remember(self, clock: Callable[[], float]) -> None:
        self.cache = DiscoveryCache(self._fetch, trust=lambda _issuer: "system", clock=clock, chance=lambda: 0.5)

    async def _fetch(self, source: MetadataSource, _tenant: Tenant | None) -> ServerMetadata:
        self.fetches += 1
        if self.failure is not None:
            raise self.failure
        return await super().discover(source, Caller(key=cluster_issuer("any"), uid="any"))

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        if request.url.endswith("/nowhere"):
            return Response(status=404)
        return await super().exchange(request, issuer, **options)

    async def discover(
        self,
        source: MetadataSource,
        caller: Caller,
        *,
        registration_endpoint: str | None = None,
        max_age: float | None = None,
    ) -> ServerMetadata:
        return await self.cache.metadata(
            source, max_age=max_age, asked_ago=caller.asked_ago, key=caller.queued_as, tenant=caller.tenant
        )

    def remembers(self, source: MetadataSource, *, max_age: float | None = None) -> bool:
        return self.cache.remembers(source, max_age=max_age)


def begun(metadata: dict[str, Any], clients: int = 2, **spec: Any) -> tuple[Platform, Cached]:
    """Return a platform whose server's metadata say that, with clients that were looked at."""
    server = Cached()
    platform = Platform(server=server)
    server.remember(platform.clock.elapsed)
    server.metadata = metadata
    put_credentials(platform)
    platform.apply_issuer({**SPEC, **spec})
    for number in range(clients):
        platform.apply(f"web-{number}")
    settled(platform)
    platform.clock.time += SECOND
    return platform, server


@pytest.mark.parametrize("name", ["web-0", None], ids=["a client's", "the issuer's"])
def test_registration_that_was_turned_on_is_seen_at_once(name: str | None) -> None:
    platform, server = begun(OFF)
    assert platform.said(name="web-0")[1] == "RegistrationNotSupported"
    assert server.fetches == 1
    server.metadata = {}
    asked_to_retry(platform, "1", name)
    assert platform.said(name=name)[0] == "True"
    assert server.fetches == 2
    asked_to_retry(platform, "1", "web-1")
    assert platform.said(name="web-1")[:2] == READY
    assert server.fetches == 2, "it was fetched a moment after that was asked, by the very same clock"


@WAYS
@pytest.mark.parametrize("waited", [timedelta(), timedelta(hours=3)], ids=["a moment later", "hours later"])
@pytest.mark.parametrize("endpoint", [None, f"{ISSUER}/nowhere"], ids=["added", "corrected"])
def test_a_token_endpoint_that_was_mended_is_seen_at_once(
    access: dict[str, Any], waited: timedelta, endpoint: str | None
) -> None:
    platform, server = begun({"token_endpoint": endpoint}, access=access)
    asyncio.run(platform.after(waited))
    platform.clock.time += SECOND
    assert platform.said(name="web-0")[1] == ("DiscoveryFailed" if endpoint is None else "AccessDenied")
    server.metadata, before = {}, server.fetches
    asked_to_retry(platform, "1")
    assert {platform.said(name=name)[:2] for name in ("web-0", "web-1")} == {READY}, "who waits for a token is woken"
    assert server.fetches == before + 1


@WAYS
@pytest.mark.parametrize("endpoint", [None, f"{ISSUER}/nowhere"], ids=["added", "corrected"])
def test_and_without_a_word_as_soon_as_anybody_has_read_them_however_long_it_was_wrong(
    access: dict[str, Any], endpoint: str | None
) -> None:
    platform, server = begun({"token_endpoint": endpoint}, access=access)
    asyncio.run(platform.after(timedelta(hours=3)))
    server.metadata, before = {}, server.fetches
    asyncio.run(platform.after(timedelta(minutes=16)))
    assert server.fetches > before
    assert {platform.said(name=name)[:2] for name in ("web-0", "web-1")} == {READY}


def test_metadata_that_could_not_be_used_are_fetched_anew_also_a_moment_after_they_were() -> None:
    platform, server = begun({"issuer": "https://another.example"})
    assert platform.said(name="web-0")[1] == "IssuerMismatch"
    server.metadata = {}
    asked_to_retry(platform, "1")
    assert platform.said(name="web-0")[:2] == READY


def test_a_second_word_a_moment_later_is_not_lost() -> None:
    platform, server = begun(OFF)
    asked_to_retry(platform, "not mended yet", "web-0")
    assert server.fetches == 2
    server.metadata = {}
    platform.clock.time += SECOND
    asked_to_retry(platform, "mended", "web-1")
    assert (server.fetches, platform.said(name="web-1")[1]) == (2, "RegistrationNotSupported")
    asyncio.run(platform.after(timedelta(seconds=30)))
    assert platform.said(name="web-1")[:2] == READY
    assert server.fetches == 3


@pytest.mark.parametrize("failure", [IssuerUnavailable("away"), DiscoveryFailed("no document")], ids=str)
def test_where_that_fails_the_others_go_on_with_what_is_known(failure: OperatorError) -> None:
    platform, server = begun({})
    platform.apply("late", clientMetadata={"redirect_uris": ["https://elsewhere.example/"]})
    settled(platform)
    server.failure = failure
    platform.apply("late")
    asked_to_retry(platform, "1", "late")
    assert platform.said(name="late")[0] != "True"
    platform.apply("other")
    settled(platform)
    assert platform.said(name="other")[:2] == READY
    assert server.fetches == 2
    if isinstance(failure, IssuerUnavailable):
        # It is tried again soon, and then as the others are.
        asyncio.run(platform.after(timedelta(minutes=1)))
        assert platform.said(name="late")[:2] == READY
        assert server.fetches == 2


def test_what_our_own_side_does_not_get_done_is_counted_all_the_same() -> None:
    platform, server = begun(OFF, clients=1)
    server.failure = IssuerNotAsked("too many names")
    began = platform.clock.elapsed()
    for number in range(300):
        asked_to_retry(platform, str(number))
        platform.clock.time += SECOND
    assert server.fetches <= 1 + CALLS_AT_ONCE + (platform.clock.elapsed() - began) / SECONDS_PER_CALL + 1


@pytest.mark.parametrize("name", ["web-0", None], ids=["a client's", "the issuer's"])
def test_a_word_that_our_own_side_could_not_do_is_not_lost(name: str | None) -> None:
    platform, server = begun(OFF)
    server.metadata = {}
    server.failure = IssuerNotAsked("too many names")
    asked_to_retry(platform, "1", name)
    assert platform.said(name=name)[0] != "True"
    server.failure = None
    asyncio.run(platform.after(timedelta(minutes=1)))
    assert platform.said(name=name)[0] == "True"


def test_where_nothing_waits_nothing_is_fetched() -> None:
    platform, server = begun({})
    for number in range(3):
        asked_to_retry(platform, str(number))
        platform.clock.time += timedelta(minutes=1)
    assert server.fetches == 1
    assert platform.said(name="web-0")[:2] == READY


def test_a_word_of_before_the_process_began_has_nothing_fetched() -> None:
    platform, server = begun(OFF)
    asked_to_retry(platform, "1")
    platform.start()
    settled(platform)
    fetches = server.fetches
    platform.clock.time += timedelta(seconds=40)
    platform.wake(oauth_client("shop", "web-0"))
    settled(platform)
    assert server.fetches == fetches


def test_a_tenant_that_changes_the_annotation_ten_times_a_second_has_them_fetched_twice_a_minute() -> None:
    platform, server = begun(OFF, clients=1)

    async def main() -> None:
        for tenth in range(1200):
            body = platform.api.get("oauthclients", "shop", "web-0")
            body["metadata"].setdefault("annotations", {})[names.RETRY_ANNOTATION] = str(tenth)
            platform.api.put(("oauthclients", "shop", "web-0"), body)
            await platform.clients.reconcile(oauth_client("shop", "web-0"))
            platform.clock.time += timedelta(seconds=0.1)

    asyncio.run(main())
    assert server.fetches <= 1 + 1 + 2 * 2
    server.metadata = {}
    asked_to_retry(platform, "last")
    asyncio.run(platform.after(timedelta(seconds=30)))
    assert platform.said(name="web-0")[:2] == READY
