"""The fence is taken away from a process at work, or at rest: it ends, says why, and keeps nobody from acting."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web

from oauthclient_operator import names
from tests.wire.cluster.conftest import Stage, status
from tests.wire.process.test_told_to_stop import APIServer

pytestmark = pytest.mark.slow

PROGRAM = """
import sys
from oauthclient_operator.cluster import fence
fence.INTERVAL, fence.FRESH, fence._PAUSE = float(sys.argv.pop(1)), 0.0, 0.01
from datetime import timedelta
from oauthclient_operator import process
process.LEASE_RENEWAL = timedelta(seconds=0.2)
from oauthclient_operator.command_line import main
sys.exit(main())
"""
"""The operator, but that it does not take ten minutes until it looks again, nor ten seconds until it renews."""
SOON, NEVER = "0.2", "1000"


class Fenced(APIServer):
    """Denies the probe, or fails, or lets it pass; the Lease is as good as its word."""

    code = 403

    def __init__(self, stage: Stage, *, holder: str | None) -> None:
        super().__init__(stage, hangs_at="lease", holder=holder)
        self.probes = 0
        self.failed = asyncio.Event()
        """So many probes that they were not the last ones."""
        self.held = asyncio.Event()
        self.renewals = 0
        self.renewed = asyncio.Event()
        self.holds_the_probe = False

    def _answer(self, request: web.Request) -> tuple[str, Callable[[], Awaitable[web.StreamResponse]]]:
        if request.method == "POST" and request.path.endswith("/secrets") and self.code != 403:
            self.probes += 1
            if self.probes == 3:
                self.failed.set()
            return "fence", self._says(status(self.code, "InternalError"), self.code)
        phase, answer = super()._answer(request)
        if request.method == "POST" and phase == "fence" and self.holds_the_probe and self.held.is_set():
            return phase, lambda: self._when_renewed(answer)
        return phase, answer

    async def _when_renewed(self, answer: Callable[[], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
        await self.renewed.wait()
        return await answer()

    async def _lease(self, request: web.Request) -> web.StreamResponse:
        if request.method == "PUT":
            self.lease = json.loads(await request.text())["spec"]
            self.renewals += self.held.is_set()
            self.held.set()
            if self.renewals == 3:
                self.renewed.set()
        return web.json_response({"metadata": {"name": names.OPERATOR, "resourceVersion": "1"}, "spec": self.lease})


@pytest.mark.parametrize("phase", ["leads", "stands by", "takes over"])
async def test_the_process_ends(phase: str, stage: Stage, kubeconfig: Path) -> None:
    api = Fenced(stage, holder=None if phase == "leads" else "another")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, NEVER if phase == "takes over" else SOON),
        *("run", f"--kubeconfig={kubeconfig}", "--listen=127.0.0.1:0", "--log-format=json"),
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(20):
            await api.reached.wait()
            if phase == "leads":
                await api.held.wait()
            if phase != "takes over":
                api.code = 500
                await api.failed.wait()
                assert process.returncode is None, "no answer says nothing of the fence"
            api.code = 201
            if phase == "takes over":
                api.lease["holderIdentity"] = None
            _, log = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 1, log.decode()
    last = json.loads(log.splitlines()[-1])
    assert "does not deny what it must: is it installed, with its binding?" in last["why"]
    assert api.lease["holderIdentity"] == ("another" if phase == "stands by" else None)
    assert ("the operator is at work" in log.decode()) == (phase == "leads")
    assert "Traceback" not in log.decode(), log.decode()


async def test_who_takes_over_keeps_the_lease_while_the_proof_is_held(stage: Stage, kubeconfig: Path) -> None:
    """By a webhook that does not answer: where the Lease ended meanwhile, two would take it from each other for ever."""
    api = Fenced(stage, holder=None)
    api.holds_the_probe = True
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, NEVER),
        *("run", f"--kubeconfig={kubeconfig}", "--listen=127.0.0.1:0", "--log-format=json"),
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(20):
            await api.renewed.wait()
            assert process.stderr is not None
            while b"the operator is at work" not in (line := await process.stderr.readline()):
                assert line
            process.terminate()
            await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0
    assert api.lease["holderIdentity"] is None
