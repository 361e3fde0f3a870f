"""Before a server that anybody may ask: few connections at once, one request on each, and each answered in its turn.

    accepted ──▶ the whole head of a request was read ──▶ waits for its turn ──▶ answered, closed
                 too long, too slow, in too many pieces ──▶ closed

The event loop that answers is the one that does the work, so what is asked of it must not become its work. Nothing is
refused to who asks seldom: turns go round by address, and for one connection too many the address that has most loses
its oldest, one that asks nothing before one that waits for its turn. What is urgent (a probe) waits behind what is
urgent alone.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

_END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a connection may take: seconds, bytes, and seconds between two answers."""

    connections: int = 128
    within: float = 10.0
    """From the connection to the end of the answer."""
    head: int = 8192
    pieces: int = 64
    """In so many a head may come: each costs a turn of the loop, whatever its length."""
    urgent_every: float = 0.01
    others_every: float = 0.2


class Turnstile:
    """Makes the protocol of each connection; `urgent` are the paths that are, `serve` what answers one request."""

    def __init__(self, serve: Callable[[], asyncio.Protocol], *, urgent: frozenset[bytes], bounds: Bounds) -> None:
        self.bounds = bounds
        self.serve = serve
        self._urgent_paths = urgent
        self._urgent = _Line(bounds.urgent_every)
        self._others = _Line(bounds.others_every)
        self._inside: dict[str, dict[_Connection, None]] = {}

    def __call__(self) -> asyncio.Protocol:
        """Return the protocol of a new connection."""
        return _Connection(self)

    def enter(self, connection: "_Connection") -> None:
        """Take a connection in; for one too many, another is closed."""
        self._inside.setdefault(connection.address, {})[connection] = None
        if sum(len(each) for each in self._inside.values()) > self.bounds.connections:
            most = max(self._inside.values(), key=len)
            # The newest has had no time to ask.
            idle = (each for each in most if not each.asks and each is not connection)
            next(idle, next(iter(most))).abort()

    def line_up(self, connection: "_Connection", path: bytes) -> None:
        """Let a connection wait for its turn, which comes at once where nobody waits."""
        (self._urgent if path in self._urgent_paths else self._others).add(connection)

    def leave(self, connection: "_Connection") -> None:
        """Forget a connection."""
        for line in (self._urgent, self._others):
            line.discard(connection)
        if (each := self._inside.get(connection.address)) is not None:
            each.pop(connection, None)
            if not each:
                del self._inside[connection.address]

    def close(self) -> None:
        """Close all."""
        for connection in [c for each in self._inside.values() for c in each]:
            connection.abort()


class _Line:
    """Connections that wait: one is served, then nobody for a while; their addresses take turns."""

    def __init__(self, every: float) -> None:
        self._every = every
        self._waiting: dict[str, dict[_Connection, None]] = {}
        self._pause: asyncio.TimerHandle | None = None

    def add(self, connection: "_Connection") -> None:
        self._waiting.setdefault(connection.address, {})[connection] = None
        if self._pause is None:
            self._turn()

    def discard(self, connection: "_Connection") -> None:
        each = self._waiting.get(connection.address, {})
        each.pop(connection, None)
        if not each:
            self._waiting.pop(connection.address, None)

    def _turn(self) -> None:
        self._pause = None
        if not self._waiting:
            return
        address, each = next(iter(self._waiting.items()))
        connection = next(iter(each))
        del each[connection], self._waiting[address]
        if each:
            # Behind the other addresses.
            self._waiting[address] = each
        self._pause = asyncio.get_running_loop().call_later(self._every, self._turn)
        connection.admit()


class _Connection(asyncio.Protocol):
    """One connection: it is read here until a request's head is whole, and once admitted all is the server's."""

    def __init__(self, turnstile: Turnstile) -> None:
        self.address = ""
        self._turnstile = turnstile
        self._transport: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._head = b""
        self._pieces = 0
        self._whole = False
        self._server: asyncio.Protocol | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what a TCP server's always is
        self._transport = transport
        # Absent where it is gone already.
        self.address = str((transport.get_extra_info("peername") or ("",))[0])
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(self._turnstile.bounds.within, self.abort)
        self._turnstile.enter(self)

    def data_received(self, data: bytes) -> None:
        bounds = self._turnstile.bounds
        self._head += data
        self._pieces += 1
        # More after a whole head is a second request or a body, and nothing here takes either.
        if self._whole or len(self._head) > bounds.head or self._pieces > bounds.pieces:
            self.abort()
        elif _END_OF_HEAD in self._head:
            self._whole = True
            self._turnstile.line_up(self, self._head.split(b" ", 2)[1] if b" " in self._head else b"")

    @property
    def asks(self) -> bool:
        """Whether the whole head of a request was read."""
        return self._whole

    def admit(self) -> None:
        """Let the server answer."""
        if self._transport is None or self._transport.is_closing():
            return
        self._server = self._turnstile.serve()
        self._server.connection_made(self._transport)
        self._server.data_received(self._head)

    def abort(self) -> None:
        """Close, whatever is under way."""
        if self._transport is not None:
            self._transport.abort()
        # Not only when the loop comes to say so: until then it would count as one that is there.
        self._turnstile.leave(self)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._turnstile.leave(self)
        if self._server is not None:
            self._server.connection_lost(exc)

    def pause_writing(self) -> None:
        if self._server is not None:
            self._server.pause_writing()

    def resume_writing(self) -> None:
        if self._server is not None:
            self._server.resume_writing()
