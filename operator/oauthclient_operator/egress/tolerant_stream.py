"""A connection that httpcore can read, one response to its end: where the form is wrong, the answer still counts."""

import ssl
from typing import Any

import httpcore

from .exchange_progress import ExchangeProgress


class TolerantStream(httpcore.AsyncNetworkStream):
    """A stream, with what it brings mended on its way (`response_head`, `response_body`), as the progress knows."""

    def __init__(self, stream: httpcore.AsyncNetworkStream, progress: ExchangeProgress) -> None:
        self._stream = stream
        self._progress = progress

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's
        """Return what came, as far as it can go on, or nothing at the end.

        Raises:
            httpcore.RemoteProtocolError: the response has no end.
        """
        heads = self._progress.heads
        while not heads.over:
            data = await self._stream.read(max_bytes, timeout)
            passed = heads.feed(data) if data else heads.rest()
            if passed:
                return passed
            if not data and heads.lacks:
                raise httpcore.RemoteProtocolError
            if not data:
                break
        return b""

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore's
        """Write a part of the request."""
        await self._stream.write(buffer, timeout)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's
    ) -> httpcore.AsyncNetworkStream:
        """Return the stream under TLS."""
        return TolerantStream(await self._stream.start_tls(ssl_context, server_hostname, timeout), self._progress)

    async def aclose(self) -> None:
        """Close the socket."""
        await self._stream.aclose()

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's
        """Return what the stream below says."""
        return self._stream.get_extra_info(info)
