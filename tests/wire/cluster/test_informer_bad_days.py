"""The informer on bad days: streams that break, end or fall silent, versions that are too old, lists that are none."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from oauthclient_operator.backoff import Backoff
from oauthclient_operator.cluster import event_lines, kept
from oauthclient_operator.cluster import informer as module
from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.cluster.informer import MetadataInformer
from oauthclient_operator.errors import StorageRestored
from tests.wire.cluster.conftest import Stage, status, stream
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
    monkeypatch.setattr(module, "AGAIN", Backoff(first=0.001, longest=0.01))


@pytest.mark.parametrize("end", [ends, breaks], ids=["the stream ends", "the stream breaks"])
async def test_after_a_stream_it_goes_on_from_the_last_bookmark_without_a_list(
    stage: Stage, connection: Connection, end: Callable[..., Any]
) -> None:
    script = Script(stage, [listed(5)], [])
    script.watches = [then(end, event("ADDED", thing("a", 6)), bookmark(17)), script.idle]
    informer = MetadataInformer(connection, SECRETS, keep=kept.record)
    async with running(informer):
        await script.watched(2)
    assert script.versions == ["5", "17"]
    assert (script.looks, len(stage.requests)) == (1, 4), "a list, a watch, a look at where the API server is, a watch"


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
    informer = MetadataInformer(connection, SECRETS, keep=kept.record, on_change=changes)
    async with running(informer):
        await script.watched(2)
    assert script.versions == ["5", "50"]
    assert sorted(changes.seen[2:]) == [("shop", "a"), ("shop", "c")]
    assert [m["name"] for m in informer.all()] == ["b", "c"]


async def falls_silent(_request: web.Request, _response: web.StreamResponse) -> None:
    await asyncio.sleep(3600)


async def test_silence_is_no_fault_and_nothing_is_listed_for_it(
    stage: Stage, connection: Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "_SILENCE", 0.05)
    script = Script(stage, [listed(500)], [])
    script.watches = [script.idle]
    informer = MetadataInformer(connection, SECRETS, keep=kept.record)
    async with running(informer):
        await script.watched(4)
    assert script.versions[:4] == ["500"] * 4
    assert script.looks == 3
    assert not caplog.records


@pytest.mark.parametrize("end", [ends, breaks, falls_silent], ids=["it ended", "it broke", "it fell silent"])
async def test_a_stream_is_not_followed_into_the_future_of_a_storage_that_was_restored(
    stage: Stage, connection: Connection, end: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SILENCE", 0.2)
    script = Script(stage, [listed(5)], [])
    script.watches = [then(end, bookmark(500))]
    script.at = 499
    informer = MetadataInformer(connection, SECRETS, keep=kept.record)
    with pytest.raises(StorageRestored, match="is at resourceVersion 499 of secrets and has been at 500"):
        await asyncio.wait_for(informer.run(), 10)


async def test_a_list_that_is_behind_the_one_before_tells_of_a_restored_storage_too(
    stage: Stage, connection: Connection
) -> None:
    script = Script(stage, [listed(500), listed(499)], [_refused])
    informer = MetadataInformer(connection, SECRETS, keep=kept.record, namespaces=["shop", "other"])
    with pytest.raises(StorageRestored):
        await asyncio.wait_for(informer.run(), 10)
    assert script.looks == 0


@pytest.mark.parametrize("size", [300_000, 5_000_000, event_lines.LARGEST])
async def test_no_event_is_too_large_to_go_on(stage: Stage, connection: Connection, size: int) -> None:
    huge = thing("huge", 6, annotations={"a": "x" * size})
    script = Script(stage, [listed(5), listed(6, huge)], [])
    script.watches = [then(lambda *_: stage.over.wait(), event("ADDED", huge)), script.idle]
    changes = Changes()
    informer = MetadataInformer(connection, SECRETS, keep=kept.secret, on_change=changes)
    async with running(informer):
        await changes.until(lambda: ("shop", "huge") in changes.seen)
    assert len(str(informer.get("shop", "huge"))) < 200


async def test_what_is_nested_too_deeply_for_python_is_no_end(stage: Stage, connection: Connection) -> None:
    line = f'{{"type":"ADDED","object":{{"metadata":{json.dumps(thing("a", 6)["metadata"])},"x":{"[" * 5000 + "]" * 5000}}}}}'

    async def play(request: web.Request) -> web.StreamResponse:
        response = await stream(request)
        await response.write(line.encode() + b"\n")
        await stage.over.wait()
        return response

    Script(stage, [listed(5)], [play])
    changes = Changes()
    informer = MetadataInformer(connection, SECRETS, keep=kept.secret, on_change=changes)
    async with running(informer):
        await changes.until(lambda: ("shop", "a") in changes.seen)


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
    informer = MetadataInformer(connection, SECRETS, keep=kept.record)
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
    informer = MetadataInformer(
        connection, SECRETS, keep=kept.record, namespaces=["gone", "shop"], one_may_be_forbidden=tolerated
    )
    async with running(informer), asyncio.timeout(10):
        await script.watched(1)
        await often.wait()
    assert informer.synced.is_set() == tolerated
    assert informer.get("shop", "a") is not None


async def test_what_may_be_forbidden_keeps_nobody_waiting_and_is_seen_once_it_is_let(
    stage: Stage, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    script = Script(stage, [listed(5, thing("a", 1))], [])
    script.watches = [script.idle]
    refused = 0

    async def play(request: web.Request) -> web.StreamResponse:
        nonlocal refused
        if refused < 3:
            refused += 1
            return web.json_response(status(403, "Forbidden"), status=403)
        return await script.play(request)

    stage.play = play
    informer = MetadataInformer(connection, SECRETS, keep=kept.record, may_be_forbidden=True)
    async with running(informer), asyncio.timeout(10):
        await informer.synced.wait()
        assert (informer.forbidden, informer.get("shop", "a")) == (True, None)
        await script.watched(1)
    assert not informer.forbidden
    assert informer.get("shop", "a") is not None
    assert [record.message for record in caplog.records].count("watch failed") == 1, "it is said once"


def _then_refused(script: Script, times: int) -> None:
    """Let the first watch end, and then refuse that often what a real API server refuses until it has read the rights."""
    watches, left = [then(ends, bookmark(6)), then(lambda *_: script.stage.over.wait(), bookmark(7))], times

    async def play(request: web.Request) -> web.StreamResponse:
        nonlocal left
        if len(script.versions) and left:
            left -= 1
            return web.json_response(status(403, "Forbidden"), status=403)
        return await script.play(request)

    script.watches, script.stage.play = watches, play


@pytest.mark.parametrize(
    ("patience", "told"), [(60.0, []), (0.0, [True, False])], ids=["for a moment", "for longer than a moment"]
)
async def test_what_was_seen_and_is_refused_is_not_taken_for_forbidden_at_once(
    stage: Stage, connection: Connection, patience: float, told: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_REFUSED_FOR", patience)
    script = Script(stage, [listed(5, thing("a", 1)), listed(6, thing("a", 1))], [])
    _then_refused(script, 4)
    sights: list[bool] = []
    seen_again = asyncio.Event()

    def on_sight() -> None:
        sights.append(informer.forbidden)
        if not informer.forbidden:
            seen_again.set()

    informer = MetadataInformer(connection, SECRETS, keep=kept.record, may_be_forbidden=True, on_sight=on_sight)
    async with running(informer), asyncio.timeout(10):
        await script.watched(2)
        if told:
            await seen_again.wait()
    assert sights == told
    assert informer.get("shop", "a") is not None


@pytest.mark.parametrize("tells", [False, True], ids=["without a word", "with a bookmark"])
async def test_a_stream_that_always_ends_at_once_does_not_make_it_loop(
    stage: Stage, connection: Connection, monkeypatch: pytest.MonkeyPatch, tells: bool
) -> None:
    waits: list[float] = []
    rest = asyncio.Event()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 8:
            rest.set()
            await stage.over.wait()

    monkeypatch.setattr(module, "AGAIN", Backoff(first=0.5, longest=30.0))
    script = Script(stage, [listed(5)], [then(ends, *([bookmark(6)] if tells else []))])
    informer = MetadataInformer(connection, SECRETS, keep=kept.record, chance=lambda: 0.5)
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
    informer = MetadataInformer(connection, SECRETS, keep=kept.record)
    async with running(informer):
        await asyncio.wait_for(informer.synced.wait(), 10)
    assert informer.get("shop", "a") is not None
