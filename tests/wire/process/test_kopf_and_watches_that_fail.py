"""Watches that tell of an error, or of nothing that is an event, and those that end at once, as kopf meets them."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.cluster.watch_pace import AGAIN
from tests.wire.cluster.conftest import Stage, connection, status, stream
from tests.wire.process.kopf_played import Played, Seen, Watch, resource, watched

__all__ = ["connection"]

pytestmark = pytest.mark.slow


TELLS = b'{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"50"}}}\n'


def raw(*lines: bytes) -> Watch:
    async def play(request: web.Request) -> web.StreamResponse:
        response = await stream(request)
        for line in lines:
            await response.write(line)
        return response

    return play


def error(code: int, reason: str) -> Watch:
    said: dict[str, Any] = {"type": "ERROR", "object": status(code, reason)}

    async def play(request: web.Request) -> web.StreamResponse:
        return await stream(request, said)

    return play


@pytest.mark.parametrize(
    ("watch", "why"),
    [
        pytest.param(error(500, "InternalError"), "500 InternalError", id="of the API server's storage"),
        pytest.param(error(504, "Timeout"), "504 Timeout", id="of a request that took too long"),
        pytest.param(raw(b"<html>\n"), "what came is no event", id="a page of something in front of it"),
        pytest.param(raw(b'{"type":"ADDED"}\n'), "what came is no event", id="an event of nothing"),
    ],
)
async def test_it_is_said_and_all_is_listed_anew(
    stage: Stage, connection: Connection, caplog: pytest.LogCaptureFixture, watch: Watch, why: str
) -> None:
    played = Played(stage, [[[resource("a", 1)]], [[resource("a", 1), resource("b", 60)]]], [])
    played.watches = [watch, played.idle]
    seen = Seen()
    async with watched(connection, seen) as arrivals:
        await asyncio.wait_for(arrivals.complete(), 20)
        await seen.until(3)
    assert [name for _, name in seen.named] == ["a", "a", "b"]
    said = [vars(record) for record in caplog.records if record.getMessage() == "watch failed"]
    assert [one["error"] for one in said] == [f"watch oauthclients: {why}"]


async def test_that_its_version_is_too_old_is_nothing_to_be_said(
    stage: Stage, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    played = Played(stage, [[[resource("a", 1)]], [[resource("b", 60)]]], [])
    played.watches = [error(410, "Expired"), played.idle]
    seen = Seen()
    async with watched(connection, seen) as arrivals:
        await asyncio.wait_for(arrivals.complete(), 20)
        await seen.until(2)
    assert "watch failed" not in caplog.messages


@pytest.mark.parametrize(
    "fails",
    [
        pytest.param(raw(), id="ends"),
        pytest.param(error(500, "Internal"), id="fails"),
        pytest.param(raw(TELLS), id="tells something, and ends"),
        pytest.param(raw(TELLS, b"<html>\n"), id="tells something, and fails"),
    ],
)
async def test_one_after_another_at_once_is_begun_again_later_and_later(
    stage: Stage, connection: Connection, fails: Watch
) -> None:
    now = asyncio.get_running_loop().time
    begun: list[float] = []
    fourth = asyncio.Event()

    async def watch(request: web.Request) -> web.StreamResponse:
        begun.append(now())
        if len(begun) == 4:
            fourth.set()
        return await fails(request)

    played = Played(stage, [[[]]], [watch])
    async with watched(connection, Seen()):
        await asyncio.wait_for(fourth.wait(), 20)
    least = [AGAIN.after(failures, 0) for failures in (1, 2, 3)]
    assert all(later - sooner >= pause for sooner, later, pause in zip(begun, begun[1:], least, strict=False))
    assert played.since == ["50"] * 4
