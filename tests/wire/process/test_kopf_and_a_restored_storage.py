"""That the API server's storage was set back is noticed by what kopf lists and watches, and nothing else is taken for it."""

import asyncio

import pytest
from aiohttp import web

from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.errors import StorageRestored
from tests.wire.cluster.conftest import Stage, connection, stream
from tests.wire.process.kopf_played import Caches, Played, Seen, resource, watched

__all__ = ["connection"]

pytestmark = pytest.mark.slow


async def test_a_watch_into_the_future_of_a_restored_storage_is_noticed(stage: Stage, connection: Connection) -> None:
    async def ends(request: web.Request) -> web.StreamResponse:
        return await stream(request, {"type": "ADDED", "object": resource("a", 60)})

    played = Played(stage, [[[]]], [ends])
    played.watches.append(played.idle)
    played.at = 59
    async with watched(connection, Seen()) as arrivals:
        with pytest.raises(StorageRestored, match="is at resourceVersion 59 of oauthclients and has been at 60"):
            await asyncio.wait_for(arrivals.unless_restored(), 20)
    assert played.since[0] == "50"


@pytest.mark.parametrize("deleted", [False, True], ids=["edited since the backup", "deleted since the backup"])
async def test_a_storage_that_was_restored_with_later_versions_than_before_is_noticed(
    stage: Stage, connection: Connection, deleted: bool
) -> None:
    async def compacted(request: web.Request) -> web.StreamResponse:
        later = {"type": "DELETED" if deleted else "MODIFIED", "object": resource("a", 80)}
        gone = {"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired"}}
        return await stream(request, later, gone)

    played = Played(stage, [[[resource("a", 40)]]], [compacted])
    played.watches.append(played.idle)
    played.shows = [50, 1_000_000_090]  # etcdutl snapshot restore --bump-revision=1000000000 --mark-compacted
    async with watched(connection, Caches()) as arrivals:
        with pytest.raises(StorageRestored, match="oauthclients shop/a at resourceVersion 40 and has had it at 80"):
            await asyncio.wait_for(arrivals.unless_restored(), 60)


async def test_a_list_that_is_behind_what_was_written_since_says_nothing(stage: Stage, connection: Connection) -> None:
    played = Played(stage, [[[resource("a", 40)]]], [])
    played.watches = [played.idle]
    caches = Caches()
    caches.offer_resource(resource("a", 60))
    async with watched(connection, caches) as arrivals:
        await caches.seen.until(1)
        await arrivals.complete()
        assert not arrivals.was_restored


async def test_a_watch_goes_on_where_the_api_server_is_not_behind(stage: Stage, connection: Connection) -> None:
    async def ends(request: web.Request) -> web.StreamResponse:
        return await stream(request, {"type": "ADDED", "object": resource("a", 60)})

    async def tells(request: web.Request) -> web.StreamResponse:
        response = await stream(request, {"type": "ADDED", "object": resource("b", 61)})
        await stage.over.wait()
        return response

    played = Played(stage, [[[]]], [ends, tells])
    played.at = 60
    seen = Seen()
    async with watched(connection, seen):
        await seen.until(2)
    assert played.since == ["50", "60"]
    assert seen.named == [("ADDED", "a"), ("ADDED", "b")]
