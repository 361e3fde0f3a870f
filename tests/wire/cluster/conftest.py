"""A loopback server that a test plays the API server with, for what a real one does on bad days only."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from oauthclient_operator.cluster.connection import Connection
from tests.parts.kubeconfig import write_kubeconfig

Play = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Stage:
    """The server; a test sets `play`. Requests are kept with their bodies."""

    def __init__(self) -> None:
        self.play: Play = _nothing
        self.requests: list[web.Request] = []
        self.bodies: list[bytes] = []
        self.url = ""
        self.over = asyncio.Event()
        """Set at the end: whatever a play still waits for."""

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        self.bodies.append(await request.read())
        return await self.play(request)


async def _nothing(_: web.Request) -> web.StreamResponse:
    return web.Response(status=404, text="404 page not found")


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = Stage()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", stage.serve)
    async with TestServer(application, host="127.0.0.1") as server:
        stage.url = str(server.make_url("")).rstrip("/")
        yield stage
        stage.over.set()


@pytest.fixture
def kubeconfig(stage: Stage, tmp_path: Path) -> Path:
    return write_kubeconfig(tmp_path / "kubeconfig", server=stage.url, authority=None, token="t0ken-in-file")


@pytest.fixture
async def connection(kubeconfig: Path) -> AsyncIterator[Connection]:
    connection = await Connection.open(kubeconfig, {})
    yield connection
    await connection.close()


def says(value: Any, status: int = 200, **headers: str) -> Play:
    """Answer every request with a JSON value."""

    async def play(_: web.Request) -> web.StreamResponse:
        return web.json_response(
            value, status=status, headers={name.replace("_", "-"): v for name, v in headers.items()}
        )

    return play


def asked_too_much(seconds: int) -> Play:
    """Answer every request as a real API server that is asked too much: not by a Status."""

    async def play(_: web.Request) -> web.StreamResponse:
        text = "Too many requests, please try again later.\n"
        return web.Response(status=429, text=text, headers={"Retry-After": str(seconds)})

    return play


def status(code: int, reason: str, **details: Any) -> dict[str, Any]:
    return {"kind": "Status", "apiVersion": "v1", "code": code, "reason": reason, "message": reason, "details": details}


async def stream(request: web.Request, *events: dict[str, Any]) -> web.StreamResponse:
    """Begin a watch with these events; the caller goes on or returns, which ends it."""
    response = web.StreamResponse()
    response.enable_chunked_encoding()
    await response.prepare(request)
    for event in events:
        await response.write(json.dumps(event).encode() + b"\n")
    return response
