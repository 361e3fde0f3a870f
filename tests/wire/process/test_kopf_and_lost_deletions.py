"""What went while nobody watched: kopf lists anew and says nothing of it, and so what its lists lack is told as deleted."""

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web

from oauthclient_operator import names
from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.resource.key import Key, oauth_client
from tests.wire.cluster.conftest import Stage, connection, stream
from tests.wire.process.kopf_played import Caches, Played, resource, watched

__all__ = ["connection"]

pytestmark = pytest.mark.slow

GONE = {"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired"}}
A, B, C = resource("a", 40), resource("b", 41), resource("c", 42)


async def compacted(request: web.Request) -> web.StreamResponse:
    """End a watch as the API server does where it does not know any more what came since."""
    return await stream(request, GONE)


def played(stage: Stage, *lists: list[list[dict[str, Any]]], shows: tuple[int, ...] = ()) -> Played:
    """Play these lists, each in its pages; after each but the last one the watch has missed something."""
    api = Played(stage, list(lists), [])
    api.watches = [*[compacted] * (len(lists) - 1), api.idle]
    api.shows = [*shows] or [50 + 10 * n for n in range(len(lists))]
    return api


async def seen_by(connection: Connection, caches: Caches, count: int) -> list[tuple[str | None, str]]:
    """Return what was told, once it is so much, and once more time has gone than more would take."""
    async with watched(connection, caches):
        await caches.seen.until(count)
        await asyncio.sleep(0.5)
    return caches.seen.named


async def test_what_the_next_list_lacks_is_told_as_deleted_once(stage: Stage, connection: Connection) -> None:
    played(stage, [[A, B]], [[B]], [[B]])
    caches = Caches()
    assert await seen_by(connection, caches, 5) == [
        (None, "a"),
        (None, "b"),
        (None, "b"),
        ("DELETED", "a"),
        (None, "b"),
    ]
    assert list(caches.keys()) == [oauth_client("shop", "b")]
    assert not caches.knows("uid-of-a")


async def test_a_late_copy_does_not_bring_it_back(stage: Stage, connection: Connection) -> None:
    played(stage, [[A]], [[]])
    caches = Caches()
    await seen_by(connection, caches, 2)
    caches.offer_resource(resource("a", 59))
    assert list(caches.keys()) == []
    caches.offer_resource(resource("a", 61))
    assert list(caches.keys()) == [oauth_client("shop", "a")]


async def test_a_list_is_complete_with_its_last_page(stage: Stage, connection: Connection) -> None:
    played(stage, [[A, B], [C]], [[A], [C]], [[], [resource("d", 70)]])
    caches = Caches()
    told = await seen_by(connection, caches, 9)
    assert told[:6] == [(None, "a"), (None, "b"), (None, "c"), (None, "a"), (None, "c"), ("DELETED", "b")]
    assert told[6] == (None, "d")
    assert sorted(told[7:], key=str) == [("DELETED", "a"), ("DELETED", "c")]


async def test_a_copy_that_is_newer_than_the_list_stays(stage: Stage, connection: Connection) -> None:
    api = played(stage, [[A, B]], [[]])
    caches = Caches()

    async def written_meanwhile(request: web.Request) -> web.StreamResponse:
        caches.wrote_resource(resource("b", 61))
        return await compacted(request)

    api.watches[0] = written_meanwhile
    assert (await seen_by(connection, caches, 3))[2:] == [("DELETED", "a")]
    assert list(caches.keys()) == [oauth_client("shop", "b")]


async def test_what_comes_between_the_list_and_its_watch_stays(stage: Stage, connection: Connection) -> None:
    api = played(stage, [[A]], [[]], [[B]])

    async def tells(request: web.Request) -> web.StreamResponse:
        return await stream(request, {"type": "ADDED", "object": resource("b", 61)}, GONE)

    api.watches[1] = tells
    assert await seen_by(connection, Caches(), 4) == [(None, "a"), ("DELETED", "a"), ("ADDED", "b"), (None, "b")]


async def test_a_page_that_breaks_off_takes_nothing_away(stage: Stage, connection: Connection) -> None:
    api = played(stage, [[A, B]], [[], [A]], [[A]])

    async def play(request: web.Request) -> web.StreamResponse:
        if "continue" not in request.query or not request.path.endswith(names.PLURAL):
            return await api.play(request)
        stage.play = api.play
        await api.play(request)
        return web.Response(text=json.dumps({"metadata": {"resourceVersion": "60"}, "items": []})[:-1])

    stage.play = play
    assert (await seen_by(connection, Caches(), 4))[2:4] == [(None, "a"), ("DELETED", "b")]


UNNAMED = {
    "no object": [7],
    "no metadata": [{"spec": {}}],
    "no name": [{"metadata": {"namespace": "shop"}}],
    "a name that is none": [{"metadata": {"namespace": "shop", "name": ["a"]}}],
    "no list": {},
}


@pytest.mark.parametrize("page", UNNAMED.values(), ids=[*UNNAMED])
async def test_of_a_list_with_what_nobody_can_name_nothing_is_concluded(
    stage: Stage, connection: Connection, page: Any
) -> None:
    played(stage, [[A]], [page, [B]], [[B]])
    assert await seen_by(connection, Caches(), 4) == [(None, "a"), (None, "b"), (None, "b"), ("DELETED", "a")]


async def test_what_can_be_named_and_not_kept_is_not_gone(stage: Stage, connection: Connection) -> None:
    without_uid = {"metadata": {"namespace": "shop", "name": "a", "resourceVersion": "60"}}
    played(stage, [[A, B]], [[without_uid]])
    assert (await seen_by(connection, Caches(), 3))[2:] == [("DELETED", "b")]


async def test_one_that_cannot_be_forgotten_keeps_no_other_from_it(stage: Stage, connection: Connection) -> None:
    class Fails(Caches):
        def gone(self, namespace: str, name: str, at: int) -> None:
            if name in failing:
                failing.remove(name)
                raise ValueError(name)
            super().gone(namespace, name, at)

    failing = ["a", "b"]
    played(stage, [[A, B, C]], [[]], [[]])
    assert sorted((await seen_by(connection, Fails(), 6))[3:]) == [("DELETED", name) for name in "abc"]


async def test_a_list_of_one_namespace_takes_away_nothing_of_another(stage: Stage, connection: Connection) -> None:
    elsewhere = resource("a", 43, {"namespace": "billing", "uid": "other"})
    api = played(stage, [[A, B]], [[B]])
    again = asyncio.Event()

    async def play(request: web.Request) -> web.StreamResponse:
        if "/namespaces/billing/" not in request.path:
            return await api.play(request)
        if "watch" in request.query:
            return await api.idle(request)
        again.set()
        return web.json_response({"metadata": {"resourceVersion": "50"}, "items": [elsewhere]})

    async def once_both_are_known(request: web.Request) -> web.StreamResponse:
        await again.wait()
        await asyncio.sleep(0.2)
        return await compacted(request)

    stage.play, api.watches[0] = play, once_both_are_known
    caches = Caches(("shop", "billing"))
    async with watched(connection, caches, namespaces=("shop", "billing")):
        await caches.seen.until(5)
        await asyncio.sleep(0.5)
    assert caches.seen.events[-1] == (
        "DELETED",
        {"metadata": {"namespace": "shop", "name": "a", "uid": "uid-of-a", "resourceVersion": "60"}},
    )
    assert set(caches.keys()) == {oauth_client("billing", "a"), oauth_client("shop", "b")}


async def test_an_issuer_that_went_while_nobody_watched_is_not_known_any_more(
    stage: Stage, connection: Connection
) -> None:
    api = played(stage, [[]])
    about = {"name": "corporate", "uid": "i", "resourceVersion": "10"}
    api.issuers = [{"metadata": about, "spec": {"issuer": "https://a.example"}}]

    async def goes(request: web.Request) -> web.StreamResponse:
        api.issuers, api.issuer_watch = [], None
        return await compacted(request)

    api.issuer_watch = goes
    caches, known = Caches(), []
    gone = asyncio.Event()

    def wake(_: Key) -> None:
        known.append(caches.cluster_issuer("corporate") is not None)
        if not known[-1]:
            gone.set()

    caches.issuers._wake = wake
    async with watched(connection, caches, issuers=caches.issuers):
        await asyncio.wait_for(gone.wait(), 20)
    assert known == [True, False]


async def test_what_a_restored_storage_lacks_is_not_told_as_deleted(stage: Stage, connection: Connection) -> None:
    async def later(request: web.Request) -> web.StreamResponse:
        return await stream(request, {"type": "MODIFIED", "object": resource("a", 55)}, GONE)

    api = played(stage, [[A, B]], [[B]], [[A]], shows=(50, 52, 1_000_000_090))
    api.watches[1] = later
    caches = Caches()
    async with watched(connection, caches) as arrivals:
        await caches.seen.until(6)
        assert arrivals.was_restored
    assert caches.seen.named[3:] == [("DELETED", "a"), ("MODIFIED", "a"), (None, "a")]
    assert list(caches.keys()) == [oauth_client("shop", "b"), oauth_client("shop", "a")]
