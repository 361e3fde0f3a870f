"""A resource is watched until what was asked for is so, and each change of what it says is told meanwhile."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from .. import names
from ..cluster.connection import JSON_TYPE, Connection
from ..cluster.target import OAUTH_CLIENTS, Target, oauth_client
from ..errors import ClusterError, NotFound, RequestRefused
from ..oauth.json_object import JSON
from ..resource.json_path import child, text
from .waiting import Outcome

_WATCH_SECONDS: Final = 240
_PAUSE: Final = 1.0
"""Seconds before a watch that broke is begun anew."""
_TOO_OLD: Final = 410
"""Of a resourceVersion that the API server does not know any more."""
_GONE: Final = Outcome(done=False, said="it is gone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is waited for, `within` how many seconds: how a version of the resource ends it, or where it stands."""

    ended: Callable[[Mapping[str, JSON]], Outcome | None]
    stands: Callable[[Mapping[str, JSON]], str]
    within: float


async def follow(
    connection: Connection,
    body: Mapping[str, JSON],
    wanted: Wanted,
    tell: Callable[[str], None],
) -> tuple[Outcome, Mapping[str, JSON]]:
    """Return how it ended, or that it did not in time, and the resource as it was seen last; `body` is so at first.

    Raises:
        ClusterError: one may not watch.
    """
    last, news = "", -1
    try:
        async with asyncio.timeout(wanted.within), aclosing(_versions(connection, body)) as versions:
            async for version in versions:
                if version is None:
                    return _GONE, body
                body = version
                if (outcome := wanted.ended(body)) is not None:
                    return outcome, body
                if (said := wanted.stands(body)) != last:
                    last, news = said, news + 1
                    tell(said)
    except TimeoutError:
        # What it said at first was so before.
        said = f"not so after {wanted.within:g} s: {last}"
        if not news:
            said += "; nothing changed meanwhile: kubectl oauthclient doctor says whether an operator is at work"
        return Outcome(done=False, said=said), body
    return _GONE, body


async def _versions(
    connection: Connection, body: Mapping[str, JSON]
) -> AsyncGenerator[Mapping[str, JSON] | None, None]:
    """Yield the resource as it is known, and as it becomes; None once it is gone."""
    metadata = child(body, "metadata")
    namespace, name, uid = (text(metadata, part) or "" for part in ("namespace", "name", "uid"))
    yield body
    while True:
        try:
            async with aclosing(_events(connection, namespace, name, body)) as events:
                async for kind, seen in events:
                    if kind == "DELETED" or text(child(seen, "metadata"), "uid") != uid:
                        yield None
                        return
                    yield seen
            body = await connection.request("GET", oauth_client(namespace, name))
            if text(child(body, "metadata"), "uid") != uid:
                yield None
                return
            yield body
        except NotFound:
            yield None
            return
        except ClusterError as error:
            if isinstance(error, RequestRefused) and error.status != _TOO_OLD:
                raise
            await asyncio.sleep(_PAUSE)
            body = {**body, "metadata": {**child(body, "metadata"), "resourceVersion": ""}}


def _events(
    connection: Connection, namespace: str, name: str, body: Mapping[str, JSON]
) -> AsyncGenerator[tuple[str, dict[str, JSON]], None]:
    query = {
        "watch": "1",
        "fieldSelector": f"metadata.name={name}",
        "resourceVersion": text(child(body, "metadata"), "resourceVersion") or "",
        "timeoutSeconds": str(_WATCH_SECONDS),
    }
    target = Target(api=OAUTH_CLIENTS, resource=names.PLURAL, namespace=namespace)
    return connection.watch(target, query=query, accept=JSON_TYPE, silence=_WATCH_SECONDS + 60)
