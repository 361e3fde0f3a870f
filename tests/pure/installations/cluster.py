"""An API server in memory that tells what happens: lists, watches that lag or are too old, and reads of one object."""

import asyncio
import random
from bisect import bisect_right
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from oauthclient_operator.cluster.target import Target
from oauthclient_operator.errors import ClusterError, NotFound, Unanswered
from tests.pure.simulation.api_server import APIServer, Key, copied

Body = dict[str, Any]
LONGEST_LAG = 0.3
"""Seconds until a watch tells of a change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An object as it was, and as it is since that version, or None where it was not there, or is not."""

    version: int
    key: Key
    before: Body | None
    after: Body | None


class Cluster(APIServer):
    """It remembers what has changed, and can be made to forget (`look_away`), so that who watches has to list anew."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        self.rng = rng
        self.history: list[Change] = []
        self.version = 0
        self._oldest = 0
        self._tells = True
        self.takes_writes = True
        self.events_lost = 0
        self._loses_answers = False
        self._changed = asyncio.Condition()

    def _next_version(self) -> int:
        self.version = super()._next_version()
        return self.version

    def look_away(self, seconds: float) -> None:
        """Tell nobody anything for a while, and then send all who watch away: what came between they have to list."""
        self._tells = False
        asyncio.get_running_loop().call_later(seconds, self._compact)

    def take_no_writes(self, seconds: float, *, but_do_them: bool) -> None:
        """Answer no write of an operator for a while, as an API server whose storage is full, or that is not reached.

        Where they are done all the same, by chance, their answers are lost.
        """
        self.takes_writes, self._loses_answers = False, but_do_them
        asyncio.get_running_loop().call_later(seconds, self._take_writes)

    def _take_writes(self) -> None:
        self.takes_writes = True

    async def answered(self, verb: str, call: Callable[[], Awaitable[Any]]) -> Any:
        """Answer an operator's request, where one is answered.

        Raises:
            Unanswered: it is not.
        """
        if self.takes_writes or not verb.startswith(("create_", "patch_", "delete_")):
            return await call()
        self.events_lost += verb == "create_event"
        if self._loses_answers and self.rng.random() < 0.5:
            await call()
            raise Unanswered(f"{verb}: no complete answer within 35 s")
        raise Unanswered(f"{verb}: 500: etcdserver: mvcc: database space exceeded", status=500)

    def _compact(self) -> None:
        self._tells = True
        self._oldest = self.version
        self.history.clear()
        self._tell()

    def _store(self, key: Key, body: Body) -> Body:
        before, at = copied(self.objects.get(key)), self.version
        stored = super()._store(key, body)
        if self.version != at and key in self.objects:
            self._remember(key, before, copied(self.objects[key]))
        return stored

    def _remove(self, key: Key) -> None:
        gone = self.objects.pop(key)
        self._next_version()
        self._remember(key, gone, None)
        uid = gone["metadata"].get("uid")
        for other, body in list(self.objects.items()):
            if any(owner["uid"] == uid for owner in body["metadata"].get("ownerReferences", [])):
                self._remove(other)

    def remove(self, kind: str, namespace: str, name: str) -> None:
        """Do what `kubectl delete` does with an object that nobody holds."""
        if (kind, namespace, name) in self.objects:
            self._remove((kind, namespace, name))

    def _remember(self, key: Key, before: Body | None, after: Body | None) -> None:
        self.history.append(Change(version=self.version, key=key, before=before, after=after))
        self._tell()

    def _tell(self) -> None:
        async def tell() -> None:
            async with self._changed:
                self._changed.notify_all()

        self._telling = asyncio.ensure_future(tell())

    def there(self, matches: Callable[[Key, Body], bool]) -> list[Body]:
        """Return copies of the objects that match."""
        return [copied(body) for key, body in self.objects.items() if matches(key, body)]

    async def changes(
        self, matches: Callable[[Key, Body], bool], since: int, until: float
    ) -> AsyncIterator[tuple[str, Body]]:
        """Yield type and object of each event after a version, to a time of the loop; a moment late, and in order.

        Raises:
            ClusterError: that version is forgotten.
        """
        loop = asyncio.get_running_loop()
        while True:
            if since < self._oldest:
                raise ClusterError("too old a resourceVersion", status=410)
            at = bisect_right(self.history, since, key=lambda change: change.version)
            if not self._tells or at == len(self.history):
                left = until - loop.time()
                if left <= 0:
                    return
                try:
                    async with asyncio.timeout(left), self._changed:
                        await self._changed.wait()
                except TimeoutError:
                    return
                continue
            change = self.history[at]
            since = change.version
            if (event := _event(change, matches)) is not None:
                await asyncio.sleep(self.rng.uniform(0, LONGEST_LAG))
                yield event


def _event(change: Change, matches: Callable[[Key, Body], bool]) -> tuple[str, Body] | None:
    before = change.before if change.before is not None and matches(change.key, change.before) else None
    after = change.after if change.after is not None and matches(change.key, change.after) else None
    if after is not None:
        return ("ADDED" if before is None else "MODIFIED"), copied(after)
    if before is None:
        return None
    return "DELETED", {**before, "metadata": {**before["metadata"], "resourceVersion": str(change.version)}}


class Connection:
    """What the operator's informers and looks ask of a connection, answered by the cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    async def list_all(
        self,
        target: Target,
        take: Callable[[Any], None],
        *,
        selectors: Mapping[str, str] | None = None,
        accept: str,
    ) -> int:
        del accept
        await self._pause()
        version, found = self._cluster.version, self._cluster.there(_selected(target, selectors or {}))
        await self._pause()
        for body in found:
            take({"metadata": body["metadata"]})
        return version

    async def newest_version(self, target: Target) -> int:
        del target
        await self._pause()
        return self._cluster.version

    async def watch(
        self, target: Target, *, query: Mapping[str, str], accept: str, silence: float
    ) -> AsyncIterator[tuple[str, Body]]:
        del accept, silence
        until = asyncio.get_running_loop().time() + int(query["timeoutSeconds"])
        async for kind, body in self._cluster.changes(_selected(target, query), int(query["resourceVersion"]), until):
            yield kind, {"metadata": body["metadata"]}

    async def request(self, method: str, target: Target, **_: Any) -> Body:
        assert method == "GET"
        await self._pause()
        body = self._cluster.get(target.resource, target.namespace or "", target.name or "")
        if body is None:
            raise NotFound(f"{target} is not there", status=404)
        return {"metadata": body["metadata"]}

    async def _pause(self) -> None:
        await asyncio.sleep(self._cluster.rng.uniform(0, 0.05))


def _selected(target: Target, selectors: Mapping[str, str]) -> Callable[[Key, Body], bool]:
    label, _, wanted = selectors.get("labelSelector", "").partition("=")
    of_type = selectors.get("fieldSelector", "").removeprefix("type=")

    def matches(key: Key, body: Body) -> bool:
        return (
            key[0] == target.resource
            and target.namespace in (None, key[1])
            and (not label or body["metadata"].get("labels", {}).get(label) == wanted)
            and (not of_type or body.get("type") == of_type)
        )

    return matches
