"""kopf's one door: it lists and watches our two kinds and hands every event on; it decides and writes nothing.

Everything of kopf that would write (progress and diff annotations, its finalizer, peering, Events) is off, and its
tasks are stopped by us, because its own way of stopping cancels tasks that are not its own, a POST in flight among
them.
"""

import asyncio
import logging
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

# Before kopf, which would import the synchronous client: the room of the cluster leaves it out.
from .cluster import kept, page_timeout  # isort: split

import kopf

from . import names
from .async_generators import AsyncGenerators
from .cluster.connection import Connection
from .cluster.followed import Followed, Sink
from .cluster.target import OAUTH_CLIENTS, Target, cluster_oauth_issuer
from .cluster.watch_session import Arrivals, watch_session
from .errors import ClusterError

LOGIN_LIFETIME: Final = timedelta(minutes=10)
"""After so long certificates are read again, which are replaced under their names; a token is for each request."""

_AGAIN: Final = (1, 1, 2, 3, *[5] * 10)
"""Seconds between the tries of a request that fails: as long in all as kopf's own, whose longest pause is 21."""
_PAGE: Final = 100
"""Resources of a list that the API server has at once."""

_IDENTITY: Final[Any] = "oauthclient-operator"
"""Who we would be among peers, of which there are none. kopf would look up the user's name; in a pod it has none."""


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


class Kopf(NamedTuple):
    """What of kopf's is at work, which is to be stopped."""

    tasks: Collection["asyncio.Task[None]"]
    generators: AsyncGenerators


async def watch(
    *, clients: Sink, issuers: Sink, connection: Connection, namespaces: Collection[str]
) -> tuple[Kopf, Arrivals]:
    """Start to list and watch OAuthClients, in those namespaces or everywhere, and ClusterOAuthIssuers.

    Return what is to be stopped, and what comes. By what each knew before it is noticed what went while nobody watched,
    and that the API server's storage was set back. A kind whose definition comes later is never watched: see
    `cluster/definitions`.

    The tasks end when the process is told to stop (SIGINT, SIGTERM) or when one of them fails; then `stop` is due.
    """
    logging.getLogger("kopf").setLevel(logging.WARNING)
    arrivals = Arrivals((len(namespaces) or 1) + 1)
    generators = AsyncGenerators(kopf.__name__)
    tasks = await kopf.spawn_tasks(
        registry=_registry(clients, issuers, connection, arrivals),
        settings=_settings(),
        identity=_IDENTITY,
        standalone=True,
        clusterwide=not namespaces,
        namespaces=namespaces,
    )
    return Kopf(tasks, generators), arrivals


async def stop(watching: Kopf) -> None:
    """Stop kopf's tasks, and what they left.

    Raises:
        ClusterError: one of them had failed, for example because the API server forbids the watch.
    """
    for task in watching.tasks:
        task.cancel()
    results = await asyncio.gather(*watching.tasks, return_exceptions=True)
    await watching.generators.close()
    for result in results:
        if isinstance(result, Exception):
            # Not chained: what kopf raises may quote what the API server answered.
            what = f"{names.KIND}s or {names.ISSUER_KIND}s"
            raise ClusterError(f"{what} cannot be watched ({_why(result)})") from None


def _why(error: Exception) -> str:
    """Return what may be said of a failure of kopf's."""
    if getattr(error, "status", None) == 403:
        return "the API server forbids it (403): are the operator's rights there (deploy/)?"
    return type(error).__name__


def _registry(clients: Sink, issuers: Sink, connection: Connection, arrivals: Arrivals) -> kopf.OperatorRegistry:
    registry = kopf.OperatorRegistry()
    followed = (
        Followed(
            target=Target(api=OAUTH_CLIENTS, resource=names.PLURAL),
            is_namespaced=True,
            keep=kept.resource,
            sink=clients,
        ),
        Followed(target=cluster_oauth_issuer(), is_namespaced=False, keep=kept.issuer, sink=issuers),
    )

    @kopf.on.login(registry=registry)
    async def log_in(**_: Any) -> kopf.AiohttpSession:  # noqa: ANN401 - kopf's signature
        who = await connection.login()
        info = kopf.ConnectionInfo(
            server=who.server,
            ca_path=who.ca_path,
            insecure=who.insecure,
            certificate_path=who.certificate_path,
            private_key_path=who.private_key_path,
            scheme=who.scheme,
            token=who.token.reveal() if who.token is not None else None,
        )
        session = watch_session(
            connection,
            followed,
            arrivals,
            ssl_context=info.as_ssl_context(),
            headers=info.as_http_headers(),
            proxy=who.proxy_url,
        )
        expiration = datetime.now(UTC) + LOGIN_LIFETIME
        return kopf.AiohttpSession(server=who.server, aiohttp_session=session, expiration=expiration)

    @kopf.on.event(names.GROUP, names.VERSION, names.PLURAL, registry=registry)
    async def offer_client(event: Any, **_: Any) -> None:  # noqa: ANN401 - kopf's signature
        clients.take(event["type"], event["object"])

    @kopf.on.event(names.GROUP, names.VERSION, names.ISSUER_PLURAL, registry=registry)
    async def offer_issuer(event: Any, **_: Any) -> None:  # noqa: ANN401 - kopf's signature
        issuers.take(event["type"], event["object"])

    return registry


def _settings() -> kopf.OperatorSettings:
    settings = kopf.OperatorSettings()
    settings.scanning.disabled = True
    settings.posting.enabled = False
    settings.persistence.finalizer = f"{names.GROUP}/kopf"
    settings.persistence.progress_storage = _NoProgress()
    settings.persistence.diffbase_storage = _NoDiffBase()
    # A task of kopf's, and with it the whole resource, lives on for so long; more of them are more memory for good.
    settings.queueing.idle_timeout = 0.01
    settings.watching.chunk_size = _PAGE
    # How long a page may be silent is the session's matter; a large one takes longer than other requests may.
    settings.networking.request_timeout = page_timeout.IN_ALL
    settings.networking.error_backoffs = _AGAIN
    settings.process.ultimate_exiting_timeout = None
    return settings
