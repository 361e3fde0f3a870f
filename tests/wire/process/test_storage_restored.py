"""The API server's storage is restored from a backup: the process ends and says why, for nothing that it knows is so."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web

from oauthclient_operator import names
from tests.wire.cluster.conftest import Stage, stream
from tests.wire.process.test_told_to_stop import APIServer, operator

pytestmark = pytest.mark.slow


class Restored(APIServer):
    """Lists at version 500, ends the first watch of each kind, and is at 400 then with one of the kinds."""

    def __init__(self, stage: Stage, behind: str) -> None:
        super().__init__(stage)
        self._behind = behind

    def _answer(self, request: web.Request) -> tuple[str, Callable[[], Awaitable[web.StreamResponse]]]:
        if request.method == "GET" and request.path.endswith(("/secrets", f"/{names.PLURAL}")):
            if "watch" in request.query:
                return "watch", lambda: stream(request)
            behind = request.query["limit"] == "1" and request.path.endswith(self._behind)
            return "list", self._says({"metadata": {"resourceVersion": "400" if behind else "500"}, "items": []})
        return super()._answer(request)


@pytest.mark.parametrize("behind", ["secrets", names.PLURAL])
async def test_the_process_ends_so_that_it_starts_anew(behind: str, stage: Stage, kubeconfig: Path) -> None:
    Restored(stage, behind)
    async with operator(kubeconfig) as process, asyncio.timeout(100):
        _, log = await process.communicate()
    assert process.returncode == 1, log.decode()
    last = json.loads(log.splitlines()[-1])
    assert f"the API server is at resourceVersion 400 of {behind}" in last["why"]
    assert "has been at 500: its storage was restored from a backup" in last["why"]
    assert "Traceback" not in log.decode(), log.decode()
