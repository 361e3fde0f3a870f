"""The API server is away when a process starts: it waits, says so, and goes on when it is there."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from oauthclient_operator import names, prerequisites
from oauthclient_operator.backoff import Backoff
from oauthclient_operator.cluster.api import Cluster
from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.cluster.elapsed import elapsed
from oauthclient_operator.cluster.fence import Fence
from oauthclient_operator.errors import RequestRefused
from tests.parts.kubeconfig import write_kubeconfig
from tests.parts.ports import free_port
from tests.wire.cluster.conftest import Stage, connection, status
from tests.wire.process.test_told_to_stop import APIServer, operator

__all__ = ["connection"]

pytestmark = pytest.mark.slow

AWAY = "the API server does not answer; it is asked again"


class Beginning(APIServer):
    """Fails what is asked in one phase of the start, twice."""

    def __init__(self, stage: Stage, *, at: str, code: int) -> None:
        super().__init__(stage, hangs_at="lease")
        self._at = at
        self._code = code
        self.failed = 0

    def _answer(self, request: web.Request) -> tuple[str, Callable[[], Awaitable[web.StreamResponse]]]:
        if self._at in request.path and self.failed < 2:
            self.failed += 1
            return "failed", self._says(status(self._code, "ServiceUnavailable"), self._code)
        return super()._answer(request)


async def lines(process: asyncio.subprocess.Process) -> list[dict[str, Any]]:
    """Return what it logs until it waits for the Lease."""
    assert process.stderr is not None
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(30):
        while not found or "waiting for the lease" not in found[-1]["message"]:
            found.append(json.loads(await process.stderr.readline()))
    return found


@pytest.mark.parametrize(("at", "code"), [("/kube-system", 503), ("/kube-system", 401), ("/version", 500)])
async def test_what_it_fails_to_say_is_asked_again(at: str, code: int, stage: Stage, kubeconfig: Path) -> None:
    api = Beginning(stage, at=at, code=code)
    async with operator(kubeconfig) as process:
        said = [line for line in await lines(process) if line["message"] == AWAY]
    assert api.failed == len(said) == 2
    assert all(f" {code} " in line["why"] and line["seconds"] <= 1 for line in said)


async def test_where_nobody_listens_it_waits_until_somebody_does(stage: Stage, tmp_path: Path) -> None:
    port = free_port()
    kubeconfig = write_kubeconfig(
        tmp_path / "kubeconfig", server=f"http://127.0.0.1:{port}", authority=None, token="any"
    )
    APIServer(stage, hangs_at="lease")
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", stage.serve)
    async with operator(kubeconfig) as process:
        assert process.stderr is not None
        async with asyncio.timeout(30):
            while AWAY not in (line := (await process.stderr.readline()).decode()):
                assert line, "it has ended"
        async with TestServer(application, host="127.0.0.1", port=port):
            await lines(process)
            stage.over.set()


async def test_an_api_server_that_has_just_begun_refuses_what_it_grants_in_a_moment(
    stage: Stage, kubeconfig: Path
) -> None:
    """It knows nobody's rights yet."""
    api = Beginning(stage, at="/kube-system", code=403)
    async with operator(kubeconfig) as process:
        said = [line["message"] for line in await lines(process)]
    assert (api.failed, said.count("the API server refuses; it is asked again")) == (2, 2)


async def test_what_it_goes_on_to_refuse_is_an_error(
    stage: Stage, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prerequisites, "_AWAY", Backoff(first=0.01, longest=0.02))
    monkeypatch.setattr(prerequisites, "_REFUSED", 0.2)
    codes = iter([503, 403, 503, *[403] * 1000])

    async def play(_: web.Request) -> web.StreamResponse:
        code = next(codes)
        return web.json_response(status(code, "Forbidden" if code == 403 else "ServiceUnavailable"), status=code)

    stage.play = play
    cluster = Cluster(connection)
    began = elapsed()
    with pytest.raises(RequestRefused, match="403 Forbidden"):
        await prerequisites.proven(cluster, connection, Fence(cluster, names.RECORDS_NAMESPACE), lambda: 0.0)
    assert elapsed() - began >= 0.2
    assert len(stage.requests) > 4
