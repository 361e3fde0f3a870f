"""The definitions of both kinds are asked for at start: where one is missing or older, nothing else is done."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from oauthclient_operator import names
from oauthclient_operator.cluster import definitions
from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.cluster.definitions import EDITION, outdated_definitions
from oauthclient_operator.errors import Unanswered
from tests.wire.cluster.conftest import Stage, connection, says, status
from tests.wire.process.test_told_to_stop import APIServer, defined, discovery, operator

__all__ = ["connection"]

pytestmark = pytest.mark.slow

NEWER = f"Whatever. (definition edition {EDITION + 1})"
OLDER = f"Whatever. (definition edition {EDITION - 1})"


class Definitions:
    """What the API server serves of our group, by kind: the description of each schema.

    It speaks of a group without definitions as Kubernetes 1.37 does; older ones may say so by a Status.
    """

    def __init__(self, *, by_status: bool = False, **said: str) -> None:
        self.said = said
        self.by_status = by_status

    async def play(self, request: web.Request) -> web.StreamResponse:
        if not self.said:
            if self.by_status:
                return web.json_response(status(404, "NotFound"), status=404)
            return web.Response(status=404, text="404 page not found\n")
        if request.path.startswith("/openapi/"):
            schemas: dict[str, Any] = {kind: defined(kind, said) for kind, said in self.said.items()}
            schemas["io.k8s.ObjectMeta"] = {"type": "object"}
            return web.json_response({"components": {"schemas": schemas}})
        found = discovery(request.path)
        return web.json_response({"resources": [one for one in found["resources"] if one["kind"] in self.said]})


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definitions, "_PAUSE", 0.0)
    monkeypatch.setattr(definitions, "_PATIENCE", 0.2)


@pytest.mark.parametrize(
    ("served", "why"),
    [
        pytest.param(
            Definitions(OAuthClient=NEWER, ClusterOAuthIssuer=NEWER), None, id="newer ones know all that, too"
        ),
        pytest.param(
            Definitions(OAuthClient="An OAuth 2.0 client.", ClusterOAuthIssuer=NEWER),
            "the definition oauthclients.oauth-operator.dev is of an older release: it is of edition 1, and this",
            id="of the first edition, which did not say",
        ),
        pytest.param(
            Definitions(OAuthClient=NEWER, ClusterOAuthIssuer=OLDER),
            "the definition clusteroauthissuers.oauth-operator.dev is of an older release",
            id="one of them is older",
        ),
        pytest.param(
            Definitions(OAuthClient=NEWER),
            "the API server has no definition clusteroauthissuers.oauth-operator.dev (v1alpha1); apply crds/",
            id="that of issuers is missing",
        ),
        pytest.param(
            Definitions(),
            "no definition oauthclients.oauth-operator.dev and no clusteroauthissuers.oauth-operator.dev",
            id="there is none at all",
        ),
        pytest.param(
            Definitions(by_status=True),
            "no definition oauthclients.oauth-operator.dev and no clusteroauthissuers.oauth-operator.dev",
            id="there is none at all, as a Status says",
        ),
    ],
)
async def test_definitions(served: Definitions, why: str | None, stage: Stage, connection: Connection) -> None:
    stage.play = served.play
    found = await outdated_definitions(connection)
    assert (found is None) == (why is None)
    assert (why or "") in (found or "")
    assert found is None or "apply crds/ of this operator's release" in found


COMING: dict[str, tuple[str, int, str]] = {
    "the group is not served yet": ("/apis/", 404, "404 page not found\n"),
    "the API server begins": ("/apis/", 503, json.dumps(status(503, "ServiceUnavailable"))),
    "its schema is not published yet": ("/openapi/", 404, ""),
    "the schema of the one before is going": ("/openapi/", 200, ""),
}
"""What a real API server was seen to answer while definitions come, or go and come again: where, and how."""


@pytest.mark.parametrize(("below", "code", "text"), COMING.values(), ids=COMING)
async def test_what_was_applied_a_moment_ago_is_waited_for(
    below: str, code: int, text: str, stage: Stage, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(definitions, "_PATIENCE", 60.0)
    served = Definitions(OAuthClient=NEWER, ClusterOAuthIssuer=NEWER)
    answers: list[int] = []

    async def play(request: web.Request) -> web.StreamResponse:
        if request.path.startswith(below) and len(answers) < 2:
            answers.append(code)
            return web.Response(status=code, text=text)
        return await served.play(request)

    stage.play = play
    assert await outdated_definitions(connection) is None
    assert answers == [code] * 2


async def test_an_older_schema_may_be_that_of_a_moment_ago(
    stage: Stage, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(definitions, "_PATIENCE", 60.0)
    served = Definitions(OAuthClient=OLDER, ClusterOAuthIssuer=OLDER)

    async def play(request: web.Request) -> web.StreamResponse:
        answer = await served.play(request)
        if request.path.startswith("/openapi/"):
            served.said = dict.fromkeys(served.said, NEWER)
        return answer

    stage.play = play
    assert await outdated_definitions(connection) is None
    assert len(stage.requests) == 4


async def test_an_api_server_that_does_not_answer_is_not_waited_for_without_end(
    stage: Stage, connection: Connection
) -> None:
    stage.play = says(status(503, "ServiceUnavailable"), 503)
    with pytest.raises(Unanswered, match="503 ServiceUnavailable"):
        await outdated_definitions(connection)


class OlderAPIServer(APIServer):
    async def play(self, request: web.Request) -> web.StreamResponse:
        if request.path.startswith("/openapi/"):
            schemas = {kind: defined(kind, OLDER) for kind in (names.KIND, names.ISSUER_KIND)}
            return web.json_response({"components": {"schemas": schemas}})
        return await super().play(request)


async def test_behind_older_ones_the_process_ends_and_says_what_to_apply(stage: Stage, kubeconfig: Path) -> None:
    OlderAPIServer(stage)
    async with operator(kubeconfig) as process, asyncio.timeout(60):
        _, log = await process.communicate()
    assert process.returncode == 1
    why = json.loads(log.splitlines()[-1])["why"]
    assert "oauthclients.oauth-operator.dev is of an older release" in why
    assert "apply crds/ of this operator's release (or all of deploy/)" in why
    assert {request.method for request in stage.requests} == {"GET"}
