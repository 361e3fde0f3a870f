"""How long what clients publish stays, and what was published before (docs/life.md): looked at all the time.

What is older than its interval is being replaced, or it is said why not; what was published before is good until its
overlap is over; and whom an installation registered, its records name.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from oauthclient_operator.names import ConditionType, Reason
from tests.pure.installations.authorization_server import ErringServer
from tests.pure.installations.clock import Clock
from tests.pure.installations.cluster import Body, Cluster
from tests.pure.installations.promises import said
from tests.pure.installations.rotation import Asked
from tests.pure.installations.secret_data import decoded
from tests.pure.installations.shown import Pair, clients, pair_of, shown

BEGUN_WITHIN: Final = timedelta(minutes=1)
HEARD_WITHIN: Final = timedelta(minutes=5)
"""How long an edit may take, of an issuer at most, until an overlap is counted by it."""
ABOUT: Final = timedelta(seconds=15)
"""It is looked at every few seconds, and times are said in whole ones."""
BY_CALENDAR: Final = "another by the calendar"
"""It is published where the interval of the one before is over, or shortly before."""
SPREAD: Final = 0.1
WAITS: Final = ("are still good", "once the update before it is answered")
"""What is in the words of a replacement that has to wait, though nothing fails."""
IN_PLACE: Final = "Server"


@dataclass(slots=True, kw_only=True)
class _Before:
    """A pair that was published: since when it is not, how long it is good at least, and until when as was said first."""

    left_at: datetime
    overlap: timedelta
    until: datetime | None = None

    @property
    def good_until(self) -> datetime:
        return self.left_at + self.overlap if self.until is None else self.until


class Replaced:
    """The Secrets of clients in a cluster, over time."""

    def __init__(self, cluster: Cluster, server: ErringServer, records: frozenset[str], *, seen_within: float) -> None:
        self._cluster = cluster
        self._server = server
        self._records = records
        self._seen_within = timedelta(seconds=seen_within)
        self._at = -1
        """At which version of the cluster it was looked."""
        self._shown: dict[str, tuple[Pair, datetime]] = {}
        """By UID: what is published, and since when."""
        self._before: dict[tuple[str, Pair], _Before] = {}
        self.seen: Counter[str] = Counter()
        self._told: dict[str, set[str]] = {}
        """Whose status said of which client that it leaves: it may be adopted, and replaced at once."""
        self._expires: dict[str, int] = {}
        """When the secret of each client does, also of those that are not there any more."""
        self._overlaps: dict[str, list[tuple[datetime, timedelta]]] = {}

    def look(self) -> Iterator[tuple[str, tuple[str, Any]]]:
        """Yield where something is not so since the last look: what should be, and what is."""
        if self._cluster.version == self._at and not self._server.ended:
            return
        now, self._at = Clock().now(), self._cluster.version
        there = {**self._server.clients, **self._server.disabled}
        self._expires |= {name: client["client_secret_expires_at"] for name, client in there.items()}
        for body in clients(self._cluster):
            for client_id, _ in _leaving(body):
                self._told.setdefault(client_id, set()).add(body["metadata"]["uid"])
        for body, values in shown(self._cluster):
            yield from self._see(body, pair_of(values), now)
        ended, self._server.ended = self._server.ended, []
        for at, client_id, key_id in ended:
            yield from self._ended(at, client_id, key_id)

    def otherwise(self) -> dict[str, tuple[Any, Any]]:
        """Return where something is not so when all has been seen: what should be, and what is."""
        found = {_named(body): amiss for body, _ in shown(self._cluster) if (amiss := self._overdue(body)) is not None}
        bodies = self._cluster.objects.items()
        records = [body for (kind, place, _), body in bodies if kind == "secrets" and place in self._records]
        known = "".join(text for record in records for text in decoded(record.get("data", {})).values())
        unknown = [c for c in sorted(self._server.clients) if c in self._server.registered and f'"{c}"' not in known]
        return {**found, **({"clients": ("a record names each client", unknown)} if unknown else {})}

    def _see(self, body: Body, pair: Pair, now: datetime) -> Iterator[tuple[str, tuple[str, Any]]]:
        uid, overlap = body["metadata"]["uid"], self._asked(body).overlap
        *older, newest = self._overlaps.get(uid, [(now, overlap)])
        heard = [(at, said) for at, said in older if at >= now - HEARD_WITHIN]
        self._overlaps[uid] = [*heard, newest, (now, overlap)]
        was = self._shown.get(uid)
        if was is None or was[0] != pair:
            if was is not None:
                interval = self._interval(body, was[0])
                self.seen[BY_CALENDAR] += interval is not None and now - was[1] >= interval * (1 - SPREAD)
                shortest = min(said for _, said in self._overlaps[uid])
                self._before[uid, was[0]] = _Before(left_at=now, overlap=shortest)
            self._shown[uid] = (pair, now)
            self._before.pop((uid, pair), None)
        for (client_id, key_id), until in _leaving(body).items():
            if (before := self._before.get((uid, (client_id, key_id)))) is None or until is None:
                continue
            earliest = before.left_at + min(before.overlap, overlap) if before.until is None else before.until
            if until + ABOUT < self._expiring(client_id, key_id, earliest):
                yield _named(body), (f"{client_id} is good until {earliest}", f"until {until}")
            # What an edit adds to that another may take back.
            before.until = before.until or min(until, earliest)
        for (of, _), before in self._before.items():
            if of == uid and before.until is None:
                before.overlap = min(before.overlap, overlap)

    def _ended(self, at: datetime, client_id: str, key_id: str | None) -> Iterator[tuple[str, tuple[str, Any]]]:
        """Yield what was ended that somebody may use: of a client that two have, neither knows that of the other."""
        bodies = {body["metadata"]["uid"]: body for body in clients(self._cluster)}
        having = {uid for uid, pair in self._pairs() if pair[0] == client_id}
        having |= self._told.get(client_id, set())
        for uid, pair in self._pairs() if len(having) == 1 else ():
            body = bodies.get(uid)
            if pair[0] != client_id or key_id not in (None, pair[1]):
                continue
            if body is None or "deletionTimestamp" in body["metadata"]:
                continue
            if body["spec"].get("rotation", {}).get("strategy") == IN_PLACE:
                continue
            before = self._before.get((uid, pair))
            until = None if before is None else self._expiring(*pair, before.good_until)
            if until is None or at + ABOUT < until:
                yield _named(body), (f"{pair} is good until {until or 'another is published'}", f"ended at {at}")

    def _overdue(self, body: Body) -> tuple[str, Any] | None:
        """Return what should be of a client that publishes what is older than its interval, and what is."""
        pair, since = self._shown[body["metadata"]["uid"]]
        interval, now = self._interval(body, pair), Clock().now()
        if interval is None:
            return None
        renewing, over = said(body, ConditionType.RENEWING), now - since - interval
        if over > BEGUN_WITHIN and renewing[1] in ("", Reason.LEAVING):
            return f"{pair} is replaced since {over}", renewing
        if over > self._seen_within and renewing[0] == "True" and not any(why in renewing[2] for why in WAITS):
            return f"{pair} was replaced {over} ago", renewing
        return None

    def _pairs(self) -> list[tuple[str, Pair]]:
        return [*((uid, pair) for uid, (pair, _) in self._shown.items()), *self._before]

    def _expiring(self, client_id: str, key_id: str | None, until: datetime) -> datetime:
        """Return until when credentials are good that may expire before."""
        expires_at = self._expires.get(client_id, 0)
        if not expires_at or key_id is not None:
            return until
        return min(until, datetime.fromtimestamp(expires_at, tz=until.tzinfo))

    def _interval(self, body: Body, pair: Pair) -> timedelta | None:
        """Return after which time another is published by the calendar: in the place of a secret by name alone."""
        asked = self._asked(body)
        return asked.interval if pair[1] is not None or asked.by_name else None

    def _asked(self, body: Body) -> Asked:
        name = body["spec"].get("issuerRef", {}).get("name")
        issuer = None if name is None else self._cluster.get("clusteroauthissuers", "", name)
        return Asked.by(body["spec"], {} if issuer is None else issuer["spec"])


def _leaving(body: Body) -> dict[Pair, datetime | None]:
    leaving = body.get("status", {}).get("rotation", {}).get("leaving", [])
    return {
        (each["clientID"], each.get("keyID")): datetime.fromisoformat(each["until"]) if "until" in each else None
        for each in leaving
    }


def _named(body: Body) -> str:
    return f"{body['metadata']['namespace']}/{body['metadata']['name']}"
