"""What the kubelet and Prometheus ask of a process: `/livez`, `/readyz` and `/metrics`, over plain HTTP.

A probe costs the API server nothing: whether it is reachable is seen by the requests that are made anyway, of which
the Lease brings one every few seconds. Nobody is asked who he is, so how much may be asked is bounded by a turnstile.
"""

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from .errors import AddressTaken
from .turnstile import Bounds, Turnstile

BOUNDS: Final = Bounds()
PROBES: Final = frozenset({b"/livez", b"/readyz"})
REACHABLE: Final = 30.0
"""Seconds since the API server's last answer. The Lease is renewed every 10 s, and a request may take as long."""
_IN_ONE_TURN: Final = 64
"""Connections that are taken in one turn of the loop: fewer than there may be, so that each of them has time to ask."""
_WAITING: Final = 4096
"""Connections that nobody has taken yet."""
_SILENT: Final = 10
"""Seconds for which the kernel keeps one on which nothing was said yet; it may be some more."""

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Health:
    """What has been reached so far; `silence` is for how many seconds the API server gave no answer."""

    silence: Callable[[], float]
    fence_proven: bool = False
    caches_synced: bool = False

    def missing(self) -> tuple[str, ...]:
        """Return what keeps this process from being ready; a standby that only waits for the Lease is ready."""
        reached = {
            "the admission fence is not proven": self.fence_proven,
            "the caches are not synced": self.caches_synced,
            "the API server does not answer us": self.silence() < REACHABLE,
        }
        return tuple(what for what, so in reached.items() if not so)


@asynccontextmanager
async def serve(
    host: str | None,
    port: int,
    *,
    missing: Callable[[], tuple[str, ...]],
    metrics: Callable[[], tuple[bytes, str]],
    bounds: Bounds = BOUNDS,
) -> AsyncIterator[int]:
    """Answer while the block lasts, and yield the port; `metrics` returns the text and its media type.

    Raises:
        AddressTaken: somebody else listens there, or we may not.
    """

    async def livez(_: web.Request) -> web.Response:
        # To be answered at all proves that the event loop runs.
        return web.Response(text="ok\n")

    async def readyz(_: web.Request) -> web.Response:
        found = missing()
        return web.Response(status=503 if found else 200, text="".join(f"{what}\n" for what in found) or "ok\n")

    async def tell_metrics(_: web.Request) -> web.Response:
        text, media_type = metrics()
        return web.Response(body=text, headers={"Content-Type": media_type})

    application = web.Application()
    application.add_routes(
        [web.get("/livez", livez), web.get("/readyz", readyz), web.get("/metrics", tell_metrics)],
    )
    application.on_response_prepare.append(_last)
    # The process handles signals itself, and a probe is not worth a line of the log.
    runner = web.AppRunner(application, handle_signals=False, access_log=None, shutdown_timeout=1.0, lingering_time=0.0)
    await runner.setup()
    assert runner.server is not None  # noqa: S101 - it is after setup
    turnstile = Turnstile(runner.server, urgent=PROBES, bounds=bounds)
    try:
        try:
            listening = await asyncio.get_running_loop().create_server(turnstile, host, port, backlog=_IN_ONE_TURN)
        except OSError as error:
            raise AddressTaken(f"--listen: port {port} cannot be listened on: {error.strerror}") from None
        async with listening:
            _let_wait(listening)
            found = int(listening.sockets[0].getsockname()[1])
            log.info("listening", extra={"port": found})
            try:
                yield found
            finally:
                listening.close()
                turnstile.close()
    finally:
        await runner.cleanup()


def _let_wait(listening: asyncio.Server) -> None:
    """Let the kernel keep more connections than are taken in one turn: a refused one is tried after seconds only.

    And those on which nothing was said: who asks speaks first, so to take one before would only be work.
    """
    for each in listening.sockets:
        with socket.socket(fileno=os.dup(each.fileno())) as same:
            same.listen(_WAITING)
            if hasattr(socket, "TCP_DEFER_ACCEPT"):  # Linux
                same.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, _SILENT)


async def _last(_: web.BaseRequest, response: web.StreamResponse) -> None:
    """Say that a connection ends with its first answer: the turnstile lets nothing more through."""
    response.force_close()
    response.headers["Connection"] = "close"
