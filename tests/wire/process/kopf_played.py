"""An API server whose lists and watches a test plays to kopf, and what kopf hands on of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from oauthclient_operator import handlers, names
from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.cluster.followed import Sink
from oauthclient_operator.cluster.metadata import Key
from oauthclient_operator.cluster.watch_session import Arrivals
from oauthclient_operator.watching.watches import Watches
from tests.wire.cluster.conftest import Stage, stream
from tests.wire.process.test_told_to_stop import discovery

Watch = Callable[[web.Request], Awaitable[web.StreamResponse]]
_TOKEN_ENDS = "+/=&"
"""Of the tokens of pages: whoever compares them has to have them as they were given out."""


def resource(name: str, version: int, metadata: dict[str, Any] | None = None, **client_metadata: Any) -> dict[str, Any]:
    identity = {"namespace": "shop", "name": name, "uid": f"uid-of-{name}", "resourceVersion": str(version)}
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.KIND,
        "metadata": identity | (metadata or {}),
        "spec": {"clientMetadata": client_metadata},
    }


class Played:
    """The API server: pages of each list in their order, the last list again and again, and watches alike."""

    def __init__(self, stage: Stage, lists: list[list[list[dict[str, Any]]]], watches: list[Watch]) -> None:
        self.lists, self.watches = lists, watches
        self.at = 1000
        self.shows = [50]
        self.stage = stage
        self.since: list[str] = []
        self.issuers: list[dict[str, Any]] = []
        self.issuer_watch: Watch | None = None
        stage.play = self.play

    async def play(self, request: web.Request) -> web.StreamResponse:
        if not request.path.endswith((names.PLURAL, names.ISSUER_PLURAL)):
            return web.json_response(discovery(request.path))
        if request.path.endswith(names.ISSUER_PLURAL):
            return await self.play_issuers(request)
        if "watch" in request.query:
            self.since.append(request.query["resourceVersion"])
            return await (self.watches.pop(0) if len(self.watches) > 1 else self.watches[0])(request)
        if request.query["limit"] == "1":
            return web.json_response({"metadata": {"resourceVersion": str(self.at)}, "items": None})
        page = int(request.query.get("continue", "0").removesuffix(_TOKEN_ENDS))
        pages = self.lists[0]
        if page + 1 == len(pages) and len(self.lists) > 1:
            self.lists.pop(0)
        onward = f"{page + 1}{_TOKEN_ENDS}" if page + 1 < len(pages) else ""
        about = {"resourceVersion": str(self.shows[0]), "continue": onward}
        if not onward and len(self.shows) > 1:
            self.shows.pop(0)
        return web.json_response({"kind": f"{names.KIND}List", "metadata": about, "items": pages[page]})

    async def play_issuers(self, request: web.Request) -> web.StreamResponse:
        if "watch" in request.query:
            return await (self.issuer_watch or self.idle)(request)
        about = {"resourceVersion": str(self.shows[0])}
        return web.json_response({"kind": f"{names.ISSUER_KIND}List", "metadata": about, "items": self.issuers})

    async def ends(self, request: web.Request) -> web.StreamResponse:
        return await stream(request)

    def adds(self, body: dict[str, Any]) -> Watch:
        async def play(request: web.Request) -> web.StreamResponse:
            response = await stream(request, {"type": "ADDED", "object": body})
            await self.stage.over.wait()
            return response

        return play

    async def idle(self, request: web.Request) -> web.StreamResponse:
        response = await stream(request)
        await self.stage.over.wait()
        return response


class Seen:
    """What kopf handed on, and a way to wait for it; nothing of it is known later."""

    def __init__(self) -> None:
        self.events: list[tuple[str | None, dict[str, Any]]] = []
        self._more = asyncio.Event()

    def take(self, kind: str | None, body: dict[str, Any]) -> None:
        self.events.append((kind, body))
        self._more.set()

    def reached(self, _namespace: str, _name: str) -> int | None:
        return None

    def known(self, _: str | None) -> Iterable[Key]:
        return ()

    def gone(self, _namespace: str, name: str, _at: int) -> None:
        raise AssertionError(f"{name} was not known")

    async def until(self, count: int) -> None:
        async with asyncio.timeout(20):
            while len(self.events) < count:
                self._more.clear()
                await self._more.wait()

    @property
    def named(self) -> list[tuple[str | None, str]]:
        return [(kind, body["metadata"]["name"]) for kind, body in self.events]


class Caches(Watches):
    """The operator's own caches, without their informers, and what they were told of OAuthClients."""

    def __init__(self, namespaces: tuple[str, ...] = ()) -> None:
        self.seen = Seen()
        unused: Any = None
        super().__init__(
            unused,
            namespaces=namespaces,
            records_namespace="records",
            wake=lambda *_: None,
            disregard=lambda *_: None,
        )

    def take(self, event: str | None, body: dict[str, Any]) -> None:
        super().take(event, body)
        self.seen.take(event, body)


@asynccontextmanager
async def watched(
    connection: Connection, clients: Sink, *, issuers: Sink | None = None, namespaces: tuple[str, ...] = ()
) -> AsyncIterator[Arrivals]:
    kopf, arrivals = await handlers.watch(
        clients=clients, issuers=issuers or Seen(), connection=connection, namespaces=namespaces
    )
    try:
        yield arrivals
    finally:
        await handlers.stop(kopf)
