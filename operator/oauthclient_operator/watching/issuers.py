"""ClusterOAuthIssuers as they are known, and which OAuthClients refer to each: few of the one, many of the other.

An issuer is kept as it is parsed, for each pass over one of its clients asks for it. What of it concerns its clients is
told to them one after the other, so that a thousand of them are as many passes, but never at once.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Final

from .. import names
from ..cluster import kept
from ..cluster.metadata import Key as ObjectKey
from ..cluster.metadata import deleted, identity, metadata_of
from ..cluster.versioned_cache import Copy, VersionedCache
from ..oauth.json_object import JSON
from ..resource.cluster_oauth_issuer import ClusterOAuthIssuer
from ..resource.issuer_reference import IssuerReference
from ..resource.json_path import child
from ..resource.key import Key, cluster_issuer, oauth_client
from ..spread import paced
from ..token_bucket import TokenBucket
from .issuer_sources import IssuerSources
from .news import News, Novelty

PER_SECOND: Final = 10.0
"""Clients of one issuer that are looked at anew."""
_SETTLED: Final = 1.0
"""Seconds until a namespace's labels are told to anybody: who changes them back and forth, changes nothing."""
_LOOKS: Final = TokenBucket(rate=1 / 60, burst=4)
_REASONS: Final = frozenset(reason.value for reason in names.Reason)
WakeAfter = Callable[[Key, float], None]
"""Has a key looked at after so many seconds, unless that is due before."""


class Issuers:
    """ClusterOAuthIssuers, fed by kopf's events and by the answers to our own writes, and who refers to them.

    `namespaces` are those whose clients are watched, where they are not all: whether an issuer lets one of them in says
    whose its status is.
    """

    def __init__(
        self,
        wake: Callable[[Key], None],
        wake_after: WakeAfter,
        sources: IssuerSources,
        *,
        namespaces: Collection[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wake = wake
        self._namespaces = tuple(namespaces)
        self._clock = clock
        self._wake_after = wake_after
        self._sources = sources
        self._known: VersionedCache[ClusterOAuthIssuer] = VersionedCache()
        self._news = News(names.ISSUER_FINALIZER)
        self._of: dict[ObjectKey, str] = {}
        self._clients: dict[str, set[ObjectKey]] = {}
        self._in: dict[str, set[ObjectKey]] = {}
        self._looks: dict[str, tuple[TokenBucket, float]] = {}
        """By issuer: how often others' doings may have it looked at, and when that was or is due."""
        self._told_until: dict[str, float] = {}
        """By issuer: until when its clients are being told, namespace after namespace, of what has changed there."""

    def take(self, event: str | None, body: dict[str, JSON]) -> None:
        """Take an event about a ClusterOAuthIssuer."""
        key, uid, version = identity(metadata_of(body))
        if event == "DELETED":
            self._known.remove(key, uid, version)
            self._news.forget(key)
            if self.cluster_issuer(key[1]) is None:
                self._looks.pop(key[1], None)
                self._sources.follow(key[1], {})
            self._wake(cluster_issuer(key[1]))
        elif self._taken(body) and self._news.in_event(key, _without_words(body)) is not Novelty.NONE:
            self._wake(cluster_issuer(key[1]))

    def offer(self, body: dict[str, JSON]) -> None:
        """Take the answer to a read or a write, if it is newer than what is known."""
        key, _, _ = identity(metadata_of(body))
        if self._taken(body) and self._news.in_answer(key, _without_words(body)):
            self._wake(cluster_issuer(key[1]))

    def availability_changed(self, issuer: str) -> None:
        """Have the resources of an issuer looked at that cannot be used from now on, or can be again.

        Each at once, until there were several such changes: a server that comes and goes is looked at each minute.
        """
        for (_, name), known in self._known.items():
            if known.spec.get("issuer") == issuer:
                self._look_in_turn(name)

    def _look_in_turn(self, name: str, settled: float = 0.0) -> None:
        now = self._clock()
        looks, next_at = self._looks.get(name, (_LOOKS, now))
        if next_at <= now:
            next_at = now + max(looks.wait(now), settled)
            self._looks[name] = looks.taken(now), next_at
        # Also where that is due yet: a pass that came before has stopped the timer.
        self._wake_after(cluster_issuer(name), next_at - now)

    def cluster_issuer(self, name: str) -> ClusterOAuthIssuer | None:
        """Return the newest copy of an issuer that is known."""
        return self._known.get(("", name))

    def all(self) -> Iterable[ClusterOAuthIssuer]:
        """Return the newest copies of all issuers that are known."""
        return (issuer for _, issuer in self._known.items())

    def reached(self, namespace: str, name: str) -> int | None:
        """Return the version at which an issuer, or its end, was seen last, where that is remembered."""
        return self._known.reached((namespace, name))

    def known(self, namespace: str | None = None) -> Iterator[ObjectKey]:
        """Iterate over the keys of all issuers that are known; they are in no namespace."""
        return self._known.keys(namespace)

    def gone(self, namespace: str, name: str, at: int) -> None:
        """Take the word of a complete list of that version that it lacks an issuer; a later copy of it stays."""
        key = (namespace, name)
        if (uid := self._known.uid(key, until=at)) is not None:
            self.take("DELETED", deleted(key, uid, at))

    def census(self) -> Mapping[tuple[str, str], int]:
        """Count them by status and reason of Ready: they are few, and nobody but the platform team makes them."""
        said = (issuer.status.ready for _, issuer in self._known.items())
        return Counter(
            ("Unknown", "") if ready is None or ready.reason not in _REASONS else (ready.status, ready.reason)
            for ready in said
        )

    def keys(self) -> Iterator[Key]:
        """Iterate over all issuers that are known."""
        return (cluster_issuer(name) for (_, name), _ in self._known.items())

    def of(self, client: ObjectKey) -> str | None:
        """Return the name of the issuer that an OAuthClient refers to."""
        return self._of.get(client)

    def refer(self, client: ObjectKey, spec: Mapping[str, JSON]) -> None:
        """Take which issuer an OAuthClient refers to now by its spec, which is empty where it is gone."""
        reference, before = IssuerReference.of(spec, []), self._of.get(client)
        issuer = None if reference is None else reference.name
        if issuer == before:
            return
        if before is not None:
            del self._of[client]
            _discard(self._clients, before, client)
            _discard(self._in, client[0], client)
            if before not in self._clients:
                self._told_until.pop(before, None)
            self._count_changed(before, ends=before not in self._clients)
        if issuer is not None:
            self._of[client] = issuer
            self._clients.setdefault(issuer, set()).add(client)
            self._in.setdefault(client[0], set()).add(client)
            self._count_changed(issuer, ends=len(self._clients[issuer]) == 1)

    def _count_changed(self, name: str, *, ends: bool) -> None:
        # Its finalizer comes with the first client and goes with the last; while it is deleted, it names them.
        known = self.cluster_issuer(name)
        if known is not None and (ends or known.deleting):
            self._wake(cluster_issuer(name))

    def clients_of(self, name: str) -> Iterable[Key]:
        """Return the OAuthClients that refer to an issuer, in no order."""
        return [oauth_client(*client) for client in self._clients.get(name, ())]

    def wake_clients(self, name: str) -> int:
        """Have each client of an issuer looked at once, so many a second; return how many there are."""
        return self._told(self._clients.get(name, ()), after=0.0)

    def namespace_changed(self, namespace: str, *, is_new: bool = False) -> None:
        """Have each client of a namespace looked at that refers to an issuer: selectors may match, or not any more.

        Many namespaces may be labelled at once: of one issuer's clients there are so many a second in all. But who is
        in one that was not known yet may have waited for nothing else.
        """
        if namespace in self._namespaces:
            for (_, name), known in self._known.items():
                # Whose clients are here, or whose status is said to be somebody's, is not judged by that.
                if name not in self._clients and known.installation is None and _selects(known):
                    self._look_in_turn(name, _SETTLED)
        if is_new:
            self._told(self._in.get(namespace, ()), after=_SETTLED)
            return
        issuers: dict[str, list[ObjectKey]] = {}
        for client in self._in.get(namespace, ()):
            issuers.setdefault(self._of[client], []).append(client)
        soonest = self._clock() + _SETTLED
        for name, clients in issuers.items():
            # Whoever changes labels back and forth has nobody wait longer than all of them take.
            latest = soonest + len(self._clients[name]) / PER_SECOND
            begins = min(max(soonest, self._told_until.get(name, 0.0)), latest)
            self._told_until[name] = begins + len(clients) / PER_SECOND
            self._told(clients, after=_SETTLED + begins - soonest)

    def namespaces_changed(self, which: Callable[[str], bool]) -> None:
        """Have the clients in some namespaces looked at, as when the labels of each had changed."""
        for namespace in dict.fromkeys((*self._in, *self._namespaces)):
            if which(namespace):
                self.namespace_changed(namespace)

    def _told(self, clients: Iterable[ObjectKey], after: float) -> int:
        count = 0
        for key, delay in paced((oauth_client(*client) for client in clients), per_second=PER_SECOND):
            self._wake_after(key, after + delay)
            count += 1
        return count

    def _taken(self, body: Mapping[str, JSON]) -> bool:
        key, uid, version = identity(metadata_of(body))
        if not self._known.wants(key, version):
            return False
        issuer = ClusterOAuthIssuer.parse(kept.issuer(body))
        is_new = self._known.get(key) is None
        self._sources.follow(issuer.name, issuer.spec)
        if not self._known.offer(key, Copy(uid=uid, version=version, value=issuer)):
            return False
        if is_new:
            # They were told that there is none, and wait for nothing else.
            self.wake_clients(issuer.name)
        return True


def _without_words(body: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return the body with whether a status was said, and not which.

    Another installation may see the issuer otherwise, and each would answer the other's words at once, without end.
    """
    said = bool(child(body, "status"))
    return {**body, "status": said}


def _selects(issuer: ClusterOAuthIssuer) -> bool:
    return "selector" in child(child(issuer.spec, "allowed"), "namespaces")


def _discard(index: dict[str, set[ObjectKey]], name: str, client: ObjectKey) -> None:
    index[name].discard(client)
    if not index[name]:
        del index[name]
