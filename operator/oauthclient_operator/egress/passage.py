"""What is known of one exchange while it goes on: above all, whether a byte of the request may have been written."""

import asyncio
import socket
from collections.abc import Callable
from typing import Final

from ..errors import BoundExceeded, Objected
from ..exchange import Answer, Incomplete, NotSent, Response

HEAD_LIMIT: Final = 64 * 1024
"""Bytes that may come before the final status line and headers are complete; bounds the 1xx responses, too."""
RESPONSE_LIMIT: Final = 256 * 1024
"""Bytes that may come in all, headers and chunk sizes included."""


class Passage:
    """One request on its way.

        admitted -> resolved -> connected -> TLS -> begun -> head -> complete
        '------------- NotSent ------------------' '- Incomplete --' Response

    `begun` is set before the first byte of the request is handed to the system, never after: from then on nobody
    may say that it was not sent.
    """

    def __init__(self, may_begin: Callable[[], str | None] | None) -> None:
        self._may_begin = may_begin
        self._sockets: list[socket.socket] = []
        self._received = 0
        self._status: int | None = None
        self._body = bytearray()
        self._complete: Response | None = None
        self.begun = False

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

    def opened(self, sock: socket.socket) -> None:
        """Remember a socket, to be closed when the exchange ends, however it ends."""
        self._sockets.append(sock)

    async def received(self, count: int) -> None:
        """Count bytes that came from the server, and let others have the loop, however fast it sends.

        Raises:
            BoundExceeded: they are too many.
        """
        self._received += count
        if self._status is None and self._received > HEAD_LIMIT:
            raise BoundExceeded(f"the response's headers are larger than {HEAD_LIMIT // 1024} KiB")
        if self._received > RESPONSE_LIMIT:
            raise BoundExceeded(f"the response is larger than {RESPONSE_LIMIT // 1024} KiB")
        await asyncio.sleep(0)

    def answered(self, status: int) -> None:
        """Note the final status code: the headers are complete."""
        self._status = status

    def add(self, chunk: bytes) -> None:
        """Add a piece of the body."""
        self._body += chunk

    @property
    def has_body(self) -> bool:
        """Whether a byte of the body came."""
        return bool(self._body)

    def completed(self, headers: dict[str, str]) -> None:
        """Note that the response is whole."""
        if self._status is not None:
            self._complete = Response(status=self._status, headers=headers, body=bytes(self._body))

    def outcome(self, cause: str, *, refused: bool = False, ours: bool = False) -> Answer:
        """Return what the exchange came to, if it ended by `cause`."""
        if self._complete is not None:
            return self._complete
        if not self.begun:
            return NotSent(cause=cause, refused=refused, ours=ours)
        return Incomplete(cause=cause, status=self._status, partial=bytes(self._body))

    def close(self) -> None:
        """Close every socket now, without a word to the other side and without waiting."""
        for sock in self._sockets:
            sock.close()
