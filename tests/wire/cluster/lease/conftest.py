"""A Lease in a played API server, with time in the test's hand."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from oauthclient_operator.cluster import lease as module
from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.cluster.lease import Lease
from tests.wire.cluster.conftest import Stage, status


class World:
    """One Lease in an API server that compares resourceVersions, and the clock that both processes read."""

    def __init__(self, stage: Stage) -> None:
        self.now = 1000.0
        self.spec: dict[str, Any] | None = None
        self.version = 1
        self.requests: list[str] = []
        self.slow = 0.0
        """Seconds that pass on the clock while a request is on its way."""
        self.trouble: Callable[[], web.Response | None] = lambda: None
        self._turn = asyncio.Condition()
        stage.play = self.play

    async def play(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request.method)
        self.now += self.slow
        answer = self._answer(request.method, await request.text())
        async with self._turn:
            self._turn.notify_all()
        return self.trouble() or answer

    def _answer(self, method: str, text: str) -> web.Response:
        if method == "GET":
            return self._lease() if self.spec is not None else web.json_response(status(404, "NotFound"), status=404)
        body = json.loads(text)
        if method == "POST" and self.spec is not None:
            return web.json_response(status(409, "AlreadyExists"), status=409)
        if method == "PUT" and body["metadata"]["resourceVersion"] != str(self.version):
            return web.json_response(status(409, "Conflict"), status=409)
        self.write(**body["spec"])
        return self._lease()

    def write(self, **spec: Any) -> None:
        self.spec = (self.spec or {}) | spec
        self.version += 1

    def _lease(self) -> web.Response:
        metadata = {"name": "oauthclient-operator", "resourceVersion": str(self.version), "annotations": {"keep": "me"}}
        return web.json_response({"metadata": metadata, "spec": self.spec})

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until something holds, looking after each request."""
        async with asyncio.timeout(10), self._turn:
            await self._turn.wait_for(true)

    async def asked(self, times: int) -> None:
        """Wait for so many more requests."""
        goal = len(self.requests) + times
        await self.until(lambda: len(self.requests) >= goal)


@pytest.fixture
def world(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> World:
    world = World(stage)
    monkeypatch.setattr(module, "elapsed", lambda: world.now)
    monkeypatch.setattr(module, "_PAUSE", 0.01)
    return world


def lease(connection: Connection, holder: str = "a", duration: float = 45) -> Lease:
    return Lease(connection, namespace="system", holder=holder, duration=duration, renewal=0.01)
