"""What stands between the operator and a server: it hands on what comes, and makes a fault of one request that is chosen.

TLS ends here and begins anew towards the server, so that each request is seen whole; what a watch brings is handed on
as it comes.
"""

import asyncio
import socket
import ssl
import struct
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final, Protocol

import aiohttp
from aiohttp import web
from multidict import CIMultiDict, MultiMapping
from yarl import URL

from .certificates import Certificate
from .ports import free_port

_HOP_BY_HOP: Final = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding"})
_OURS: Final = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
"""What the library would add of its own."""
_LARGEST: Final = 8 * 2**20


class Fault(Enum):
    """What becomes of a request."""

    KILLED_BEFORE = "killed before it is handed on"
    KILLED_AFTER = "killed when it is answered, before the answer is given back"
    REQUEST_LOST = "it is lost"
    ANSWER_LOST = "its answer is lost"
    DELAYED = "it arrives when nobody waits any more"
    REPEATED = "it arrives twice, and the second answer is given back"

    @property
    def kills(self) -> bool:
        """Whether the process is gone by it."""
        return self in (Fault.KILLED_BEFORE, Fault.KILLED_AFTER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it came, and the name of the relay at which it came; `target` is path and query."""

    at: str
    method: str
    target: str
    body: bytes = b""
    authorization: str = ""


class Overseer(Protocol):
    """Chooses the faults, and sees what is answered; asked on the relays' own thread."""

    def fault(self, asked: Asked) -> Fault | None:
        """Return what becomes of a request, or None."""

    def answered(self, asked: Asked, status: int, content: bytes) -> None:
        """See an answer, whatever becomes of it; of a watch it is empty."""

    def kill(self) -> None:
        """Kill the process that asks, with SIGKILL, and return when it is dead."""

    def done(self, asked: Asked, fault: Fault) -> None:
        """See that a fault was made."""


@dataclass(kw_only=True)
class Relay:
    """One address, and the server behind it; `delay` is for how many seconds a delayed request is held."""

    name: str
    certificate: Certificate
    trust: Path
    delay: float
    target: str = ""
    port: int = 0

    def __post_init__(self) -> None:
        self.port = self.port or free_port()

    @property
    def url(self) -> str:
        """Where it is reached, as an origin."""
        return f"https://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def serving(self, overseer: Overseer) -> AsyncIterator[None]:
        """Listen until the block ends."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate.chain, self.certificate.key)
        trusted = ssl.create_default_context(cafile=self.trust)
        connector = aiohttp.TCPConnector(ssl=trusted, limit=0)
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10)
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(
                aiohttp.ClientSession(
                    connector=connector,
                    timeout=timeout,
                    auto_decompress=False,
                    skip_auto_headers=_OURS,
                    cookie_jar=aiohttp.DummyCookieJar(),
                )
            )
            one = _Handing(relay=self, overseer=overseer, session=session)
            # Who asks may be gone in the middle: then a watch ends, and what was begun is ended by `_Handing`.
            server = web.Server(one.hand_on, access_log=None, handler_cancellation=True)
            runner = web.ServerRunner(server, shutdown_timeout=1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", self.port, ssl_context=context).start()
            yield
            await one.end()


class _Handing:
    """Hands requests on."""

    def __init__(self, *, relay: Relay, overseer: Overseer, session: aiohttp.ClientSession) -> None:
        self._relay = relay
        self._overseer = overseer
        self._session = session
        self._handed_on: set[asyncio.Task[_Answer]] = set()

    async def end(self) -> None:
        for task in list(self._handed_on):
            task.cancel()
        await asyncio.gather(*self._handed_on, return_exceptions=True)

    async def hand_on(self, request: web.BaseRequest) -> web.StreamResponse:
        asked = Asked(
            at=self._relay.name,
            method=request.method,
            target=request.raw_path,
            body=await request.read(),
            authorization=request.headers.get("Authorization", ""),
        )
        fault = self._overseer.fault(asked)
        if "watch=" in asked.target:
            return await self._watch(request, asked, fault)
        if fault is Fault.KILLED_BEFORE:
            self._overseer.kill()
        if fault in (Fault.KILLED_BEFORE, Fault.REQUEST_LOST):
            return self._broken(request, asked, fault)
        # What has come is handed on, also where who asked is gone meanwhile.
        task = asyncio.create_task(self._send(request.headers.copy(), asked, fault))
        self._handed_on.add(task)
        task.add_done_callback(self._handed_on.discard)
        answer = await asyncio.shield(task)
        if fault in (Fault.KILLED_AFTER, Fault.ANSWER_LOST):
            return self._broken(request, asked, fault)
        return web.Response(status=answer.status, headers=answer.headers, body=answer.content)

    async def _send(self, headers: "CIMultiDict[str]", asked: Asked, fault: Fault | None) -> "_Answer":
        if fault is Fault.DELAYED:
            await asyncio.sleep(self._relay.delay)
        answer = await self._ask(headers, asked)
        if fault is Fault.REPEATED:
            answer = await self._ask(headers, asked)
        self._overseer.answered(asked, answer.status, answer.content)
        if fault is Fault.KILLED_AFTER:
            self._overseer.kill()
        if fault in (Fault.DELAYED, Fault.REPEATED):
            self._overseer.done(asked, fault)
        return answer

    async def _ask(self, headers: "CIMultiDict[str]", asked: Asked) -> "_Answer":
        async with self._request(headers, asked) as answer:
            return _Answer(answer.status, _kept(answer.headers), await answer.read())

    def _request(self, headers: "CIMultiDict[str]", asked: Asked) -> "aiohttp.client._RequestContextManager":
        return self._session.request(
            asked.method,
            URL(self._relay.target + asked.target, encoded=True),
            headers=_kept(headers),
            data=asked.body or None,
            allow_redirects=False,
        )

    async def _watch(self, request: web.BaseRequest, asked: Asked, fault: Fault | None) -> web.StreamResponse:
        if fault is Fault.KILLED_BEFORE:
            self._overseer.kill()
            return self._broken(request, asked, fault)
        async with self._request(request.headers.copy(), asked) as answer:
            self._overseer.answered(asked, answer.status, b"")
            if fault is not None:
                if fault.kills:
                    self._overseer.kill()
                return self._broken(request, asked, fault)
            response = web.StreamResponse(status=answer.status, headers=_kept(answer.headers))
            await response.prepare(request)
            async for chunk in answer.content.iter_any():
                await response.write(chunk)
            await response.write_eof()
            return response

    def _broken(self, request: web.BaseRequest, asked: Asked, fault: Fault) -> web.StreamResponse:
        """Break the connection off, with an RST in place of an end."""
        if request.transport is not None:
            sock = request.transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            request.transport.abort()
        self._overseer.done(asked, fault)
        return web.Response(status=502)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: "CIMultiDict[str]"
    content: bytes


def _kept(headers: "MultiMapping[str]") -> "CIMultiDict[str]":
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in _HOP_BY_HOP)


@contextmanager
def relaying(overseer: Overseer, *relays: Relay) -> Iterator[None]:
    """Let relays listen on a loop of their own, all of them on one thread."""
    started, stop = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        async with AsyncExitStack() as stack:
            for relay in relays:
                await stack.enter_async_context(relay.serving(overseer))
            started.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield
    finally:
        loops[0].call_soon_threadsafe(stop.set)
        thread.join(10)
