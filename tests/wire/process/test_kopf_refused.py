"""Lists that the API server does not go on with, or does not allow at all, as kopf meets them."""

import asyncio
from typing import Any

import kopf
import pytest
from aiohttp import web

from oauthclient_operator import handlers, names
from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.errors import ClusterError
from tests.wire.cluster.conftest import Stage, connection, status
from tests.wire.process.kopf_played import Played, Seen, resource, watched

__all__ = ["connection"]

pytestmark = pytest.mark.slow

TOO_OLD = {
    "kind": "Status",
    "apiVersion": "v1",
    "metadata": {"continue": "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoibTBcdTAwMDAifQ"},
    "status": "Failure",
    "message": "The provided continue parameter is too old to display a consistent list result.",
    "reason": "Expired",
    "code": 410,
}
"""As Kubernetes 1.30 says it of a page whose list was begun before its storage was compacted."""


async def test_a_list_that_is_too_old_to_go_on_is_begun_anew(stage: Stage, connection: Connection) -> None:
    played = Played(stage, [[[resource("a", 1)], [resource("b", 2)]]], [])
    played.watches = [played.idle]
    refused: list[str] = []

    async def play(request: web.Request) -> web.StreamResponse:
        token = request.query.get("continue")
        if token and not refused:
            refused.append(token)
            return web.json_response(TOO_OLD, status=410)
        return await played.play(request)

    stage.play = play
    seen = Seen()
    async with watched(connection, seen) as arrivals:
        await asyncio.wait_for(arrivals.complete(), 20)
    assert len(refused) == 1
    assert {name for _, name in seen.named} == {"a", "b"}


async def test_a_watch_that_is_refused_as_too_old_ends_it_and_is_not_begun_again_and_again(
    stage: Stage, connection: Connection
) -> None:
    """As nobody but something in front of the API server does it: that tells so within the watch."""
    played = Played(stage, [[[]]], [])
    played.watches = [played.idle]
    watches: list[str] = []

    async def play(request: web.Request) -> web.StreamResponse:
        if "watch" in request.query and request.path.endswith(f"/{names.PLURAL}"):
            watches.append(request.path)
            return web.json_response(TOO_OLD, status=410)
        return await played.play(request)

    stage.play = play
    unused: Any = Seen()
    watching, _ = await handlers.watch(clients=unused, issuers=unused, connection=connection, namespaces=())
    await asyncio.wait(watching.tasks, return_when=asyncio.FIRST_COMPLETED, timeout=20)
    with pytest.raises(ClusterError, match="cannot be watched"):
        await handlers.stop(watching)
    assert len(watches) < 20


async def test_that_it_is_not_allowed_is_said_with_what_to_look_at(
    stage: Stage, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def impatient() -> kopf.OperatorSettings:
        settings = wanted()
        settings.networking.error_backoffs = ()
        return settings

    wanted = handlers._settings
    monkeypatch.setattr(handlers, "_settings", impatient)
    played = Played(stage, [[[]]], [])
    played.watches = [played.idle]

    async def play(request: web.Request) -> web.StreamResponse:
        if request.path.endswith(names.PLURAL):
            return web.json_response(status(403, "Forbidden"), status=403)
        return await played.play(request)

    stage.play = play
    unused: Any = Seen()
    watching, _ = await handlers.watch(clients=unused, issuers=unused, connection=connection, namespaces=())
    await asyncio.wait(watching.tasks, return_when=asyncio.FIRST_COMPLETED, timeout=20)
    with pytest.raises(ClusterError, match=r"the API server forbids it \(403\): are the operator's rights there"):
        await handlers.stop(watching)
