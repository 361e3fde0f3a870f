"""What the cluster holds of one kind, by its metadata only: a list, then a watch that goes on from there.

The bodies never travel (`PartialObjectMetadata`), so a Secret's values are not in our memory to be leaked. What
vanished while nobody watched is found by the next list.

        list, page by page ──▶ watch from the list's resourceVersion ─────────┐
          ▲                      ▲      the stream ended, broke or was silent │
          │                      └── the API server is where we are, or later ┤
          └── the API server refused to go on (410) ──────────────────────────┘

An API server that is behind us has had its storage restored from a backup: no watch would tell of anything until it is
where we are, and most of what we know is not so. Then the process ends and starts anew (`StorageRestored`).
"""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace

from ..errors import ClusterError, MalformedObject, StorageRestored, Unanswered
from ..oauth.json_object import JSON
from .compressed_json import compress, decompress
from .connection import METADATA, METADATA_LIST, Connection
from .elapsed import elapsed
from .label_index import LabelIndex
from .metadata import Key, Metadata, identity, metadata_of
from .target import Target
from .versioned_cache import Copy, VersionedCache
from .watch_pace import AGAIN, SHORTEST

_LOG = logging.getLogger(__name__)
_WATCH_SECONDS = range(240, 301)
"""After so long the API server ends a stream; the range keeps the replicas' reconnections apart."""
_SILENCE = 90.0
"""Seconds after which a stream is begun anew: it may be dead, though nobody said so. Or nothing happens: a bookmark
comes every minute, but not where it would not be newer than the last."""
_REFUSED_FOR = 10.0
"""Seconds for which what was listed before is refused until that is taken for a right that was taken away: an API
server that begins refuses everything for a moment, because it has not read yet who has which rights."""


class MetadataInformer:
    """Metadata of the objects of one kind that the selectors match, in all namespaces or in some.

    `keep` returns what of an object's metadata is worth memory: a tenant chooses how long they are.
    `on_change(namespace, name)` is called for whatever appeared, changed or went, also while listing; `synced` is set
    once everything was listed. `indexed` are prefixes of labels that `labelled` can look up. `one_may_be_forbidden`:
    of several namespaces one that may not be listed, for example because it went and its RoleBinding with it, does not
    keep `synced` from being set for the others. With `may_be_forbidden` that holds for all of them; whether it is so
    tells `forbidden`, and `on_sight()` is called when that has become otherwise.
    """

    def __init__(
        self,
        connection: Connection,
        kind: Target,
        *,
        keep: Callable[[Mapping[str, JSON]], Metadata],
        namespaces: Sequence[str] = (),
        label_selector: str = "",
        field_selector: str = "",
        indexed: tuple[str, ...] = (),
        one_may_be_forbidden: bool = False,
        may_be_forbidden: bool = False,
        on_change: Callable[[str, str], None] = lambda _namespace, _name: None,
        on_sight: Callable[[], None] = lambda: None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.synced = asyncio.Event()
        self._connection = connection
        self._kind = kind
        self._keep = keep
        self._scopes: tuple[str | None, ...] = tuple(dict.fromkeys(namespaces)) or (None,)
        self._selectors = {
            name: value
            for name, value in (("labelSelector", label_selector), ("fieldSelector", field_selector))
            if value
        }
        self._indexed = indexed
        self._on_change = on_change
        self._on_sight = on_sight
        self._chance = chance
        self._known: VersionedCache[bytes] = VersionedCache()
        self._index = LabelIndex()
        self._unlisted = set(self._scopes)
        self._one_may_be_forbidden = one_may_be_forbidden
        self._may_be_forbidden = may_be_forbidden
        self.forbidden = self._told_forbidden = False

    def get(self, namespace: str, name: str) -> Metadata | None:
        """Return the newest metadata; None before `synced` proves nothing."""
        compressed = self._known.get((namespace, name))
        return None if compressed is None else decompress(compressed)

    def all(self) -> Iterator[Metadata]:
        """Iterate over the metadata of all objects that there are now, one by one: together they are ten times that."""
        for _, compressed in list(self._known.items()):
            yield decompress(compressed)

    def version(self, namespace: str, name: str) -> str | None:
        """Return what tells the newest version that is known of an object from all others, as `version_of` does."""
        return self._known.version((namespace, name))

    def labelled(self, label: str) -> Mapping[Key, str]:
        """Return the value of an indexed label by namespace and name of each object that carries it."""
        return self._index.get(label)

    def offer(self, body: Mapping[str, JSON], *, tell: bool = True) -> bool:
        """Take the metadata of an object, as an event or as the answer to a write of our own, if they are newer.

        Return whether they were; without `tell` `on_change` is not called.
        """
        metadata = metadata_of(body)
        key, uid, version = identity(metadata)
        if not self._known.wants(key, version):
            return False
        taken = self._known.offer(key, Copy(uid=uid, version=version, value=compress(self._keep(metadata))))
        if taken:
            self._changed(key, tell=tell)
        return taken

    async def run(self) -> None:
        """Keep up with the cluster until cancelled; failures are waited out.

        Raises:
            StorageRestored: the API server is at an earlier version than it has been.
        """
        following = [asyncio.create_task(self._follow(scope)) for scope in self._scopes]
        try:
            await asyncio.gather(*following)
        finally:
            for task in following:
                task.cancel()

    async def _follow(self, scope: str | None) -> None:
        reached = failures = 0
        listed = was_listed = False
        refused_since: float | None = None
        now = asyncio.get_running_loop().time
        while True:
            began = elapsed()
            try:
                target = self._target(scope)
                at = await (self._connection.newest_version(target) if listed else self._list(scope))
                not_restored(target, at, reached)
                if not listed:
                    reached, listed, was_listed = at, True, True
                async with aclosing(self._events(scope, reached)) as events:
                    async for seen in events:
                        reached, refused_since = seen, None
                        if elapsed() - began >= SHORTEST:
                            # What a stream told before it ended at once, as always, is no sign that it does not.
                            failures = 0
                        self._tell_sight()
            except ClusterError as error:
                silent = error.status is None and elapsed() - began >= _SILENCE
                if error.status is not None:
                    # More than a lost connection, so all is listed anew: our resourceVersion is too old (410), or we
                    # may not watch.
                    listed = False
                known = self._may_be_forbidden and self.forbidden and error.status == 403
                if error.status != 410 and not silent and not known:
                    _LOG.warning("watch failed", extra={"resource": str(self._kind), "error": str(error)})
                if error.status != 403:
                    refused_since = None
                elif refused_since is None:
                    # It answers again: that it was away for long is no reason to ask it late.
                    refused_since, failures = now(), 0
                if refused_since is not None and self._is_tolerable(scope):
                    self.forbidden |= not was_listed or now() - refused_since >= _REFUSED_FOR
                    self._answered(scope)
                # Only now: that a list was allowed says nothing of the watch that follows it.
                self._tell_sight()
                failures = 0 if silent else failures + 1
            else:
                self._tell_sight()
                refused_since = None
                failures = failures + 1 if elapsed() - began < SHORTEST else 0
            if failures:
                # Jitter, so that all watches do not come back at once after the API server was away.
                await asyncio.sleep(AGAIN.after(failures, self._chance()))

    async def _list(self, scope: str | None) -> int:
        """List everything and take it for the truth; return the resourceVersion that it shows."""
        mark = self._known.mark()
        copies: dict[Key, Copy[bytes]] = {}

        def take(item: JSON) -> None:
            metadata = metadata_of(item if isinstance(item, dict) else {})
            key, uid, version = identity(metadata)
            copies[key] = Copy(uid=uid, version=version, value=compress(self._keep(metadata)))

        shown = await self._connection.list_all(
            self._target(scope), take, selectors=self._selectors, accept=METADATA_LIST
        )
        changed = self._known.replace(scope, copies, shown, since=mark)
        self.forbidden = False
        for key in changed:
            self._changed(key)
        self._answered(scope)
        return shown

    def _tell_sight(self) -> None:
        if self.forbidden != self._told_forbidden:
            self._told_forbidden = self.forbidden
            self._on_sight()

    def _is_tolerable(self, scope: str | None) -> bool:
        return self._may_be_forbidden or (self._one_may_be_forbidden and scope is not None)

    def _answered(self, scope: str | None) -> None:
        self._unlisted.discard(scope)
        if not self._unlisted:
            self.synced.set()

    async def _events(self, scope: str | None, version: int) -> AsyncGenerator[int, None]:
        """Take what the watch tells, and yield the resourceVersion to go on from after each event."""
        query = {
            **self._selectors,
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": str(version),
            "timeoutSeconds": str(_WATCH_SECONDS[int(self._chance() * len(_WATCH_SECONDS))]),
        }
        stream = self._connection.watch(self._target(scope), query=query, accept=METADATA, silence=_SILENCE)
        async with aclosing(stream) as events:
            async for kind, thing in events:
                try:
                    metadata = metadata_of(thing)
                    if kind == "DELETED":
                        key, uid, at = identity(metadata)
                        if self._known.remove(key, uid, at):
                            self._changed(key)
                    elif kind in ("ADDED", "MODIFIED"):
                        self.offer(thing)
                except MalformedObject as error:
                    raise Unanswered(f"watch {self._kind}: {error}") from None
                shown = metadata.get("resourceVersion")
                if not (isinstance(shown, str) and shown.isdecimal()):
                    raise Unanswered(f"watch {self._kind}: an event without resourceVersion")
                yield int(shown)

    def _target(self, scope: str | None) -> Target:
        return replace(self._kind, namespace=scope)

    def _changed(self, key: Key, *, tell: bool = True) -> None:
        if self._indexed:
            self._index.put(key, _indexed_labels(self.get(*key), self._indexed))
        if tell:
            self._on_change(*key)


def not_restored(target: Target, at: int, reached: int) -> None:
    """Compare the resourceVersion that the API server is at with one that it has been at.

    Raises:
        StorageRestored: it was set back.
    """
    if at < reached:
        raise StorageRestored(
            f"the API server is at resourceVersion {at} of {target} and has been at {reached}: its storage was "
            "restored from a backup; this process ends and starts anew, with what there is now"
        )


def _indexed_labels(metadata: Metadata | None, prefixes: tuple[str, ...]) -> dict[str, str]:
    """Return the labels whose name begins with one of the prefixes."""
    labels = metadata.get("labels") if metadata is not None else None
    if not isinstance(labels, dict):
        return {}
    return {name: value for name, value in labels.items() if name.startswith(prefixes) and isinstance(value, str)}
