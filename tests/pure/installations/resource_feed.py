"""What kopf does with one kind: it lists, watches, lists anew after a 410, and keeps no order between two objects."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from oauthclient_operator.cluster.followed import Sink
from oauthclient_operator.cluster.listing import Listing
from oauthclient_operator.cluster.metadata import identity
from oauthclient_operator.errors import ClusterError
from tests.pure.installations.cluster import LONGEST_LAG, Body, Cluster
from tests.pure.simulation.api_server import Key

STREAM = 600.0
"""Seconds after which kopf asks for a stream anew."""


class ResourceFeed:
    """One kind, in one namespace or in all, as one process is told of it."""

    def __init__(
        self,
        cluster: Cluster,
        kind: str,
        sink: Sink,
        keep: Callable[[Mapping[str, Any]], Body],
        *,
        namespace: str | None = None,
    ) -> None:
        self._cluster = cluster
        self._kind = kind
        self._sink = sink
        self._keep = keep
        self._namespace = namespace
        self._late: dict[str, tuple[asyncio.TimerHandle, str | None, Body]] = {}
        """By UID: what is told of each in a moment; of several events in a row kopf tells the last."""
        self.listed = asyncio.Event()

    async def run(self) -> None:
        """Follow until cancelled."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                version = await self._list()
                try:
                    while True:
                        async for event, body in self._cluster.changes(self._is_ours, version, loop.time() + STREAM):
                            version = identity(body["metadata"])[2]
                            self._tell_later(event, body)
                except ClusterError:
                    await asyncio.sleep(self._cluster.rng.uniform(0, 1.0))
        finally:
            for handle, _, _ in self._late.values():
                handle.cancel()

    async def _list(self) -> int:
        # What was on its way when the list began is told by then: it takes longer.
        for uid in list(self._late):
            self._tell(uid)
        listing = Listing(self._sink.known(self._namespace))
        await asyncio.sleep(self._cluster.rng.uniform(0, 0.1))
        version, found = self._cluster.version, self._cluster.there(self._is_ours)
        for body in found:
            listing.came(identity(body["metadata"])[0])
            self._tell_later(None, body)
        listing.shows(str(version))
        for (namespace, name), at in listing.missing():
            self._sink.gone(namespace, name, at)
        for uid in list(self._late):
            self._tell(uid)
        self.listed.set()
        return version

    def _is_ours(self, key: Key, _body: Body) -> bool:
        return key[0] == self._kind and self._namespace in (None, key[1])

    def _tell_later(self, event: str | None, body: Body) -> None:
        uid = body["metadata"]["uid"]
        delay = self._cluster.rng.uniform(0, LONGEST_LAG)
        if (before := self._late.pop(uid, None)) is not None:
            before[0].cancel()
        handle = asyncio.get_running_loop().call_later(delay, self._tell, uid)
        self._late[uid] = (handle, event, body)

    def _tell(self, uid: str) -> None:
        handle, event, body = self._late.pop(uid)
        handle.cancel()
        self._sink.take(event, self._keep(body))
