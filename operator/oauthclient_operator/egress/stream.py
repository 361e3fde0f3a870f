"""Bytes to and from one socket, plain or under TLS, on the running loop; no byte of a request passes unnoticed.

httpcore's timeouts are ignored: the exchange has one deadline, and the socket is closed when that ends.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Any, Final, TypeVar

import httpcore

from ..errors import NotSecured, Withheld
from ..exchange import TLSFailure
from .exchange_progress import ExchangeProgress
from .local_errors import is_local, objection
from .tls_failures import is_refusal, of_certificate

_READ: Final = 4 * 1024
"""Bytes that are taken at once: what they cost is what others wait."""

_T = TypeVar("_T")


class PlainStream(httpcore.AsyncNetworkStream):
    """The connection itself."""

    def __init__(self, sock: socket.socket, progress: ExchangeProgress, server_name: str) -> None:
        self._sock = sock
        self._progress = progress
        self._server_name = server_name

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109, ARG002 - httpcore's
        """Return what came, or nothing at the end."""
        try:
            data = await asyncio.get_running_loop().sock_recv(self._sock, min(max_bytes, _READ))
        except OSError as error:
            raise _broken(error, httpcore.ReadError) from None
        await self._progress.arrived(len(data))
        await self._progress.received(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109, ARG002 - httpcore's
        """Write a part of the request."""
        if not buffer:
            return
        self._progress.begin()
        try:
            await asyncio.get_running_loop().sock_sendall(self._sock, buffer)
        except OSError as error:
            raise _broken(error, httpcore.WriteError) from None

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,  # noqa: ARG002 - the destination's own is used
        timeout: float | None = None,  # noqa: ASYNC109, ARG002 - httpcore's
    ) -> httpcore.AsyncNetworkStream:
        """Return the stream under TLS, its server's certificate and name verified."""
        stream = TLSStream(self._sock, self._progress, ssl_context, self._server_name)
        await stream.shake_hands()
        return stream

    async def aclose(self) -> None:
        """Close the socket."""
        self._sock.close()

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's
        """Return nothing: what httpcore asks here matters only to connections that are used again."""


class TLSStream(httpcore.AsyncNetworkStream):
    """TLS over a socket, through memory: the socket stays ours to close at once, in every state."""

    def __init__(
        self, sock: socket.socket, progress: ExchangeProgress, context: ssl.SSLContext, server_name: str
    ) -> None:
        self._sock = sock
        self._progress = progress
        self._server_name = server_name
        self._from_server = ssl.MemoryBIO()
        self._to_server = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._from_server, self._to_server, server_hostname=server_name)

    async def shake_hands(self) -> None:
        """Do the TLS handshake; no byte of the request is in it.

        Raises:
            NotSecured: the server's certificate is not believed, or it refuses ours.
            Withheld: it broke off, or our own side did.
        """
        try:
            await self._until_done(self._tls.do_handshake)
        except ssl.SSLCertVerificationError as error:
            await self._flush_alert()
            message = f"the certificate of {self._server_name} is not valid: {error.verify_message}"
            raise NotSecured(message, of_certificate(error)) from None
        except ssl.SSLError as error:
            await self._flush_alert()
            words = (error.reason or "the connection was closed").lower().replace("_", " ")
            message = f"TLS with {self._server_name} failed: {words}"
            raise (NotSecured(message, TLSFailure.REFUSED) if is_refusal(error) else Withheld(message)) from None
        except OSError as error:
            if is_local(error):
                raise objection(error) from None
            raise Withheld(f"TLS with {self._server_name} failed: {(error.strerror or 'no answer').lower()}") from None

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109, ARG002 - httpcore's
        """Return what came, or nothing after the server said that it is the end.

        An end without that word may be the work of somebody in between, and is an error.
        """
        try:
            data = await self._until_done(lambda: self._tls.read(min(max_bytes, _READ)))
        except ssl.SSLZeroReturnError:
            return b""
        except OSError as error:  # An ssl.SSLError is one too.
            raise _broken(error, httpcore.ReadError) from None
        await self._progress.received(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109, ARG002 - httpcore's
        """Write a part of the request."""
        if not buffer:
            return
        self._progress.begin()
        try:
            await self._until_done(lambda: self._tls.write(buffer))
        except OSError as error:
            raise _broken(error, httpcore.WriteError) from None

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,  # noqa: ARG002 - httpcore's
        server_hostname: str | None = None,  # noqa: ARG002 - httpcore's
        timeout: float | None = None,  # noqa: ASYNC109, ARG002 - httpcore's
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: there is no TLS in TLS, for there is no proxy."""
        raise ValueError("TLS has been started")

    async def aclose(self) -> None:
        """Close the socket."""
        self._sock.close()

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's
        """Return the TLS object, by which httpcore sees that HTTP/2 was not agreed on."""
        return self._tls if info == "ssl_object" else None

    async def _until_done(self, step: Callable[[], _T]) -> _T:
        loop = asyncio.get_running_loop()
        while True:
            try:
                result = step()
            except ssl.SSLWantReadError:
                await self._flush()
                if data := await loop.sock_recv(self._sock, _READ):
                    # Here, where the server's bytes arrive: it decides how many of them ever become data.
                    await self._progress.arrived(len(data))
                    self._from_server.write(data)
                else:
                    self._from_server.write_eof()
            else:
                await self._flush()
                return result

    async def _flush(self) -> None:
        if data := self._to_server.read():
            await asyncio.get_running_loop().sock_sendall(self._sock, data)

    async def _flush_alert(self) -> None:
        # The TLS alert lets the server's log say what was wrong. It is a few bytes, and they need not arrive.
        try:
            self._sock.send(self._to_server.read())
        except OSError:
            return


def _broken(error: OSError, kind: type[httpcore.NetworkError]) -> Exception:
    """Return what ended a connection as httpcore's error, or as our own side's."""
    if is_local(error):
        return objection(error)
    return kind((getattr(error, "reason", None) or error.strerror or "").lower().replace("_", " "))
