"""Definitions that go, or are not served everywhere yet: kopf would end over them, or watch nothing without a word."""

import asyncio
import json
from pathlib import Path

import pytest
from aiohttp import web

from oauthclient_operator import names
from oauthclient_operator.cluster import watch_session
from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.errors import ClusterError
from tests.wire.cluster.conftest import Stage, connection, stream
from tests.wire.process.kopf_played import Played, Seen, resource, watched
from tests.wire.process.test_told_to_stop import APIServer, operator

__all__ = ["connection"]

pytestmark = pytest.mark.slow


def no_such_kind() -> web.Response:
    """Answer as a real API server does of a kind without a definition."""
    return web.Response(status=404, text="404 page not found\n")


class Going(Played):
    """An API server that has no definition of OAuthClients for a while after the first watch of them."""

    def __init__(self, stage: Stage, times: int) -> None:
        super().__init__(stage, [[[resource("a", 40)]]], [])
        self.watches = [self.ends, self.adds(resource("b", 60))]
        self.left = times

    async def play(self, request: web.Request) -> web.StreamResponse:
        if self.since and self.left and request.path.endswith(f"/{names.PLURAL}"):
            self.left -= "watch" in request.query
            return no_such_kind()
        return await super().play(request)


async def test_a_kind_that_is_not_served_for_a_moment_is_told_and_watched_on(
    stage: Stage, connection: Connection
) -> None:
    Going(stage, 2)
    seen = Seen()
    async with watched(connection, seen) as arrivals, asyncio.timeout(20):
        await arrivals.complete()
        await arrivals.kind_missed()
        await seen.until(2)
    assert seen.named == [(None, "a"), ("ADDED", "b")]


async def test_a_kind_that_kopf_does_not_find_is_noticed(
    stage: Stage, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_session, "BEGINS_WITHIN", 1.0)
    played = Played(stage, [[[]]], [])
    played.watches = [played.idle]

    async def play(request: web.Request) -> web.StreamResponse:
        # One of several API servers, which has not heard of the definitions that another one serves already.
        return no_such_kind() if request.path == f"/apis/{names.API_VERSION}" else await played.play(request)

    stage.play = play
    async with watched(connection, Seen()) as arrivals, asyncio.timeout(20):
        with pytest.raises(ClusterError, match="a definition was not served, or could not be looked for"):
            await arrivals.complete()


class Gone(APIServer):
    """Ends the watches of our kinds when it is told that their definitions are gone."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage, hangs_at="lease")
        self.gone = asyncio.Event()

    async def play(self, request: web.Request) -> web.StreamResponse:
        if names.GROUP not in request.path:
            return await super().play(request)
        if self.gone.is_set():
            return no_such_kind()
        if "watch" not in request.query:
            return await super().play(request)
        response = await stream(request)
        await self.gone.wait()
        return response


async def test_the_process_ends_where_they_are_gone_and_says_so(stage: Stage, kubeconfig: Path) -> None:
    api = Gone(stage)
    async with operator(kubeconfig) as process, asyncio.timeout(60):
        await api.reached.wait()
        api.gone.set()
        _, log = await process.communicate()
    assert process.returncode == 1
    missing = "has no definition oauthclients.oauth-operator.dev and no clusteroauthissuers.oauth-operator.dev"
    assert missing in json.loads(log.splitlines()[-1])["why"]
    assert "Traceback" not in log.decode(), log.decode()
