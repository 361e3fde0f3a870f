"""SIGTERM in each phase before there is work: the process ends at once, with status 0, and holds no Lease."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from oauthclient_operator import names
from oauthclient_operator.cluster import definitions
from oauthclient_operator.cluster.fence import EDITION
from tests.wire.cluster.conftest import Stage, status

pytestmark = pytest.mark.slow

Body = dict[str, Any]
DENIED = f"ValidatingAdmissionPolicy '{names.OPERATOR}' with binding '{names.OPERATOR}' denied request: … (fence edition {EDITION})"


def discovery(path: str) -> Body:
    """Return how kopf finds the kind that it watches, and namespaces, without which it does not begin."""

    def kind(plural: str, name: str, *, namespaced: bool) -> Body:
        verbs = ["list", "watch", "patch"]
        return {"name": plural, "kind": name, "singularName": "", "namespaced": namespaced, "verbs": verbs}

    if path == "/api":
        return {"versions": ["v1"]}
    if path == "/api/v1":
        return {"resources": [kind("namespaces", "Namespace", namespaced=False)]}
    if path == "/apis":
        version = {"groupVersion": names.API_VERSION, "version": names.VERSION}
        return {"groups": [{"name": names.GROUP, "versions": [version], "preferredVersion": version}]}
    if path == f"/apis/{names.API_VERSION}":
        kinds = ((names.PLURAL, names.KIND, True), (names.ISSUER_PLURAL, names.ISSUER_KIND, False))
        return {"resources": [kind(plural, name, namespaced=namespaced) for plural, name, namespaced in kinds]}
    if path == f"/openapi/v3/apis/{names.API_VERSION}":
        return {"components": {"schemas": {kind: defined(kind) for kind in (names.KIND, names.ISSUER_KIND)}}}
    return {"resources": []}


def defined(kind: str, said: str = f"What it is. (definition edition {definitions.EDITION})") -> Body:
    """Return the schema of a kind, as far as the operator reads it."""
    about = {"group": names.GROUP, "version": names.VERSION, "kind": kind}
    return {"type": "object", "description": said, "x-kubernetes-group-version-kind": [about]}


class APIServer:
    """Answers what the operator asks at start, up to the phase in which it hangs."""

    def __init__(self, stage: Stage, *, hangs_at: str = "", holder: str | None = "another") -> None:
        self._stage = stage
        self._hangs_at = hangs_at
        self.lease: Body = {"holderIdentity": holder, "leaseDurationSeconds": 45}
        self.reached = asyncio.Event()
        """The phase in question is on."""
        stage.play = self.play

    async def play(self, request: web.Request) -> web.StreamResponse:
        phase, answer = self._answer(request)
        if phase == self._hangs_at:
            self.reached.set()
            if phase != "lease":
                await self._stage.over.wait()
        return await answer()

    def _answer(self, request: web.Request) -> tuple[str, Callable[[], Awaitable[web.StreamResponse]]]:
        path = request.path
        listed = {"metadata": {"resourceVersion": "1"}, "items": []}
        if path.startswith("/api/v1/namespaces/kube-system"):
            return "start", self._says({"metadata": {"uid": "cluster"}})
        if path == "/version":
            return "fence", self._says({"major": "1", "minor": "37"})
        if request.method == "POST" and path.endswith("/secrets"):
            return "fence", self._says(status(403, "Forbidden") | {"message": DENIED}, 403)
        if "/leases" in path:
            return "lease", lambda: self._lease(request)
        if "watch" in request.query:
            return "watch", self._forever
        if path.endswith(("/secrets", "/namespaces", f"/{names.PLURAL}", f"/{names.ISSUER_PLURAL}")):
            return "list", self._says(listed)
        return "discovery", self._says(discovery(path))

    def _says(self, body: Body, code: int = 200) -> Callable[[], Awaitable[web.StreamResponse]]:
        async def answer() -> web.StreamResponse:
            return web.json_response(body, status=code)

        return answer

    async def _lease(self, request: web.Request) -> web.StreamResponse:
        if request.method == "PUT":
            self.lease = json.loads(await request.text())["spec"]
            if self.lease["holderIdentity"]:
                # Written, and its answer is lost.
                self.reached.set()
                await self._stage.over.wait()
        return web.json_response({"metadata": {"name": names.OPERATOR, "resourceVersion": "1"}, "spec": self.lease})

    async def _forever(self) -> web.StreamResponse:
        await self._stage.over.wait()
        return web.Response()


@asynccontextmanager
async def operator(kubeconfig: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "oauthclient_operator", "run", f"--kubeconfig={kubeconfig}"),
        *("--listen=127.0.0.1:0", "--log-format=json"),
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def told_to_stop(process: asyncio.subprocess.Process, api: APIServer) -> str:
    """Tell it when the phase is reached, and return its log."""
    async with asyncio.timeout(20):
        await api.reached.wait()
    began = datetime.now(UTC)
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(10):
        _, log = await process.communicate()
    assert process.returncode == 0, log.decode()
    assert (datetime.now(UTC) - began).total_seconds() < 5
    assert "told to stop" in log.decode()
    assert "Traceback" not in log.decode(), log.decode()
    return log.decode()


@pytest.mark.parametrize("phase", ["start", "fence", "list", "lease"])
async def test_the_process_ends_in_each_phase(phase: str, stage: Stage, kubeconfig: Path) -> None:
    api = APIServer(stage, hangs_at=phase)
    async with operator(kubeconfig) as process:
        log = await told_to_stop(process, api)
    assert ("all caches are synced" in log) == (phase == "lease")
    assert api.lease["holderIdentity"] == "another"
    assert not [r for r in stage.requests if r.method == "PUT"], "what is not ours is not released"


async def test_a_lease_that_was_just_taken_is_given_back_though_nobody_said_that_it_is_ours(
    stage: Stage, kubeconfig: Path
) -> None:
    api = APIServer(stage, holder=None)
    async with operator(kubeconfig) as process:
        await told_to_stop(process, api)
    assert api.lease["holderIdentity"] is None
