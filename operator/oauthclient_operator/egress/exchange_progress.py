"""How far one exchange has come, and what it therefore ends as: above all, whether a byte may have been written."""

import asyncio
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from ..errors import BoundExceeded, Objected
from ..exchange import Answer, Incomplete, NotSent, Response, TLSFailure
from .content_coding import unpacked
from .response_head import Heads

HEAD_LIMIT: Final = 64 * 1024
"""Bytes that may come before the final status line and headers are complete; bounds the 1xx responses, too."""
RESPONSE_LIMIT: Final = 256 * 1024
"""Bytes of HTTP that may come in all, chunk sizes included."""
HEAD_LINES_LIMIT: Final = 1024
"""Lines that may come before the last part of the headers does: each costs more than its bytes say."""
OVERHEAD_LIMIT: Final = 128 * 1024
"""Bytes that may come and be no HTTP: TLS's handshake, the frames of its records, its messages between them."""
READS_LIMIT: Final = 2048
"""Times that bytes may come: a server that sends them one by one costs an event of ours for each."""
PIECES_LIMIT: Final = 8192
"""Pieces, such as chunks, that the body may be made of."""


class ExchangeProgress:
    """One exchange from the URL that was admitted to its answer.

        admitted -> resolved -> connected -> TLS -> begun -> head -> complete
        '------------- NotSent ------------------' '- Incomplete --' Response

    `begun` is set before the first byte of the request is handed to the system, never after: from then on nobody
    may say that it was not sent.
    """

    def __init__(self, may_begin: Callable[[], str | None] | None) -> None:
        self._may_begin = may_begin
        self._sockets: list[socket.socket] = []
        self._reads = 0
        self._arrived = 0
        self._received = 0
        self._lines = 0
        self._status: int | None = None
        self._headers: Mapping[str, str] = {}
        self._body = bytearray()
        self._complete: Response | None = None
        self.begun = False
        self.heads = Heads()
        self._held_up: str | None = None

    def begin(self) -> None:
        """Mark the request as perhaps written, if the caller still wants it written.

        Raises:
            Objected: the caller does not.
        """
        if self.begun:
            return
        if self._may_begin is not None and (objection := self._may_begin()) is not None:
            raise Objected(objection)
        self.begun = True

    @contextmanager
    def held_up_by(self, cause: str) -> Iterator[None]:
        """Let an exchange that ends meanwhile have ended by that, which is our own side's; it is a sentence."""
        self._held_up = cause
        yield
        # Only where it went on: one that ends in here is asked for its outcome afterwards.
        self._held_up = None

    def opened(self, sock: socket.socket) -> None:
        """Remember a socket, to be closed when the exchange ends, however it ends."""
        self._sockets.append(sock)

    async def arrived(self, count: int) -> None:
        """Count bytes as the network brought them, whatever they are, and let others have the loop.

        A socket that has data ready is read without a pause: a server that sends without one would keep the loop, and
        the exchange's own deadline from ending it.

        Raises:
            BoundExceeded: they are too many, or came too often.
        """
        self._reads += 1
        self._arrived += count
        if self._reads > READS_LIMIT:
            raise BoundExceeded(f"what the server sent came in more than {READS_LIMIT} pieces")
        if self._arrived - self._received > OVERHEAD_LIMIT:
            raise BoundExceeded(f"the server sent more than {OVERHEAD_LIMIT // 1024} KiB of TLS that is no response")
        await asyncio.sleep(0)

    async def received(self, data: bytes) -> None:
        """Count bytes of HTTP, and let others have the loop: one TLS record is several reads of them.

        Raises:
            BoundExceeded: they, or the lines or the pieces that they make, are too many.
        """
        self._received += len(data)
        if self._status is None and self._received > HEAD_LIMIT:
            raise BoundExceeded(f"the response's headers are larger than {HEAD_LIMIT // 1024} KiB")
        if self._status is None and self._lines > HEAD_LINES_LIMIT:
            raise BoundExceeded(f"the response's headers are more than {HEAD_LINES_LIMIT} lines")
        # After it was judged: the end of the headers may have the body's beginning with it.
        self._lines += data.count(b"\n")
        if self._received > RESPONSE_LIMIT:
            raise BoundExceeded(f"the response is larger than {RESPONSE_LIMIT // 1024} KiB")
        if self.heads.pieces > PIECES_LIMIT:
            raise BoundExceeded(f"the response's body came in more than {PIECES_LIMIT} pieces")
        await asyncio.sleep(0)

    def answered(self, status: int, headers: Mapping[str, str]) -> None:
        """Note the final status code: the headers are complete."""
        self._status, self._headers = status, headers

    def add(self, chunk: bytes) -> None:
        """Add what came of the body; that it came in too many pieces is found at the next read."""
        self._body += chunk

    def completed(self) -> None:
        """Note that the response is whole."""
        if self._status is None:
            return
        body, beyond, flaws = bytes(self._body), self.heads.beyond, self.heads.flaws
        if self.heads.codings and body:
            flaws = (*flaws, "a compressed body, although it was asked not to be compressed")
            # What cannot be unpacked is no text that anybody reads; that it came is known all the same.
            found = (unpacked(b, self.heads.codings, limit=RESPONSE_LIMIT) for b in (body, body + beyond))
            body = next((b for b in found if b is not None), body)
        self._complete = Response(status=self._status, headers=self._headers, body=body, flaws=flaws, beyond=beyond)

    def outcome(
        self,
        cause: str,
        *,
        refused: bool = False,
        ours: bool = False,
        too_much: bool = False,
        tls: TLSFailure | None = None,
    ) -> Answer:
        """Return what the exchange came to, if it ended by `cause`; `too_much` as of an `Incomplete`."""
        if self._complete is None and self.heads.enough:
            # What comes after all that was announced need not end.
            self.completed()
        if self._complete is not None:
            return self._complete
        if self.begun:
            return Incomplete(
                cause=cause,
                status=self.heads.status if self._status is None and too_much else self._status,
                headers=self._headers,
                partial=bytes(self._body),
                flaws=self.heads.flaws,
                ours=ours,
                too_much=too_much,
            )
        if self._held_up is not None:
            return NotSent(cause=self._held_up, ours=True)
        return NotSent(cause=cause, refused=refused, ours=ours, tls=tls)

    def close(self) -> None:
        """Close every socket now, without a word to the other side and without waiting."""
        for sock in self._sockets:
            sock.close()
