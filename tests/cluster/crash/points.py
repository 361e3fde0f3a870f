"""The places where a process can be hit: each request that it sends, as (verb, what of, which one of these)."""

import json
import os
import re
import signal
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from oauthclient_operator import names
from tests.cluster.crash.askers import client_id, client_name
from tests.parts.relay import Asked, Fault

CLUSTER: Final = "cluster"
ISSUER: Final = "issuer"
APART: Final = ("leases", "watch", "GET discovery")
"""Counted, and no points of a life: the right to act, what tells of changes, and metadata that are remembered or not."""
_VERBS: Final = {"POST": "create", "PATCH": "patch", "PUT": "update", "DELETE": "delete", "GET": "get"}
_NAMESPACED: Final = re.compile(r"/namespaces/(?P<namespace>[^/]+)/(?P<what>[a-z]+)(?:/(?P<name>[^/]+))?(?P<sub>/.*)?$")


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """The request of that label that is the `number`-th one of it."""

    label: str
    number: int

    @property
    def leaves_something(self) -> bool:
        """Whether it may change what there is: a process that dies after another one leaves what it had left before."""
        asks_alone = self.label.startswith(("get ", "list ", "POST /token"))
        return not asks_alone and "(dry run)" not in self.label

    def __str__(self) -> str:
        return self.label if self.number == 1 else f"{self.label} ({self.number})"


def label(asked: Asked, records: str) -> str:
    """Return what a request is, the same in each run; `records` is the namespace of the records."""
    parts = urlsplit(asked.target)
    if asked.at == ISSUER:
        place = "discovery" if "/.well-known/" in parts.path else re.sub(r"^/reg/.*", "/reg/…", parts.path)
        return f"{asked.method} {place}"
    verb = _VERBS[asked.method]
    if "watch=" in parts.query:
        verb = "watch"
    found = _NAMESPACED.search(parts.path)
    if found is None:
        return f"{verb} {parts.path}"
    what = "records" if (found["what"], found["namespace"]) == ("secrets", records) else found["what"]
    if verb == "get" and found["name"] is None:
        verb = "list"
    dry = " (dry run)" if "dryRun=All" in parts.query else ""
    return f"{verb} {what}{found['sub'] or ''}{dry}"


@dataclass
class Watchman:
    """Sees every request of one process, counts those of a life, and makes one fault where it is told to.

    A life is everything that is about a resource: its own name and what begins with it, its UID, and what is asked of
    the issuer for its clients and by them; the process proves others' clients meanwhile. Without a name it is
    everything that the process asks.
    """

    records: str
    pid: int = 0
    _name: str | None = None
    _uid: str | None = None
    _clients: set[str] = field(default_factory=set)
    _armed: bool = False
    _at: Point | None = None
    _fault: Fault | None = None
    _counts: Counter[str] = field(default_factory=Counter)
    _apart: Counter[str] = field(default_factory=Counter)
    _points: list[Point] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    made: threading.Event = field(default_factory=threading.Event)
    """The fault was made."""

    def arm(
        self, *, name: str | None, uid: str | None, clients: Iterable[str], at: Point | None, fault: Fault | None
    ) -> None:
        """Begin to count anew, and make a fault at that point; `clients` are those that there are already."""
        with self._lock:
            self._name, self._uid, self._at, self._fault = name, uid, at, fault
            self._clients = set(clients)
            self._counts, self._apart, self._points = Counter(), Counter(), []
            self._armed = True
            self.made.clear()

    def seen(self) -> list[Point]:
        """Return the points that were come to so far."""
        with self._lock:
            return [*self._points]

    def disarm(self) -> tuple[list[Point], Counter[str]]:
        """Make no fault any more, and return the points in their order and what was counted apart."""
        with self._lock:
            self._armed = False
            return self._points, self._apart

    def fault(self, asked: Asked) -> Fault | None:
        with self._lock:
            if not self._armed:
                return None
            what = label(asked, self.records)
            if any(word in what for word in APART):
                self._apart[what] += 1
                return None
            if not self._is_of_the_life(asked):
                return None
            self._counts[what] += 1
            point = Point(what, self._counts[what])
            self._points.append(point)
            return self._fault if point == self._at and not self.made.is_set() else None

    def answered(self, asked: Asked, status: int, content: bytes) -> None:
        """Learn the UID of the resource from what the API server says of it, and its clients from what issuers say."""
        if asked.at == ISSUER:
            if asked.method == "POST" and status == 201 and self._is_named(content):
                self._clients.add(str(json.loads(content)["client_id"]))
            return
        if self._name is None or status >= 300 or f"/{names.PLURAL}/{self._name}" not in asked.target:
            return
        self._uid = str(json.loads(content)["metadata"]["uid"])

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        # Who looks whether it runs must not take the dying for alive; WNOWAIT leaves its status to who began it.
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)

    def done(self, asked: Asked, fault: Fault) -> None:
        self.made.set()

    def _is_of_the_life(self, asked: Asked) -> bool:
        if self._name is None:
            return True
        if asked.at == ISSUER:
            return self._is_named(asked.body) or client_id(asked) in self._clients
        found = _NAMESPACED.search(urlsplit(asked.target).path)
        if found is None:
            return False
        return any(n is not None and self._is_own(n) for n in (found["name"], *_named(asked)))

    def _is_named(self, metadata: bytes) -> bool:
        return self._name is not None and client_name(metadata).startswith(self._name)

    def _is_own(self, name: str) -> bool:
        return name in (self._name, self._uid) or name.startswith(f"{self._name}-")


def _named(asked: Asked) -> tuple[str, ...]:
    """Return what the object that is created is called, and which one an Event is about."""
    if asked.method != "POST":
        return ()
    body: dict[str, Any] = json.loads(asked.body)
    return tuple(str(body[of]["name"]) for of in ("metadata", "regarding") if "name" in body.get(of, {}))
