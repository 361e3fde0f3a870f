"""The informer on a bad day: pages, streams that break, end or fall silent, and versions that are too old."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aiohttp import web

from oauthclient_operator.cluster import informer as module
from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.cluster.informer import MetadataInformer
from oauthclient_operator.cluster.metadata import LAST_APPLIED
from oauthclient_operator.cluster.target import CORE, Target
from tests.wire.cluster.conftest import Stage, says, status, stream

SECRETS = Target(api=CORE, resource="secrets")


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BACKOFF", (0.001, 0.01))


def thing(name: str, version: int, namespace: str = "shop", **more: Any) -> dict[str, Any]:
    metadata = {"namespace": namespace, "name": name, "uid": f"uid-of-{name}", "resourceVersion": str(version)}
    return {"kind": "PartialObjectMetadata", "metadata": metadata | more}


def listed(version: int, *things: dict[str, Any], onward: str | None = None) -> dict[str, Any]:
    return {"metadata": {"resourceVersion": str(version), "continue": onward}, "items": list(things)}


def event(kind: str, what: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "object": what}


def bookmark(version: int) -> dict[str, Any]:
    return event("BOOKMARK", {"metadata": {"resourceVersion": str(version)}})


class Script:
    """Lists and watches in the order in which they will be asked for; the last of each goes on."""

    def __init__(self, stage: Stage, lists: list[Any], watches: list[Callable[[web.Request], Any]]) -> None:
        self.stage, self.lists, self.watches = stage, lists, watches
        self.versions: list[str] = []
        self._asked = asyncio.Condition()
        stage.play = self.play

    async def play(self, request: web.Request) -> web.StreamResponse:
        if "watch" not in request.query:
            answer = self.lists.pop(0) if len(self.lists) > 1 else self.lists[0]
            return await says(answer)(request)
        self.versions.append(request.query["resourceVersion"])
        async with self._asked:
            self._asked.notify_all()
        return await (self.watches.pop(0) if len(self.watches) > 1 else self.watches[0])(request)  # type: ignore[no-any-return]

    async def watched(self, times: int) -> None:
        """Wait until that many watches were asked for."""
        async with asyncio.timeout(10), self._asked:
            await self._asked.wait_for(lambda: len(self.versions) >= times)

    async def idle(self, request: web.Request) -> web.StreamResponse:
        response = await stream(request)
        await self.stage.over.wait()
        return response


def then(script_end: Callable[[web.Request, web.StreamResponse], Any], *events: dict[str, Any]) -> Callable[..., Any]:
    async def play(request: web.Request) -> web.StreamResponse:
        response = await stream(request, *events)
        await script_end(request, response)
        return response

    return play


async def ends(_request: web.Request, _response: web.StreamResponse) -> None:
    return


async def breaks(request: web.Request, _response: web.StreamResponse) -> None:
    assert request.transport is not None
    request.transport.abort()


@asynccontextmanager
async def running(informer: MetadataInformer) -> AsyncIterator[None]:
    task = asyncio.create_task(informer.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class Changes:
    """What `on_change` said, and a way to wait for it."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []
        self._more = asyncio.Event()

    def __call__(self, namespace: str, name: str) -> None:
        self.seen.append((namespace, name))
        self._more.set()

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not true():
                self._more.clear()
                await self._more.wait()


async def test_it_asks_for_metadata_only_page_by_page_and_never_keeps_what_kubectl_remembers(
    stage: Stage, connection: Connection
) -> None:
    annotations = {LAST_APPLIED: '{"data": {"client_secret": "aHVudGVyMg=="}}', "keep": "me"}
    script = Script(
        stage,
        [
            listed(9, thing("a", 3, annotations=annotations, managedFields=[{}]), onward="page-2"),
            listed(9, thing("b", 4)),
        ],
        [],
    )
    script.watches = [script.idle]
    changes = Changes()
    informer = MetadataInformer(
        connection, SECRETS, label_selector="a=b", field_selector="type=Opaque", on_change=changes
    )
    async with running(informer):
        await asyncio.wait_for(informer.synced.wait(), 10)
        assert informer.get("shop", "a") == thing("a", 3, annotations={"keep": "me"})["metadata"]
        assert "client_secret" not in repr(list(informer.all()))
        await script.watched(1)
    first, second, watch = stage.requests[:3]
    assert [request.path for request in (first, second, watch)] == ["/api/v1/secrets"] * 3
    assert first.query["limit"] == "500"
    assert second.query["continue"] == "page-2"
    assert watch.query["allowWatchBookmarks"] == "true"
    assert 240 <= int(watch.query["timeoutSeconds"]) <= 300
    for request in (first, second, watch):
        assert request.query["labelSelector"] == "a=b"
        assert request.query["fieldSelector"] == "type=Opaque"
        assert request.headers["Accept"].startswith("application/json;as=PartialObjectMetadata")
        assert "," not in request.headers["Accept"], "whole Secrets are not even the second choice"
    assert script.versions == ["9"]


async def test_events_add_change_and_remove(stage: Stage, connection: Connection) -> None:
    script = Script(stage, [listed(5, thing("a", 1), thing("b", 2))], [])
    told = (
        event("MODIFIED", thing("a", 6)),
        event("DELETED", thing("b", 7)),
        event("ADDED", thing("c", 8)),
        event("MODIFIED", thing("a", 1)),
    )
    script.watches = [then(lambda *_: stage.over.wait(), *told)]
    changes = Changes()
    informer = MetadataInformer(connection, SECRETS, on_change=changes)
    async with running(informer):
        await changes.until(lambda: ("shop", "c") in changes.seen)
    assert changes.seen == [("shop", "a"), ("shop", "b"), ("shop", "a"), ("shop", "b"), ("shop", "c")]
    assert [m["name"] for m in informer.all()] == ["a", "c"]


@pytest.mark.parametrize("end", [ends, breaks], ids=["the stream ends", "the stream breaks"])
async def test_after_a_stream_it_goes_on_from_the_last_bookmark_without_a_list(
    stage: Stage, connection: Connection, end: Callable[..., Any]
) -> None:
    script = Script(stage, [listed(5)], [])
    script.watches = [then(end, event("ADDED", thing("a", 6)), bookmark(17)), script.idle]
    informer = MetadataInformer(connection, SECRETS)
    async with running(informer):
        await script.watched(2)
    assert script.versions == ["5", "17"]
    assert len(stage.requests) == 3


async def _refused(_: web.Request) -> web.StreamResponse:
    return web.json_response(status(410, "Expired"), status=410)


@pytest.mark.parametrize(
    "too_old",
    [_refused, then(ends, event("ERROR", status(410, "Expired")))],
    ids=["the watch is refused", "the stream says so"],
)
async def test_too_old_a_version_makes_it_list_again_and_report_what_is_gone(
    stage: Stage, connection: Connection, too_old: Callable[..., Any]
) -> None:
    script = Script(stage, [listed(5, thing("a", 1), thing("b", 2)), listed(50, thing("b", 2), thing("c", 40))], [])
    script.watches = [too_old, script.idle]
    changes = Changes()
    informer = MetadataInformer(connection, SECRETS, on_change=changes)
    async with running(informer):
        await script.watched(2)
    assert script.versions == ["5", "50"]
    assert sorted(changes.seen[2:]) == [("shop", "a"), ("shop", "c")]
    assert [m["name"] for m in informer.all()] == ["b", "c"]


async def test_a_silent_stream_is_given_up_and_a_list_finds_out(
    stage: Stage, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SILENCE", 0.2)
    script = Script(stage, [listed(500), listed(7, thing("a", 6))], [])
    script.watches = [script.idle]
    changes = Changes()
    informer = MetadataInformer(connection, SECRETS, on_change=changes)
    async with running(informer):
        await changes.until(lambda: bool(changes.seen))
        await script.watched(2)
    assert script.versions[:2] == ["500", "7"], "the storage was restored; nothing would ever have come on that stream"


async def test_a_refused_list_is_waited_out(stage: Stage, connection: Connection) -> None:
    script = Script(stage, [listed(5, thing("a", 1))], [])
    script.watches = [script.idle]
    left = 3

    async def play(request: web.Request) -> web.StreamResponse:
        nonlocal left
        left -= 1
        if left >= 0:
            return web.json_response(status(403, "Forbidden"), status=403)
        return await script.play(request)

    stage.play = play
    informer = MetadataInformer(connection, SECRETS)
    async with running(informer):
        await asyncio.wait_for(informer.synced.wait(), 10)
    assert informer.get("shop", "a") is not None


async def test_a_stream_that_always_ends_at_once_does_not_make_it_loop(
    stage: Stage, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    rest = asyncio.Event()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 8:
            rest.set()
            await stage.over.wait()

    monkeypatch.setattr(module, "_BACKOFF", (0.5, 30.0))
    script = Script(stage, [listed(5)], [then(ends)])
    informer = MetadataInformer(connection, SECRETS)
    await connection.request("GET", SECRETS, query={"limit": "1"})
    monkeypatch.setattr(asyncio, "sleep", sleep)
    async with running(informer):
        await asyncio.wait_for(rest.wait(), 10)
    for failures, waited in enumerate(waits):
        assert min(30, 0.5 * 2**failures) / 2 <= waited <= min(30, 0.5 * 2**failures)
    assert len(script.versions) == 8


async def test_it_has_synced_when_every_namespace_was_listed(stage: Stage, connection: Connection) -> None:
    go_on = asyncio.Event()

    async def play(request: web.Request) -> web.StreamResponse:
        if "watch" in request.query:
            await stage.over.wait()
            return await stream(request)
        namespace = request.path.split("/")[4]
        if namespace == "slow":
            await go_on.wait()
        return web.json_response(listed(5, thing("a", 1, namespace=namespace)))

    stage.play = play
    changes = Changes()
    informer = MetadataInformer(connection, SECRETS, namespaces=["shop", "slow", "shop"], on_change=changes)
    async with running(informer):
        await changes.until(lambda: ("shop", "a") in changes.seen)
        assert not informer.synced.is_set()
        go_on.set()
        await asyncio.wait_for(informer.synced.wait(), 10)
    assert sorted(changes.seen) == [("shop", "a"), ("slow", "a")]


async def test_indexed_labels_are_found_and_follow_changes(stage: Stage, connection: Connection) -> None:
    script = Script(
        stage, [listed(5, thing("a", 1, labels={"x/1": "v", "y": "v"}), thing("b", 2, labels={"x/1": "w"}))], []
    )
    told = (event("MODIFIED", thing("a", 6, labels={"x/2": "v"})), event("DELETED", thing("b", 7)), bookmark(8))
    go_on = asyncio.Event()

    async def play(request: web.Request) -> web.StreamResponse:
        await go_on.wait()
        return await then(lambda *_: stage.over.wait(), *told)(request)  # type: ignore[no-any-return]

    script.watches = [play]
    changes = Changes()
    informer = MetadataInformer(connection, SECRETS, indexed="x/", on_change=changes)
    async with running(informer):
        await asyncio.wait_for(informer.synced.wait(), 10)
        assert informer.labelled("x/1") == {("shop", "a"): "v", ("shop", "b"): "w"}
        assert informer.labelled("y") == {}
        go_on.set()
        await changes.until(lambda: len(changes.seen) == 4)
    assert informer.labelled("x/1") == {}
    assert informer.labelled("x/2") == {("shop", "a"): "v"}


async def test_the_answer_to_our_own_write_is_known_before_the_watch_tells(connection: Connection) -> None:
    changes = Changes()
    informer = MetadataInformer(connection, SECRETS, on_change=changes)
    assert informer.offer(thing("a", 6) | {"data": {"client_secret": "aHVudGVyMg=="}})
    assert not informer.offer(thing("a", 5))
    assert informer.get("shop", "a") == thing("a", 6)["metadata"]
    assert changes.seen == [("shop", "a")]


@pytest.mark.parametrize(
    "odd", [{"metadata": {}}, {"items": []}, listed(5, {"kind": "Secret"}), listed(5, thing("a", 1) | {"metadata": 5})]
)
async def test_a_list_that_does_not_make_sense_does_not_count(stage: Stage, connection: Connection, odd: Any) -> None:
    script = Script(stage, [odd, listed(5, thing("a", 1))], [])
    script.watches = [script.idle]
    informer = MetadataInformer(connection, SECRETS)
    async with running(informer):
        await asyncio.wait_for(informer.synced.wait(), 10)
    assert informer.get("shop", "a") is not None
