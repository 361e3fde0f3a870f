"""Clients that were left behind without a token of their own: ended by access, by the very issuer that admitted them."""

import asyncio
from datetime import timedelta

import pytest

from oauthclient_operator import names
from oauthclient_operator.exchange import Response
from oauthclient_operator.record.clients import LeftBehind
from oauthclient_operator.record.record import ReleaseOutcome
from oauthclient_operator.resource.key import record_of
from tests.pure.simulation.managed import BY_ACCESS, BY_TOKEN, ManagedPlatform, managed

DAY = timedelta(days=1)
FORBIDDEN = Response(status=403, headers={"content-type": "application/json"}, body=b'{"error": "insufficient_scope"}')
DENIED = Response(status=400, headers={}, body=b'{"error": "unauthorized_client"}')


def left_behind(*, own_token: bool = False) -> ManagedPlatform:
    """Return a platform whose one client could not be ended, and whose resource is gone; another one lives on."""
    platform = managed(clients=0)
    if not own_token:
        platform.server.issued = {"registration_access_token": None}
    platform.apply()
    platform.apply("web-1")
    platform.settled()
    platform.server.objects = lambda _token: FORBIDDEN
    if own_token:
        platform.server.lose_token(platform.client_id())
    platform.delete()
    platform.settled()
    platform.later(timedelta(hours=2))
    platform.later(timedelta(hours=2))
    assert platform.api.get("oauthclients", "shop", "web") is None
    (record,) = (r for r in platform.records() if r.released is not None)
    assert record.released is not None
    assert record.released.outcome is ReleaseOutcome.UNCONFIRMED
    return platform


def days(platform: ManagedPlatform, count: int = 2) -> ManagedPlatform:
    for _ in range(count):
        platform.later(1.01 * DAY)
    return platform


def calls(platform: ManagedPlatform) -> int:
    return platform.server.managed.count(f"DELETE {gone(platform)}")


def gone(platform: ManagedPlatform) -> str:
    (uri,) = {call.partition(" ")[2] for call in platform.server.managed if call.startswith("DELETE")}
    return uri


@pytest.mark.parametrize("own_token", [False, True], ids=["it has no token", "its token is lost"])
@pytest.mark.parametrize("begins", [False, True], ids=["the same process", "a process that begins"])
def test_it_is_tried_once_a_day_and_ended_when_access_may(own_token: bool, begins: bool) -> None:
    platform = left_behind(own_token=own_token)
    before = calls(platform)
    days(platform, 5)
    assert 4 <= calls(platform) - before + len(platform.server.by_token) <= 5
    platform.server.objects = lambda _token: None
    if begins:
        platform.start()
    days(platform)
    assert [*platform.server.clients] == [platform.client_id("web-1")]
    assert [r.released for r in platform.records()] == [None], "nothing is left of it"


@pytest.mark.parametrize("own_token", [False, True], ids=["it has no token", "its token is lost"])
@pytest.mark.parametrize("issuer_first", [True, False])
def test_processes_that_live_less_than_a_day_end_it_too(own_token: bool, issuer_first: bool) -> None:
    platform = left_behind(own_token=own_token)
    platform.server.objects = lambda _token: None
    (record,) = (r for r in platform.records() if r.released is not None)
    key = record_of(record.subject.namespace, record.subject.uid)
    platform.clock.time += timedelta(hours=21)
    for _ in range(3):
        platform.start()
        others = dict(platform.woken)
        if not issuer_first:
            platform.woken.clear()
        platform.wake(key)
        platform.woken.update(others)
        platform.settled()
        asyncio.run(platform.after(timedelta(hours=20)))
    assert len(platform.server.clients) == 1


def test_an_issuer_that_was_made_anew_ends_nobody_elses() -> None:
    platform = left_behind()
    platform.server.objects = lambda _token: None
    issuer = platform.issuer()
    assert issuer is not None
    # Deleted and made again by somebody else: its UID is another one.
    issuer["metadata"]["uid"] = "another-uid"
    platform.api.put(("clusteroauthissuers", "", "corporate"), issuer)
    platform.start()
    before = calls(platform)
    days(platform, 3)
    assert (calls(platform), platform.server.by_token) == (before, [])
    assert len(platform.server.clients) == 2


def test_an_issuer_that_says_no_more_that_access_manages_ends_nothing() -> None:
    platform = left_behind()
    platform.server.objects = lambda _token: None
    platform.apply_issuer(BY_TOKEN)
    platform.settled()
    before = calls(platform)
    days(platform, 3)
    assert (calls(platform), platform.server.by_token) == (before, [])
    platform.apply_issuer(BY_ACCESS)
    days(platform)
    assert len(platform.server.clients) == 1


@pytest.mark.parametrize("own_token", [False, True], ids=["it has no token", "its token is lost"])
def test_where_nobody_is_let_in_that_is_found_out_once_a_day(own_token: bool) -> None:
    platform = left_behind(own_token=own_token)
    platform.server.gives = DENIED
    platform.server.objects = lambda _token: None
    before, asked = calls(platform), len(platform.server.forms)
    days(platform, 4)
    assert calls(platform) == before
    assert len(platform.server.by_token) <= 4
    assert len(platform.server.forms) - asked <= 2 * 4, "the issuer's own pass asks, too"
    platform.server.gives = None
    days(platform, 3)
    assert gone(platform).rpartition("/")[2] not in platform.server.clients


def test_what_was_handed_over_is_ended_by_its_own_token_alone() -> None:
    platform = managed(clients=0)
    client = platform.server.made({"client_name": "Web"})
    platform.hand_over(client)
    platform.apply(adopt={"secretRef": {"name": "handed"}})
    platform.settled()
    assert platform.is_ready()
    platform.server.lose_token(client["client_id"])
    platform.delete()
    platform.settled()
    platform.later(timedelta(hours=2))
    platform.later(timedelta(hours=2))
    assert platform.api.get("oauthclients", "shop", "web") is None
    days(platform, 3)
    assert platform.server.managed == []
    assert [*platform.server.clients] == [client["client_id"]]


def test_what_a_living_resource_left_behind_is_ended_so_too() -> None:
    platform = managed(clients=0)
    platform.server.issued = {"registration_access_token": None}
    platform.apply()
    platform.settled()
    before = platform.client_id()
    platform.server.objects = lambda _token: FORBIDDEN
    platform.api.annotate("shop", "web", {names.ROTATE_ANNOTATION: "now"})
    days(platform, 4)
    assert [*platform.server.clients] == [before, platform.client_id()]
    assert any(isinstance(client.end, LeftBehind) for client in platform.records()[0].clients)
    platform.server.objects = lambda _token: None
    days(platform, 3)
    assert platform.is_ready()
    assert [*platform.server.clients] == [platform.client_id()]
