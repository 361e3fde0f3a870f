"""What an API server lists and streams, played by a test, and a way to watch an informer listen."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiohttp import web

from oauthclient_operator.cluster.informer import MetadataInformer
from oauthclient_operator.cluster.target import CORE, Target
from tests.wire.cluster.conftest import Stage, says, stream

SECRETS = Target(api=CORE, resource="secrets")


def thing(name: str, version: int, namespace: str = "shop", **more: Any) -> dict[str, Any]:
    metadata = {"namespace": namespace, "name": name, "uid": f"uid-of-{name}", "resourceVersion": str(version)}
    return {"kind": "PartialObjectMetadata", "metadata": metadata | more}


def listed(version: int, *things: dict[str, Any], onward: str | None = None) -> dict[str, Any]:
    return {"metadata": {"resourceVersion": str(version), "continue": onward}, "items": list(things)}


def event(kind: str, what: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "object": what}


def bookmark(version: int) -> dict[str, Any]:
    return event("BOOKMARK", {"metadata": {"resourceVersion": str(version)}})


class Script:
    """Lists and watches in the order in which they will be asked for; the last of each goes on."""

    def __init__(
        self, stage: Stage, lists: list[Any], watches: list[Callable[[web.Request], Awaitable[web.StreamResponse]]]
    ) -> None:
        self.stage, self.lists, self.watches = stage, lists, watches
        self.versions: list[str] = []
        self.looks = 0
        """How often it was asked where the API server is."""
        self.at = 1000
        self._asked = asyncio.Condition()
        stage.play = self.play

    async def play(self, request: web.Request) -> web.StreamResponse:
        if request.query.get("limit") == "1":
            self.looks += 1
            return await says(listed(self.at))(request)
        if "watch" not in request.query:
            answer = self.lists.pop(0) if len(self.lists) > 1 else self.lists[0]
            return await says(answer)(request)
        self.versions.append(request.query["resourceVersion"])
        async with self._asked:
            self._asked.notify_all()
        return await (self.watches.pop(0) if len(self.watches) > 1 else self.watches[0])(request)

    async def watched(self, times: int) -> None:
        """Wait until that many watches were asked for."""
        async with asyncio.timeout(10), self._asked:
            await self._asked.wait_for(lambda: len(self.versions) >= times)

    async def idle(self, request: web.Request) -> web.StreamResponse:
        response = await stream(request)
        await self.stage.over.wait()
        return response


def then(
    script_end: Callable[[web.Request, web.StreamResponse], Any], *events: dict[str, Any]
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def play(request: web.Request) -> web.StreamResponse:
        response = await stream(request, *events)
        await script_end(request, response)
        return response

    return play


async def ends(_request: web.Request, _response: web.StreamResponse) -> None:
    return


async def breaks(request: web.Request, _response: web.StreamResponse) -> None:
    assert request.transport is not None
    request.transport.abort()


@asynccontextmanager
async def running(informer: MetadataInformer) -> AsyncIterator[None]:
    task = asyncio.create_task(informer.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class Changes:
    """What `on_change` said, and a way to wait for it."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []
        self._more = asyncio.Event()

    def __call__(self, namespace: str, name: str) -> None:
        self.seen.append((namespace, name))
        self._more.set()

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not true():
                self._more.clear()
                await self._more.wait()
