"""The probes and the metrics, asked over a socket."""

import socket

import httpx
import pytest

from oauthclient_operator.errors import AddressTaken
from oauthclient_operator.health import REACHABLE, Health, serve


async def ask(port: int, path: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(f"http://127.0.0.1:{port}{path}")


async def test_a_process_is_alive_from_the_beginning_and_ready_when_nothing_is_missing() -> None:
    silence = float("inf")
    health = Health(silence=lambda: silence)
    async with serve("127.0.0.1", 0, missing=health.missing, metrics=lambda: (b"a 1\n", "text/plain")) as port:
        assert (await ask(port, "/livez")).status_code == 200
        first = await ask(port, "/readyz")
        assert first.status_code == 503
        assert len(first.text.splitlines()) == 3
        health.fence_proven = True
        health.caches_synced = True
        answer = await ask(port, "/readyz")
        assert (answer.status_code, answer.text) == (503, "the API server does not answer us\n")
        silence = REACHABLE - 1
        answer = await ask(port, "/readyz")
        assert (answer.status_code, answer.text) == (200, "ok\n")
        told = await ask(port, "/metrics")
        assert (told.text, told.headers["content-type"]) == ("a 1\n", "text/plain")
        assert (await ask(port, "/")).status_code == 404


async def test_an_address_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AddressTaken, match=f"--listen: port {port} cannot be listened on"):
            async with serve("127.0.0.1", port, missing=tuple, metrics=lambda: (b"", "text/plain")):
                raise AssertionError("it does not listen")
