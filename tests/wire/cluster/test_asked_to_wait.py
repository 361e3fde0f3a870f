"""What the API server asks one request to wait, whom else that keeps waiting, and what passes by itself."""

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import web

from oauthclient_operator.cluster.api import Cluster
from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.cluster.rate_limiter import RateLimiter
from oauthclient_operator.cluster.target import secret
from oauthclient_operator.errors import ClusterError, RequestRefused, StorageNotReady, Unanswered
from tests.wire.cluster.conftest import Stage, asked_too_much, says, status, stream
from tests.wire.cluster.script import SECRETS

WEB: Final = secret("shop", "web")
MANIFEST: Final[dict[str, Any]] = {"kind": "Secret", "metadata": {"name": "web"}}


@pytest.mark.parametrize("code", [429, 503])
async def test_a_webhook_that_denies_one_tenants_object_keeps_nobody_waiting(
    stage: Stage, kubeconfig: Path, code: int
) -> None:
    connection = await Connection.open(kubeconfig, {}, rate_limiter=RateLimiter(clock=lambda: 0.0))
    denial = {**status(code, "TooManyRequests"), "message": 'admission webhook "a.example" denied the request: enough'}
    stage.play = says(denial, code, Retry_After="30")
    with pytest.raises(RequestRefused, match="denied the request: enough"):
        await connection.request("PATCH", WEB, body={})
    stage.play = says({})
    assert await connection.request("PATCH", WEB, body={}) == {}
    await connection.close()


async def test_a_kind_whose_storage_is_not_ready_keeps_nobody_waiting_who_asks_for_others(
    stage: Stage, kubeconfig: Path
) -> None:
    connection = await Connection.open(kubeconfig, {}, rate_limiter=RateLimiter(clock=lambda: 0.0))
    not_ready = {**status(429, "TooManyRequests"), "message": "storage is (re)initializing"}
    stage.play = says(not_ready, 429, Retry_After="30")
    with pytest.raises(StorageNotReady):
        await connection.list_all(SECRETS, lambda _: None, accept="application/json")
    stage.play = says({})
    assert await connection.request("PATCH", WEB, body={}) == {}
    await connection.close()


async def a_write(connection: Connection) -> None:
    await Cluster(connection).create_secret("shop", MANIFEST)


async def a_watch(connection: Connection) -> None:
    async with aclosing(
        connection.watch(SECRETS, query={"watch": "true"}, accept="application/json", silence=10)
    ) as events:
        async for _ in events:
            pass


@pytest.mark.parametrize("asked", [a_write, a_watch])
async def test_a_right_that_is_missing_in_one_that_begins_may_be_there_in_a_moment(
    stage: Stage, connection: Connection, asked: Callable[[Connection], Awaitable[None]]
) -> None:
    message = 'secrets is forbidden: User "operator" cannot create resource "secrets" in API group ""'
    forbidden = says({**status(403, "Forbidden"), "message": message}, 403)

    async def ends(request: web.Request) -> web.StreamResponse:
        response = await stream(request, {"type": "ADDED", "object": {}}) if asked is a_watch else web.Response()
        assert request.transport is not None
        request.transport.abort()
        return response

    stage.play = forbidden
    with pytest.raises(RequestRefused, match="cannot create"):
        await a_write(connection)
    stage.play = ends
    with pytest.raises(Unanswered):
        await asked(connection)
    stage.play = forbidden
    with pytest.raises(Unanswered, match="may not have read yet who has which rights"):
        await a_write(connection)


async def test_what_the_api_server_asks_one_to_wait_all_wait_but_the_urgent(stage: Stage, kubeconfig: Path) -> None:
    now = [0.0]
    connection = await Connection.open(kubeconfig, {}, rate_limiter=RateLimiter(clock=lambda: now[0]))
    stage.play = asked_too_much(20)
    with pytest.raises(Unanswered):
        await connection.request("GET", WEB)
    stage.play = says({})
    with pytest.raises(ClusterError, match="not sent"):
        await connection.request("PATCH", WEB, body={})
    assert len(stage.requests) == 1
    await connection.request("PATCH", WEB, body={}, urgent=True)
    assert await Cluster(connection, urgent=True).read_secret("shop", "web") == {}
    now[0] = 20.0
    await connection.request("PATCH", WEB, body={})
    assert len(stage.requests) == 4
    await connection.close()
