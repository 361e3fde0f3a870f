"""Kubernetes is asked for its version at start: on one without ValidatingAdmissionPolicy nothing else is done."""

import asyncio
import json
from pathlib import Path

import pytest
from aiohttp import web

from oauthclient_operator.cluster.api import Cluster
from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.cluster.fence import missing_fence
from tests.wire.cluster.conftest import Stage, says
from tests.wire.process.test_told_to_stop import APIServer, operator

pytestmark = pytest.mark.slow

WHY = "this Kubernetes has no ValidatingAdmissionPolicy; 1.30 or newer is needed"


class OldAPIServer(APIServer):
    async def play(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/version":
            return web.json_response({"major": "1", "minor": "29"})
        return await super().play(request)


@pytest.mark.parametrize(("major", "minor"), [("1", "29"), ("1", "29+"), ("1", "9"), ("0", "99")])
async def test_it_is_too_old(major: str, minor: str, stage: Stage, kubeconfig: Path) -> None:
    stage.play = says({"major": major, "minor": minor})
    connection = await Connection.open(kubeconfig, {})
    assert await missing_fence(Cluster(connection), "records") == WHY
    await connection.close()
    assert [request.path for request in stage.requests] == ["/version"]


async def test_then_the_process_ends_and_says_so(stage: Stage, kubeconfig: Path) -> None:
    OldAPIServer(stage)
    async with operator(kubeconfig) as process, asyncio.timeout(20):
        _, log = await process.communicate()
    assert process.returncode == 1
    assert json.loads(log.splitlines()[-1])["why"] == WHY
    assert {request.method for request in stage.requests} == {"GET"}
