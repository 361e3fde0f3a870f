"""A token that is not taken for a while: kopf, which knows no other one, would end over it."""

import asyncio
import json
from pathlib import Path

import pytest
from aiohttp import web

from oauthclient_operator import names
from oauthclient_operator.cluster import credentials
from oauthclient_operator.cluster.connection import Connection
from tests.wire.cluster.conftest import Stage
from tests.wire.process.kopf_played import Played, Seen, resource, watched

pytestmark = pytest.mark.slow

UNAUTHORIZED = {
    "kind": "Status",
    "apiVersion": "v1",
    "metadata": {},
    "status": "Failure",
    "message": "Unauthorized",
    "reason": "Unauthorized",
    "code": 401,
}
"""As a real API server says it, of a token whose account is gone, and before it knows the accounts."""


class Rejecting(Played):
    """An API server that takes the token no longer, once it was watched, and then another one."""

    def __init__(self, stage: Stage, token: Path) -> None:
        super().__init__(stage, [[[resource("a", 40)]]], [])
        self.watches = [self.ends, self.adds(resource("b", 60))]
        self.token = token
        self.rejected = 0

    async def play(self, request: web.Request) -> web.StreamResponse:
        by_old_token = request.headers["Authorization"] == "Bearer the-old-one"
        if self.since and by_old_token and request.path.endswith(f"/{names.PLURAL}") and "watch" in request.query:
            self.rejected += 1
            if self.rejected == 2:
                self.token.write_text("the-new-one")
            return web.json_response(UNAUTHORIZED, status=401)
        return await super().play(request)


@pytest.fixture
def token(kubeconfig: Path, tmp_path: Path) -> Path:
    """The file of which a kubeconfig has its token, as a pod has its own."""
    token = tmp_path / "token"
    token.write_text("the-old-one")
    written = json.loads(kubeconfig.read_text())
    written["users"][0]["user"] = {"tokenFile": str(token)}
    kubeconfig.write_text(json.dumps(written))
    return token


async def test_kopf_tries_on_with_the_token_that_is_there_by_then(
    stage: Stage, kubeconfig: Path, token: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "_FRESH", 0.0)
    connection = await Connection.open(kubeconfig, {})
    played = Rejecting(stage, token)
    seen = Seen()
    async with watched(connection, seen), asyncio.timeout(20):
        await seen.until(2)
    await connection.close()
    assert seen.named == [(None, "a"), ("ADDED", "b")]
    assert played.rejected == 2
