"""kopf lists and watches within our bounds: what it is given are items that are cut, and events that it can read."""

import asyncio
import getpass
import json
from typing import Any

import pytest
from aiohttp import web

from oauthclient_operator import names
from oauthclient_operator.cluster import event_lines
from oauthclient_operator.cluster.connection import Connection
from tests.wire.cluster.conftest import Stage, connection, stream
from tests.wire.process.kopf_played import Played, Seen, resource, watched

__all__ = ["connection"]

pytestmark = pytest.mark.slow


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

    class Fails(Seen):
        def take(self, kind: str | None, body: dict[str, Any]) -> None:
            if body["metadata"]["name"] == "b":
                raise ValueError("b")
            super().take(kind, body)

    seen = Fails()
    async with watched(connection, seen) as arrivals:
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


async def test_the_echo_of_an_own_write_is_not_handed_on_and_the_watch_goes_on_from_it(
    stage: Stage, connection: Connection
) -> None:
    async def play(request: web.Request) -> web.StreamResponse:
        echo = {"type": "MODIFIED", "object": resource("a", 60)}
        return await stream(request, {"type": "MODIFIED", "object": resource("a", 59)}, echo)

    class Wrote(Seen):
        def reached(self, _namespace: str, _name: str) -> int | None:
            return 60

    went_on = asyncio.Event()

    async def again(request: web.Request) -> web.StreamResponse:
        went_on.set()
        return await played.idle(request)

    played = Played(stage, [[[resource("a", 1)]]], [play, again])
    seen = Wrote()
    async with watched(connection, seen):
        await asyncio.wait_for(went_on.wait(), 20)
    assert seen.named == [(None, "a")]
    assert played.since == ["50", "60"]


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
