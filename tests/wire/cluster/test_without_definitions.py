"""What commands list where the definitions have gone first, and every object of theirs with them."""

import pytest
from aiohttp import web

from oauthclient_operator.cluster.api import Cluster
from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.commands import issuers, undefined
from oauthclient_operator.errors import Unanswered
from tests.wire.cluster.conftest import Stage, status

DEFINITION = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/"
GONE = (404, status(404, "NotFound", group="apiextensions.k8s.io", kind="customresourcedefinitions"))
THERE = (200, {"kind": "PartialObjectMetadata", "metadata": {}})
NOT_SHOWN = (403, status(403, "Forbidden"))


def plays(stage: Stage, answer: tuple[int, object], lists: int = 404) -> None:
    """Answer of a definition so, and of each list as a real API server does of a kind that it does not have."""

    async def play(request: web.Request) -> web.StreamResponse:
        if request.path.startswith(DEFINITION):
            return web.json_response(answer[1], status=answer[0])
        return web.Response(status=lists, text="404 page not found\n")

    stage.play = play


async def test_of_a_kind_that_is_not_defined_there_is_nothing(stage: Stage, connection: Connection) -> None:
    plays(stage, GONE)
    cluster = Cluster(connection)
    assert await undefined.oauth_clients(cluster) == []
    assert await undefined.oauth_clients(cluster, ["shop"]) == []
    assert await issuers.held(cluster) == []
    asked = [request.path for request in stage.requests if request.path.startswith(DEFINITION)]
    plurals = ["oauthclients"] * 2 + ["clusteroauthissuers"]
    assert asked == [f"{DEFINITION}{plural}.oauth-operator.dev" for plural in plurals]


@pytest.mark.parametrize(
    ("answer", "lists"),
    [
        pytest.param(THERE, 404, id="it is defined: a proxy said so"),
        pytest.param(NOT_SHOWN, 404, id="nobody can know"),
        pytest.param(GONE, 503, id="the list failed otherwise"),
    ],
)
async def test_else_nothing_is_concluded(
    answer: tuple[int, object], lists: int, stage: Stage, connection: Connection
) -> None:
    plays(stage, answer, lists)
    with pytest.raises(Unanswered):
        await undefined.oauth_clients(Cluster(connection))
