"""What the cluster holds of one kind, by its metadata only: a list, then a watch that goes on from there.

The bodies never travel (`PartialObjectMetadata`), so a Secret's values are not in our memory to be leaked. What
vanished while nobody watched is found by the next list.

        list, page by page ──▶ watch from the list's resourceVersion ──┐
          ▲                      ▲      the stream ended or broke      │
          │                      └─────────────────────────────────────┤
          └── the API server refused to go on (410), or was silent ────┘
"""

import asyncio
import logging
import math
import random
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace

from ..errors import ClusterError, MalformedObject, Unanswered
from ..oauth.json_object import JSON
from .connection import METADATA, METADATA_LIST, Connection
from .elapsed import elapsed
from .metadata import Key, Metadata, identity, lean, metadata_of
from .newest import Copy, Newest
from .packed import pack, unpack
from .target import Target

_LOG = logging.getLogger(__name__)
_PAGE = 500
_PAGE_TIMEOUT = 30.0
_WATCH_SECONDS = (240, 300)
"""After so long the API server ends a stream; the range keeps the replicas' reconnections apart."""
_SILENCE = 90.0
"""Seconds. A bookmark comes every minute; a stream that is silent for longer is dead, though nobody said so."""
_SHORTEST = 1.0
"""A stream that ends sooner counts as a failure, or a proxy that cuts streams would make us loop."""
_BACKOFF = (0.5, 30.0)


class MetadataInformer:
    """Metadata of the objects of one kind that the selectors match, in all namespaces or in some.

    `on_change(namespace, name)` is called for whatever appeared, changed or went, also while listing; `synced` is set
    once everything was listed. `indexed` are prefixes of labels that `labelled` can look up. `one_may_be_forbidden`:
    of several namespaces one that may not be listed, for example because it went and its RoleBinding with it, does not
    keep `synced` from being set for the others.
    """

    def __init__(
        self,
        connection: Connection,
        kind: Target,
        *,
        namespaces: Sequence[str] = (),
        label_selector: str = "",
        field_selector: str = "",
        indexed: tuple[str, ...] = (),
        one_may_be_forbidden: bool = False,
        on_change: Callable[[str, str], None] = lambda _namespace, _name: None,
    ) -> None:
        self.synced = asyncio.Event()
        self._connection = connection
        self._kind = kind
        self._scopes: tuple[str | None, ...] = tuple(dict.fromkeys(namespaces)) or (None,)
        self._selectors = {
            name: value
            for name, value in (("labelSelector", label_selector), ("fieldSelector", field_selector))
            if value
        }
        self._indexed = indexed
        self._on_change = on_change
        self._known: Newest[bytes] = Newest()
        self._index: dict[str, dict[Key, str]] = {}
        self._indexed_of: dict[Key, tuple[str, ...]] = {}
        self._unlisted = set(self._scopes)
        self._one_may_be_forbidden = one_may_be_forbidden

    def get(self, namespace: str, name: str) -> Metadata | None:
        """Return the newest metadata; None before `synced` proves nothing."""
        packed = self._known.get((namespace, name))
        return None if packed is None else unpack(packed)

    def all(self) -> Iterator[Metadata]:
        """Iterate over the metadata of all objects."""
        return (unpack(packed) for _, packed in self._known.items())

    def labelled(self, label: str) -> Mapping[Key, str]:
        """Return the value of an indexed label by namespace and name of each object that carries it."""
        return self._index.get(label, {})

    def offer(self, body: Mapping[str, JSON]) -> bool:
        """Take the metadata of an object, as an event or as the answer to a write of our own, if they are newer."""
        metadata = metadata_of(body)
        key, uid, version = identity(metadata)
        if not self._known.wants(key, version):
            return False
        taken = self._known.offer(key, Copy(uid=uid, version=version, value=pack(lean(metadata))))
        if taken:
            self._changed(key)
        return taken

    async def run(self) -> None:
        """Keep up with the cluster until cancelled; failures are waited out."""
        async with asyncio.TaskGroup() as group:
            for scope in self._scopes:
                group.create_task(self._follow(scope))

    async def _follow(self, scope: str | None) -> None:
        version: str | None = None
        failures = 0
        while True:
            began = elapsed()
            try:
                if version is None:
                    version = await self._list(scope)
                async with aclosing(self._events(scope, version)) as events:
                    async for seen in events:
                        version = seen
                        failures = 0
            except ClusterError as error:
                if error.status is not None or elapsed() - began >= _SILENCE:
                    # Not only a lost connection: what we go on from is too old (410), or we may not watch, or the
                    # cluster's storage was restored and what we wait for is far ahead: that stream is just silent.
                    version = None
                if error.status != 410:
                    _LOG.warning("watch failed", extra={"resource": str(self._kind), "error": str(error)})
                if error.status == 403 and self._one_may_be_forbidden and scope is not None:
                    self._answered(scope)
                failures += 1
            else:
                failures = failures + 1 if elapsed() - began < _SHORTEST else 0
            if failures:
                first, longest = _BACKOFF
                # Jitter, so that all watches do not come back at once after the API server was away.
                await asyncio.sleep(min(longest, math.ldexp(first, min(failures, 32) - 1)) * random.uniform(0.5, 1))  # noqa: S311

    async def _list(self, scope: str | None) -> str:
        """List everything and take it for the truth; return the resourceVersion that it shows."""
        mark = self._known.mark()
        copies: dict[Key, Copy[bytes]] = {}
        query = {**self._selectors, "limit": str(_PAGE)}
        while True:
            body = await self._connection.request(
                "GET", self._target(scope), query=query, accept=METADATA_LIST, within=_PAGE_TIMEOUT
            )
            try:
                page, shown, onward = _page(body)
            except MalformedObject as error:
                raise Unanswered(f"list {self._kind}: {error}") from None
            copies |= page
            if not onward:
                break
            query["continue"] = onward
        for key in self._known.replace(scope, copies, shown, since=mark):
            self._changed(key)
        self._answered(scope)
        return str(shown)

    def _answered(self, scope: str | None) -> None:
        self._unlisted.discard(scope)
        if not self._unlisted:
            self.synced.set()

    async def _events(self, scope: str | None, version: str) -> AsyncGenerator[str, None]:
        """Take what the watch tells, and yield the resourceVersion to go on from after each event."""
        query = {
            **self._selectors,
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": version,
            "timeoutSeconds": str(random.randint(*_WATCH_SECONDS)),  # noqa: S311 - spreads load, guards nothing
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
                yield str(metadata.get("resourceVersion"))

    def _target(self, scope: str | None) -> Target:
        return replace(self._kind, namespace=scope)

    def _changed(self, key: Key) -> None:
        for label in self._indexed_of.pop(key, ()):
            del self._index[label][key]
            if not self._index[label]:
                del self._index[label]
        found = _indexed_labels(self.get(*key), self._indexed) if self._indexed else {}
        if found:
            self._indexed_of[key] = tuple(found)
            for label, value in found.items():
                self._index.setdefault(label, {})[key] = value
        self._on_change(*key)


def _page(body: Mapping[str, JSON]) -> tuple[dict[Key, Copy[bytes]], int, str]:
    """Return a page's objects, the version that it shows, and how to ask for the next one ("" if it is the last).

    Raises:
        MalformedObject: it is no list. What is not in a list is taken to be gone, so nothing here is guessed.
    """
    about = metadata_of(body)
    # The API server writes an empty list of partial metadata as null.
    items = [] if "items" in body and body["items"] is None else body.get("items")
    shown, onward = about.get("resourceVersion"), about.get("continue") or ""
    if not (isinstance(items, list) and isinstance(shown, str) and shown.isdecimal() and isinstance(onward, str)):
        raise MalformedObject("a list without items or resourceVersion")
    copies = {}
    for item in items:
        metadata = metadata_of(item if isinstance(item, dict) else {})
        key, uid, version = identity(metadata)
        copies[key] = Copy(uid=uid, version=version, value=pack(lean(metadata)))
    return copies, int(shown), onward


def _indexed_labels(metadata: Metadata | None, prefixes: tuple[str, ...]) -> dict[str, str]:
    """Return the labels whose name begins with one of the prefixes."""
    labels = metadata.get("labels") if metadata is not None else None
    if not isinstance(labels, dict):
        return {}
    return {name: value for name, value in labels.items() if name.startswith(prefixes) and isinstance(value, str)}
