"""kopf lists and watches within our bounds: what it is given are items that are cut, and events that it can read."""

import asyncio
import getpass
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from oauthclient_operator import handlers, names
from oauthclient_operator.cluster import event_lines
from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.cluster.resource_cache import ResourceCache
from oauthclient_operator.cluster.watch_session import Arrivals, Reached
from oauthclient_operator.errors import StorageRestored
from tests.wire.cluster.conftest import Stage, connection, stream
from tests.wire.process.test_told_to_stop import discovery

__all__ = ["connection"]

pytestmark = pytest.mark.slow
Watch = Callable[[web.Request], Awaitable[web.StreamResponse]]


def resource(name: str, version: int, metadata: dict[str, Any] | None = None, **client_metadata: Any) -> dict[str, Any]:
    identity = {"namespace": "shop", "name": name, "uid": f"uid-of-{name}", "resourceVersion": str(version)}
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.KIND,
        "metadata": identity | (metadata or {}),
        "spec": {"clientMetadata": client_metadata},
    }


class Played:
    """The API server: pages of each list in their order, the last list again and again, and watches alike."""

    def __init__(self, stage: Stage, lists: list[list[list[dict[str, Any]]]], watches: list[Watch]) -> None:
        self.lists, self.watches = lists, watches
        self.at = 1000
        self.shows = [50]
        self.stage = stage
        self.since: list[str] = []
        self.issuers: list[dict[str, Any]] = []
        self.issuer_watch: Watch | None = None
        stage.play = self.play

    async def play(self, request: web.Request) -> web.StreamResponse:
        if not request.path.endswith((names.PLURAL, names.ISSUER_PLURAL)):
            return web.json_response(discovery(request.path))
        if request.path.endswith(names.ISSUER_PLURAL):
            return await self.play_issuers(request)
        if "watch" in request.query:
            self.since.append(request.query["resourceVersion"])
            return await (self.watches.pop(0) if len(self.watches) > 1 else self.watches[0])(request)
        if request.query["limit"] == "1":
            return web.json_response({"metadata": {"resourceVersion": str(self.at)}, "items": None})
        page = int(request.query.get("continue", "0"))
        pages = self.lists[0]
        if page + 1 == len(pages) and len(self.lists) > 1:
            self.lists.pop(0)
        onward = str(page + 1) if page + 1 < len(pages) else ""
        about = {"resourceVersion": str(self.shows[0]), "continue": onward}
        if not onward and len(self.shows) > 1:
            self.shows.pop(0)
        return web.json_response({"kind": f"{names.KIND}List", "metadata": about, "items": pages[page]})

    async def play_issuers(self, request: web.Request) -> web.StreamResponse:
        if "watch" in request.query:
            return await (self.issuer_watch or self.idle)(request)
        about = {"resourceVersion": str(self.shows[0])}
        return web.json_response({"kind": f"{names.ISSUER_KIND}List", "metadata": about, "items": self.issuers})

    async def idle(self, request: web.Request) -> web.StreamResponse:
        response = await stream(request)
        await self.stage.over.wait()
        return response


class Seen:
    """What kopf handed on, and a way to wait for it."""

    def __init__(self) -> None:
        self.events: list[tuple[str | None, dict[str, Any]]] = []
        self._more = asyncio.Event()

    def __call__(self, kind: str | None, body: dict[str, Any]) -> None:
        self.events.append((kind, body))
        self._more.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(20):
            while len(self.events) < count:
                self._more.clear()
                await self._more.wait()

    @property
    def named(self) -> list[tuple[str | None, str]]:
        return [(kind, body["metadata"]["name"]) for kind, body in self.events]


@asynccontextmanager
async def watched(
    connection: Connection,
    sink: handlers.EventSink,
    reached: Reached = lambda *_: None,
    *,
    issuers: handlers.EventSink = lambda *_: None,
    namespaces: tuple[str, ...] = (),
) -> AsyncIterator[Arrivals]:
    tasks, arrivals = await handlers.watch(
        clients=handlers.Sink(sink, reached),
        issuers=handlers.Sink(issuers),
        connection=connection,
        namespaces=namespaces,
    )
    try:
        yield arrivals
    finally:
        await handlers.stop(tasks)


async def test_a_list_is_cut_to_what_is_kept_and_its_end_is_known(stage: Stage, connection: Connection) -> None:
    huge = resource("b", 2, {"annotations": {"a": "x" * 700_000}}, x=[[] for _ in range(100_000)])
    pages = [[resource("a", 1, client_name="Web"), huge], [resource("c", 3)]]
    played = Played(stage, [pages], [])
    played.watches = [played.idle]
    seen = Seen()
    async with watched(connection, seen) as arrivals:
        await asyncio.wait_for(arrivals.complete(), 20)
        assert sorted(seen.named, key=str) == [(None, "a"), (None, "b"), (None, "c")]
        known = {body["metadata"]["name"]: body for _, body in seen.events}
        assert known["a"]["spec"] == {"clientMetadata": {"client_name": "Web"}}
        assert len(json.dumps(known["b"])) < 70_000
    lists = [r for r in stage.requests if r.path.endswith(names.PLURAL) and "watch" not in r.query]
    assert [r.query["limit"] for r in lists] == ["100", "100"], "and no other list, to know when all has come"


async def test_a_user_without_a_name_may_watch(
    stage: Stage, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 65532")

    monkeypatch.setattr(getpass, "getuser", nameless)
    monkeypatch.delenv("POD_ID", raising=False)
    Played(stage, [[[resource("a", 1)]]], []).watches = []
    async with watched(connection, Seen()) as arrivals:
        await asyncio.wait_for(arrivals.complete(), 20)


async def test_an_object_that_cannot_be_taken_keeps_no_other_from_being_known(
    stage: Stage, connection: Connection
) -> None:
    played = Played(stage, [[[resource("a", 1), resource("b", 2), resource("c", 3)]]], [])
    played.watches = [played.idle]
    seen = Seen()

    def take(kind: str | None, body: dict[str, Any]) -> None:
        if body["metadata"]["name"] == "b":
            raise ValueError("b")
        seen(kind, body)

    async with watched(connection, take) as arrivals:
        await asyncio.wait_for(arrivals.complete(), 20)
    assert seen.named == [(None, "a"), (None, "c")]


async def test_an_event_that_is_nested_deeper_than_python_reads_does_not_end_the_watch(
    stage: Stage, connection: Connection
) -> None:
    text = json.dumps({"type": "MODIFIED", "object": resource("deep", 51, x="HERE")})
    line = text.replace('"HERE"', "[" * 5000 + "]" * 5000).encode() + b"\n"

    async def play(request: web.Request) -> web.StreamResponse:
        response = await stream(request)
        await response.write(line)
        await response.write(json.dumps({"type": "ADDED", "object": resource("next", 52)}).encode() + b"\n")
        await stage.over.wait()
        return response

    Played(stage, [[[]]], [play])
    seen = Seen()
    async with watched(connection, seen):
        await seen.until(2)
    assert seen.named == [("MODIFIED", "deep"), ("ADDED", "next")]


async def test_an_event_that_is_too_large_has_its_object_listed(
    stage: Stage, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_lines, "LARGEST", 300_000)
    huge = resource("huge", 51, {"annotations": {"a": "x" * 400_000}})

    async def play(request: web.Request) -> web.StreamResponse:
        response = await stream(request, {"type": "ADDED", "object": huge})
        await stage.over.wait()
        return response

    played = Played(stage, [[[]], [[huge]]], [play])
    played.watches.append(played.idle)
    seen = Seen()
    async with watched(connection, seen):
        await seen.until(1)
    assert seen.named == [(None, "huge")]
    assert len(str(seen.events)) < 1000


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
    cache = ResourceCache()

    def take(kind: str | None, body: dict[str, Any]) -> None:
        (cache.remove if kind == "DELETED" else cache.offer)(body)

    async def compacted(request: web.Request) -> web.StreamResponse:
        later = {"type": "DELETED" if deleted else "MODIFIED", "object": resource("a", 80)}
        gone = {"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired"}}
        return await stream(request, later, gone)

    played = Played(stage, [[[resource("a", 40)]]], [compacted])
    played.watches.append(played.idle)
    played.shows = [50, 1_000_000_090]  # etcdutl snapshot restore --bump-revision=1000000000 --mark-compacted
    async with watched(connection, take, cache.reached) as arrivals:
        with pytest.raises(StorageRestored, match="oauthclients shop/a at resourceVersion 40 and has had it at 80"):
            await asyncio.wait_for(arrivals.unless_restored(), 60)


async def test_a_list_that_is_behind_what_was_written_since_says_nothing(stage: Stage, connection: Connection) -> None:
    played = Played(stage, [[[resource("a", 40)]]], [])
    played.watches = [played.idle]
    seen = Seen()
    async with watched(connection, seen, lambda *_: 60) as arrivals:
        await seen.until(1)
        await arrivals.complete()
        assert not arrivals._restored.done()


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


def issuer(version: int, **spec: Any) -> dict[str, Any]:
    about = {"name": "corporate", "uid": "i", "resourceVersion": str(version), "labels": {"a": "x" * 1000}}
    return {"apiVersion": names.API_VERSION, "kind": names.ISSUER_KIND, "metadata": about, "spec": spec}


@pytest.mark.parametrize("namespaces", [(), ("shop", "billing")], ids=["everywhere", "in named namespaces"])
async def test_issuers_are_listed_and_watched_in_no_namespace_beside_clients(
    stage: Stage, connection: Connection, namespaces: tuple[str, ...]
) -> None:
    async def tells(request: web.Request) -> web.StreamResponse:
        response = await stream(request, {"type": "MODIFIED", "object": issuer(51, issuer="https://b.example")})
        await stage.over.wait()
        return response

    played = Played(stage, [[[resource("a", 1)]]], [])
    played.watches, played.issuers, played.issuer_watch = [played.idle], [issuer(2, issuer="https://a.example")], tells
    clients, issuers = Seen(), Seen()
    async with watched(connection, clients, issuers=issuers, namespaces=namespaces) as arrivals:
        await asyncio.wait_for(arrivals.complete(), 60)
        await issuers.until(2)
    assert issuers.named == [(None, "corporate"), ("MODIFIED", "corporate")]
    assert issuers.events[0][1] == {
        "metadata": {"name": "corporate", "uid": "i", "resourceVersion": "2"},
        "spec": {"issuer": "https://a.example"},
    }, "cut to what is kept"
    assert clients.named == [(None, "a")] * (len(namespaces) or 1)
    asked = {r.path for r in stage.requests if r.path.endswith(names.ISSUER_PLURAL)}
    assert asked == {f"/apis/{names.API_VERSION}/{names.ISSUER_PLURAL}"}


async def test_that_all_has_come_is_not_said_before_the_issuers_have(stage: Stage, connection: Connection) -> None:
    may_list = asyncio.Event()
    played = Played(stage, [[[resource("a", 1)]]], [])
    played.watches = [played.idle]

    async def play(request: web.Request) -> web.StreamResponse:
        if request.path.endswith(names.ISSUER_PLURAL) and "watch" not in request.query:
            await may_list.wait()
        return await played.play(request)

    stage.play = play
    seen = Seen()
    async with watched(connection, seen) as arrivals:
        await seen.until(1)
        all_have_come = asyncio.create_task(arrivals.complete())
        await asyncio.sleep(0)
        assert not all_have_come.done()
        may_list.set()
        await asyncio.wait_for(all_have_come, 60)
