"""What the kubelet and Prometheus ask of a process: `/livez`, `/readyz` and `/metrics`, over plain HTTP.

A probe costs the API server nothing: whether it is reachable is seen by the requests that are made anyway, of which
the Lease brings one every few seconds.
"""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from .errors import AddressTaken

REACHABLE: Final = 30.0
"""Seconds since the API server's last answer. The Lease is renewed every 10 s, and a request may take as long."""

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
            "the API server is not reachable": self.silence() < REACHABLE,
        }
        return tuple(what for what, so in reached.items() if not so)


@asynccontextmanager
async def serve(
    host: str | None, port: int, *, missing: Callable[[], tuple[str, ...]], metrics: Callable[[], tuple[bytes, str]]
) -> AsyncIterator[int]:
    """Answer while the block lasts, and yield the port; `metrics` returns the text and its media type.

    Raises:
        AddressTaken: somebody else listens there, or we may not.
    """

    async def livez(_: web.Request) -> web.Response:
        # That this is answered at all is the answer: the loop turns.
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
    # Our own signals, and no line for each probe.
    runner = web.AppRunner(application, handle_signals=False, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise AddressTaken(f"--listen: port {port} cannot be listened on: {error.strerror}") from None
        listening = int(runner.addresses[0][1])
        log.info("listening", extra={"port": listening})
        yield listening
    finally:
        await runner.cleanup()
