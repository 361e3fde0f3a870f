"""What goes out to the API server, once, and what becomes of answers that are none."""

import asyncio
import json
import socket
import traceback
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from oauthclient_operator.cluster import connection as connection_module
from oauthclient_operator.cluster.api import MOST_CONFIG_MAP, Cluster
from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.cluster.rate_limiter import CONCURRENCY
from oauthclient_operator.cluster.target import secret
from oauthclient_operator.errors import ClusterError, NotFound, RequestRefused, Unanswered
from tests.parts.kubeconfig import write_kubeconfig
from tests.wire.cluster.conftest import Stage, asked_too_much, says, status, stream
from tests.wire.cluster.script import SECRETS

WEB = secret("shop", "web")
MANIFEST: dict[str, Any] = {
    "kind": "Secret",
    "metadata": {"name": "web"},
    "stringData": {"client_secret": "hunter2hunter2"},
}


async def test_a_patch_is_a_merge_patch_by_our_field_manager(stage: Stage, connection: Connection) -> None:
    stage.play = says({"kind": "Secret"})
    patch: dict[str, Any] = {"metadata": {"resourceVersion": "7", "annotations": {"gone": None}}, "data": {}}
    assert await Cluster(connection).patch_secret("shop", "web", patch, dry_run=True) == {"kind": "Secret"}
    (request,) = stage.requests
    assert (request.method, request.path) == ("PATCH", "/api/v1/namespaces/shop/secrets/web")
    assert dict(request.query) == {"fieldManager": "oauthclient-operator", "dryRun": "All"}
    assert request.headers["Content-Type"] == "application/merge-patch+json"
    assert request.headers["Accept"] == "application/json"
    assert request.headers["Authorization"] == "Bearer t0ken-in-file"
    assert request.headers["User-Agent"] == "oauthclient-operator"
    assert json.loads(stage.bodies[0]) == patch, "null means: remove"


async def test_a_deletion_carries_its_preconditions(stage: Stage, connection: Connection) -> None:
    stage.play = says({"kind": "Status", "status": "Success"})
    await Cluster(connection).delete_secret("shop", "web", uid="u1", resource_version="7")
    assert stage.requests[0].method == "DELETE"
    assert json.loads(stage.bodies[0])["preconditions"] == {"uid": "u1", "resourceVersion": "7"}


async def test_no_proxy_of_the_environment_is_asked(
    stage: Stage, kubeconfig: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.play = says({})
    for variable in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    connection = await Connection.open(kubeconfig, {})
    assert await connection.request("GET", WEB) == {}
    await connection.close()


async def test_many_requests_are_in_flight_at_once(stage: Stage, connection: Connection) -> None:
    together = asyncio.Barrier(CONCURRENCY + 20)

    async def play(_: web.Request) -> web.StreamResponse:
        await together.wait()
        return web.json_response({})

    stage.play = play
    others = [connection.request("GET", WEB) for _ in range(CONCURRENCY)]
    await asyncio.gather(*others, *(connection.request("GET", WEB, urgent=True) for _ in range(20)))


async def test_nothing_is_sent_twice_when_the_answer_does_not_come(stage: Stage, connection: Connection) -> None:
    stage.play = says({})
    await connection.request("GET", WEB)  # Now there is a kept connection, which is what aiohttp would try again on.

    async def play(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    stage.play = play
    with pytest.raises(Unanswered):
        await Cluster(connection).create_secret("shop", MANIFEST)
    with pytest.raises(Unanswered):
        await Cluster(connection).patch_secret("shop", "web", {})
    assert [request.method for request in stage.requests] == ["GET", "POST", "PATCH"]


async def test_an_overloaded_server_is_not_asked_again_behind_our_back(stage: Stage, connection: Connection) -> None:
    stage.play = asked_too_much(1)
    with pytest.raises(Unanswered) as error:
        await Cluster(connection).read_secret("shop", "web")
    assert error.value.retry_after == 1
    assert len(stage.requests) == 1


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(stage: Stage, connection: Connection, code: int) -> None:
    stage.play = says({}, code, Location="/elsewhere")
    with pytest.raises(Unanswered):
        await Cluster(connection).create_secret("shop", MANIFEST)
    assert len(stage.requests) == 1


async def _hang(stage: Stage, request: web.Request, begun: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(begun)
    await stage.over.wait()
    return response


@pytest.mark.parametrize("begun", [b"", b'{"kind": "Sec'], ids=["no body", "half a body"])
async def test_an_answer_that_does_not_end_in_time_is_none(stage: Stage, connection: Connection, begun: bytes) -> None:
    stage.play = lambda request: _hang(stage, request, begun)
    with pytest.raises(Unanswered, match=r"GET secrets shop/web: no complete answer within 0.1 s"):
        await connection.request("GET", WEB, within=0.1)


async def test_where_no_connection_comes_about_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "CONNECT_TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        # One that nobody accepts is waiting, and there is room for no other.
        waiting = [socket.socket() for _ in range(2)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        server = f"http://127.0.0.1:{address[1]}"
        file = write_kubeconfig(tmp_path / "full", server=server, authority=None, token="t")
        connection = await Connection.open(file, {})
        try:
            with pytest.raises(Unanswered, match=r"GET secrets shop/web: no connection within 5 s"):
                await connection.request("GET", WEB)
            with pytest.raises(Unanswered, match=r"list secrets: no connection within 5 s"):
                await connection.list_all(SECRETS, lambda _: None, accept="application/json")
            with pytest.raises(Unanswered, match=r"watch secrets: no connection within 5 s"):
                await anext(connection.watch(SECRETS, query={}, silence=10, accept="application/json"))
        finally:
            await connection.close()
            for one in waiting:
                one.close()


async def test_no_answer_at_all_in_time_is_none(stage: Stage, connection: Connection) -> None:
    async def play(_: web.Request) -> web.StreamResponse:
        await stage.over.wait()
        return web.Response()

    stage.play = play
    with pytest.raises(Unanswered):
        await connection.request("GET", WEB, within=0.1)


@pytest.mark.parametrize("text", ["", "[]", "null", '{"kind"', "<html>", '"x"'])
async def test_a_success_that_is_no_object_is_no_answer(stage: Stage, connection: Connection, text: str) -> None:
    async def play(_: web.Request) -> web.StreamResponse:
        return web.Response(text=text, content_type="application/json")

    stage.play = play
    with pytest.raises(Unanswered):
        await connection.request("GET", WEB)


async def test_nobody_there_is_no_answer(stage: Stage, tmp_path: Path, unused_tcp_port: int) -> None:
    nowhere = write_kubeconfig(tmp_path / "n", server=f"http://127.0.0.1:{unused_tcp_port}", authority=None, token="t")
    connection = await Connection.open(nowhere, {})
    with pytest.raises(Unanswered, match=rf"no complete answer \(127.0.0.1:{unused_tcp_port}: Connection refused\)"):
        await connection.request("GET", WEB)
    await connection.close()
    assert stage.requests == []


async def test_no_trace_shows_what_was_sent_or_received(stage: Stage, connection: Connection) -> None:
    async def play(request: web.Request) -> web.StreamResponse:
        response = await stream(request)
        await response.write(b'{"data": {"registration_access_token": "r4t-secret')
        assert request.transport is not None
        request.transport.abort()
        return response

    stage.play = play
    with pytest.raises(Unanswered) as error:
        await Cluster(connection).create_secret("shop", MANIFEST)
    shown = "".join(traceback.format_exception(error.value)) + repr(error.value)
    for value in ("hunter2", "r4t-secret", "t0ken-in-file"):
        assert value not in shown


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nr4t-secret: no\0header\r\n\r\n",
        b"HTTP/1.1 r4t-secret\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: r4t-secret\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"a\": 'r4t-secret'}   ",
    ],
    ids=["a header", "a status line", "a length", "a body"],
)
async def test_what_is_no_http_or_no_json_is_not_quoted(raw: bytes, tmp_path: Path) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    file = write_kubeconfig(tmp_path / "k", server=f"http://127.0.0.1:{port}", authority=None, token="t")
    connection = await Connection.open(file, {})
    with pytest.raises(Unanswered) as error:
        await connection.request("GET", WEB)
    assert "r4t-secret" not in "".join(traceback.format_exception(error.value))
    await connection.close()
    server.close()


@pytest.mark.parametrize(
    ("answer", "code"), [(says(status(404, "NotFound", name="web"), 404), 404), (says("gone", 404), None)]
)
async def test_only_the_api_servers_own_word_says_that_there_is_none(
    stage: Stage, connection: Connection, answer: Any, code: int | None
) -> None:
    stage.play = answer
    if code is not None:
        assert await Cluster(connection).read_secret("shop", "web") is None
        with pytest.raises(NotFound):
            await Cluster(connection).patch_secret("shop", "web", {})
    else:
        with pytest.raises(Unanswered):
            await Cluster(connection).read_secret("shop", "web")


async def test_a_refusal_does_not_repeat_a_value_of_the_secret(stage: Stage, connection: Connection) -> None:
    stage.play = says(status(403, "Forbidden") | {"message": "webhook: aHVudGVyMmh1bnRlcjI= is weak"}, 403)
    cluster = Cluster(connection)
    encoded: dict[str, Any] = {"data": {"client_secret": "aHVudGVyMmh1bnRlcjI="}}
    with pytest.raises(ClusterError) as error:
        await cluster.create_secret("shop", encoded)
    assert "weak" not in str(error.value)
    stage.play = says(status(403, "Forbidden") | {"message": "webhook: hunter2hunter2 is weak"}, 403)
    for manifest in (encoded, MANIFEST):
        with pytest.raises(ClusterError) as error:
            await cluster.patch_secret("shop", "web", manifest)
        assert "weak" not in str(error.value)


async def test_a_watch_yields_events_and_ends_with_the_stream(stage: Stage, connection: Connection) -> None:
    stage.play = lambda request: stream(
        request, {"type": "ADDED", "object": {"a": 1}}, {"type": "BOOKMARK", "object": {}}
    )
    async with aclosing(connection.watch(WEB, query={"watch": "true"}, accept="x/y", silence=5)) as events:
        assert [event async for event in events] == [("ADDED", {"a": 1}), ("BOOKMARK", {})]
    assert stage.requests[0].headers["Accept"] == "x/y"


@pytest.mark.parametrize(
    "line", [b"{}\n", b'{"type": "ADDED"}\n', b'{"type": 5, "object": {}}\n', b"nonsense\n", b"[]\n"]
)
async def test_a_watch_that_does_not_make_sense_is_broken(stage: Stage, connection: Connection, line: bytes) -> None:
    async def play(request: web.Request) -> web.StreamResponse:
        response = await stream(request)
        await response.write(line)
        return response

    stage.play = play
    async with aclosing(connection.watch(WEB, query={}, accept="x/y", silence=5)) as events:
        with pytest.raises(Unanswered):
            await anext(events)


async def test_a_config_map_that_is_larger_than_any_bundle_is_not_read(stage: Stage, connection: Connection) -> None:
    stage.play = says({"kind": "ConfigMap", "data": {"ca.crt": "x" * (MOST_CONFIG_MAP // 2)}})
    assert await Cluster(connection).read_config_map("system", "ca") is not None
    stage.play = says({"kind": "ConfigMap", "data": {"ca.crt": "x" * MOST_CONFIG_MAP}})
    with pytest.raises(RequestRefused, match="configmaps system/ca: it has more than 1048576 bytes, and is not read"):
        await Cluster(connection).read_config_map("system", "ca")
