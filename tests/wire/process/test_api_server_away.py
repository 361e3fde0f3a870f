"""The API server is away when a process starts: it waits, says so, and goes on when it is there."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.parts.kubeconfig import write_kubeconfig
from tests.parts.ports import free_port
from tests.wire.cluster.conftest import Stage, status
from tests.wire.process.test_told_to_stop import APIServer, operator

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


async def test_what_it_refuses_ends_it(stage: Stage, kubeconfig: Path) -> None:
    api = Beginning(stage, at="/kube-system", code=403)
    async with operator(kubeconfig) as process, asyncio.timeout(30):
        _, log = await process.communicate()
    assert (process.returncode, api.failed) == (1, 1)
    assert "403" in json.loads(log.splitlines()[-1])["why"]
