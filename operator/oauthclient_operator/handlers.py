"""kopf's one door: it lists and watches OAuthClients and hands every event on; it decides and writes nothing.

Everything of kopf that would write (progress and diff annotations, its finalizer, peering, Events) is off, and its
tasks are stopped by us, because its own way of stopping cancels tasks that are not its own, a POST in flight among
them.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import kopf

from . import names
from .cluster.credentials import Login
from .errors import ClusterError

LOGIN_LIFETIME: Final = timedelta(minutes=10)
"""After so long the credentials are read again: a projected service account token is replaced under its name."""

EventSink = Callable[[str | None, dict[str, Any]], None]
"""Takes an event's type (None for what a LIST brought) and the resource's body."""


class _NoProgress(kopf.ProgressStorage):
    """Retries are the work queue's: nothing is written on the resource."""

    def fetch(self, **_: Any) -> None:  # noqa: ANN401 - kopf's signature
        return None

    def store(self, **_: Any) -> None:  # noqa: ANN401 - kopf's signature
        return

    def purge(self, **_: Any) -> None:  # noqa: ANN401 - kopf's signature
        return

    def touch(self, **_: Any) -> None:  # noqa: ANN401 - kopf's signature
        return

    def clear(self, *, essence: Any) -> Any:  # noqa: ANN401 - kopf's signature
        return essence


class _NoDiffBase(kopf.DiffBaseStorage):
    """What was handled last stands in the record, not in a copy of the spec on the resource."""

    def build(self, **_: Any) -> Any:  # noqa: ANN401 - kopf's signature
        return {}

    def fetch(self, **_: Any) -> None:  # noqa: ANN401 - kopf's signature
        return None

    def store(self, **_: Any) -> None:  # noqa: ANN401 - kopf's signature
        return


async def watch(
    sink: EventSink, login: Callable[[], Awaitable[Login]], namespaces: Collection[str]
) -> Collection["asyncio.Task[None]"]:
    """Start to list and watch OAuthClients, in those namespaces or everywhere, and return kopf's tasks.

    They end when the process is told to stop (SIGINT, SIGTERM) or when one of them fails; then `stop` is due.
    """
    logging.getLogger("kopf").setLevel(logging.WARNING)
    return await kopf.spawn_tasks(
        registry=_registry(sink, login),
        settings=_settings(),
        standalone=True,
        clusterwide=not namespaces,
        namespaces=namespaces,
    )


async def stop(tasks: Collection["asyncio.Task[None]"]) -> None:
    """Stop kopf's tasks.

    Raises:
        ClusterError: one of them had failed, for example because the API server forbids the watch.
    """
    for task in tasks:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            # Not chained: what kopf raises may quote what the API server answered.
            raise ClusterError(f"OAuthClients cannot be watched ({type(result).__name__})") from None


def _registry(sink: EventSink, login: Callable[[], Awaitable[Login]]) -> kopf.OperatorRegistry:
    registry = kopf.OperatorRegistry()

    @kopf.on.login(registry=registry)
    async def log_in(**_: Any) -> kopf.ConnectionInfo:  # noqa: ANN401 - kopf's signature
        who = await login()
        return kopf.ConnectionInfo(
            server=who.server,
            ca_path=who.ca_path,
            insecure=who.insecure,
            certificate_path=who.certificate_path,
            private_key_path=who.private_key_path,
            scheme=who.scheme,
            token=who.token.reveal() if who.token is not None else None,
            proxy_url=who.proxy_url,
            expiration=datetime.now(UTC) + LOGIN_LIFETIME,
        )

    @kopf.on.event(names.GROUP, names.VERSION, names.PLURAL, registry=registry)
    async def offer(event: Any, **_: Any) -> None:  # noqa: ANN401 - kopf's signature
        sink(event["type"], event["object"])

    return registry


def _settings() -> kopf.OperatorSettings:
    settings = kopf.OperatorSettings()
    settings.scanning.disabled = True
    settings.posting.enabled = False
    settings.persistence.finalizer = f"{names.GROUP}/kopf"
    settings.persistence.progress_storage = _NoProgress()
    settings.persistence.diffbase_storage = _NoDiffBase()
    settings.queueing.idle_timeout = 0.1
    settings.networking.request_timeout = 30
    settings.process.ultimate_exiting_timeout = None
    return settings
