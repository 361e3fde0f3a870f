"""A loopback HTTP server that answers as no real server does: byte by byte, too much, never, or with a reset."""

import asyncio
import contextlib
import json
import socket
import ssl
import struct
import threading
from collections.abc import Awaitable, Callable, Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.parts.certificates import Certificate
from tests.parts.ports import free_port


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request as it came; header names in lower case, and in DER the certificate that the client showed."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    certificate: bytes | None = None

    def json(self) -> Any:
        return json.loads(self.body)


Behaviour = Callable[[Received, asyncio.StreamWriter], Awaitable[None]]


def response(status: int, members: Any = None, *, body: bytes | None = None, **headers: str) -> bytes:
    """Return a proper response; a header's name is written with underscores for hyphens."""
    content = body if body is not None else b"" if members is None else json.dumps(members).encode()
    lines = [f"HTTP/1.1 {status} Whatever"]
    if status != 204:
        lines.append(f"Content-Length: {len(content)}")
    if "content_type" not in headers and content:
        lines.append("Content-Type: application/json")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


def respond(status: int, members: Any = None, *, body: bytes | None = None, **headers: str) -> Behaviour:
    """Answer properly, as `response`."""
    return send(response(status, members, body=body, **headers))


def send(*pieces: bytes, pause: float = 0, then: Behaviour | None = None) -> Behaviour:
    """Write bytes as they are, with a pause after each piece, and go on with `then`, or end the connection."""

    async def behave(received: Received, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            if pause:
                await asyncio.sleep(pause)
        if then is not None:
            await then(received, writer)

    return behave


def flood(head: bytes, piece: bytes) -> Behaviour:
    """Write without end."""

    async def behave(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(piece * (1 + 16_000 // len(piece)))
            await writer.drain()

    return behave


async def hang(_: Received, __: asyncio.StreamWriter) -> None:
    """Never answer."""
    await asyncio.Event().wait()


async def reset(_: Received, writer: asyncio.StreamWriter) -> None:
    """Break the connection off, with an RST in place of an end."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def end_of(writer: asyncio.StreamWriter) -> None:
    """Send the end of the TCP stream below TLS."""
    writer.get_extra_info("socket").shutdown(socket.SHUT_WR)
    writer.transport.abort()


async def leave(_: Received, __: asyncio.StreamWriter) -> None:
    """End the connection without a word."""


def script(*behaviours: Behaviour) -> Behaviour:
    """Behave for one request after the other; there must be no more requests than behaviours."""
    rest = iter(behaviours)

    async def behave(received: Received, writer: asyncio.StreamWriter) -> None:
        await next(rest)(received, writer)

    return behave


class MisbehavingServer:
    """Listens on 127.0.0.1, with TLS if it has a certificate; counts connections and keeps requests.

    With `greeting` it behaves so as soon as somebody connects, before TLS and without reading. With `client_authority`,
    a PEM file, nobody gets past TLS without a certificate that it vouches for.
    """

    def __init__(
        self,
        behave: Behaviour,
        *,
        certificate: Certificate | None = None,
        client_authority: Path | None = None,
        greeting: Behaviour | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self.behave = behave
        self.connections = 0
        self.requests: list[Received] = []
        self.arrived = asyncio.Event()
        self.ended = asyncio.Event()
        self.port = 0
        self.closes_without_a_word = False
        """Under TLS, end the connection without a close_notify, as somebody in between would."""
        self._scheme = "https" if certificate else "http"
        self._host = host
        self._greeting = greeting
        self._tasks: set[asyncio.Task[None]] = set()
        self.context: ssl.SSLContext | None = None
        if certificate is not None and greeting is None:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certificate.chain, certificate.key)
            if client_authority is not None:
                self.context.verify_mode = ssl.CERT_REQUIRED
                self.context.load_verify_locations(client_authority)

    def url(self, path: str = "/", *, host: str | None = None) -> str:
        return f"{self._scheme}://{host or self._host}:{self.port}{path}"

    async def __aenter__(self) -> Self:
        port = self.port or free_port()
        self._server = await asyncio.start_server(self._accepted, self._host, port, ssl=self.context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Who has connected is accepted first: asyncio forgets the socket of a connection that it is about to accept.
        for _ in range(3):
            await asyncio.sleep(0)
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    @contextlib.contextmanager
    def in_thread(self) -> Generator[Self]:
        """Serve on a loop of its own, for tests that have none or block it."""
        started, stop = threading.Event(), asyncio.Event()
        loops: list[asyncio.AbstractEventLoop] = []

        async def serve() -> None:
            loops.append(asyncio.get_running_loop())
            async with self:
                started.set()
                await stop.wait()

        # asyncio.run ends what has no task of ours yet, too: a connection that was accepted a moment ago.
        thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
        thread.start()
        started.wait(10)
        try:
            yield self
        finally:
            loops[0].call_soon_threadsafe(stop.set)
            thread.join(10)

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # A task that is cancelled before its first step runs none of its code, its `finally` either.
        task.add_done_callback(lambda _: writer.transport.abort())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            if self._greeting is not None:
                self.arrived.set()
                await self._greeting(Received(method="", target=""), writer)
            else:
                received = await _read(reader, writer)
                self.requests.append(received)
                self.arrived.set()
                await self.behave(received, writer)
            await writer.drain()
            if self.closes_without_a_word:
                end_of(writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            # Whoever asked has left, or the server stops.
            writer.transport.abort()
        finally:
            await _closed(writer)
            self.ended.set()


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    try:
        async with asyncio.timeout(1):
            await writer.wait_closed()
    except (OSError, TimeoutError, asyncio.CancelledError):
        # The other side does not close, or the server stops.
        writer.transport.abort()


async def _read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:-2])}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    tls = writer.get_extra_info("ssl_object")
    shown = tls.getpeercert(binary_form=True) if tls is not None else None
    return Received(method=method, target=target, headers=headers, body=body, certificate=shown)
