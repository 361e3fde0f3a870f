"""The informer on bad days: streams that break, end or fall silent, versions that are too old, lists that are none."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from oauthclient_operator.backoff import Backoff
from oauthclient_operator.cluster import informer as module
from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.cluster.informer import MetadataInformer
from tests.wire.cluster.conftest import Stage, status
from tests.wire.cluster.script import (
    SECRETS,
    Changes,
    Script,
    bookmark,
    breaks,
    ends,
    event,
    listed,
    running,
    then,
    thing,
)


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BACKOFF", Backoff(first=0.001, longest=0.01))


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


@pytest.mark.parametrize("tolerated", [True, False])
async def test_a_namespace_that_may_not_be_listed_holds_the_others_back_only_where_all_are_needed(
    stage: Stage, connection: Connection, tolerated: bool
) -> None:
    script = Script(stage, [listed(5, thing("a", 1))], [])
    script.watches = [script.idle]
    refused = 0
    often = asyncio.Event()

    async def play(request: web.Request) -> web.StreamResponse:
        nonlocal refused
        if "/namespaces/gone/" not in request.path:
            return await script.play(request)
        refused += 1
        if refused == 3:
            often.set()
        return web.json_response(status(403, "Forbidden"), status=403)

    stage.play = play
    informer = MetadataInformer(connection, SECRETS, namespaces=["gone", "shop"], one_may_be_forbidden=tolerated)
    async with running(informer), asyncio.timeout(10):
        await script.watched(1)
        await often.wait()
    assert informer.synced.is_set() == tolerated
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

    monkeypatch.setattr(module, "_BACKOFF", Backoff(first=0.5, longest=30.0))
    script = Script(stage, [listed(5)], [then(ends)])
    informer = MetadataInformer(connection, SECRETS, chance=lambda: 0.5)
    await connection.request("GET", SECRETS, query={"limit": "1"})
    monkeypatch.setattr(asyncio, "sleep", sleep)
    async with running(informer):
        await asyncio.wait_for(rest.wait(), 10)
    assert waits == [0.75 * min(30, 0.5 * 2**failures) for failures in range(8)]
    assert len(script.versions) == 8


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
