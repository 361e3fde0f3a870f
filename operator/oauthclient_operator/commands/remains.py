"""What registration records hold that nobody needs any more: found, and said in words and as JSON."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ..errors import UnreadableRecord
from ..names import RecordState
from ..oauth.json_object import JSON
from ..oauth.words import cleaned, quoted
from ..record.attempts import Attempt
from ..record.calls import CallKind
from ..record.clients import Client, LeftBehind, Untold
from ..record.record import Record
from ..record.summary import state
from ..resource.desired import DeletionPolicy
from ..verdict.words import server_words
from . import undefined
from .session import Session


class Kind(StrEnum):
    """Why clients are still there that no resource needs."""

    LEFT_BEHIND = "LeftBehind"
    """The resource went through its finalizer, and a client may live on."""
    RETAINED = "Retained"
    """The client was meant to stay."""
    WITHOUT_RESOURCE = "WithoutResource"
    """The resource vanished without its finalizer: forced, or lost with its cluster's storage."""
    OTHER_CLUSTER = "OtherCluster"
    """It was written in another cluster, where its resource may live on."""
    REPLACED = "Replaced"
    """The resource lives, and another client of its has taken the place of one that could not be deregistered."""
    SUSPECTED = "Suspected"
    """The resource lives, and an answer to a registration of its was lost: that may have made one more client."""
    UNREADABLE = "Unreadable"
    """It is no record of a schema that is known here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """One record whose resource is gone, or needs another client by now."""

    uid: str
    kind: Kind
    record: Record | None = None
    others: Mapping[int, str] = field(default_factory=dict)
    """By the key of a client, who else has it by now: that one's app works with it."""

    @property
    def issuer(self) -> str:
        """The issuer of what is left: of a client, or else of an attempt."""
        attempts = () if self.record is None else self.record.attempts
        named = (*(c.issuer for c in self.clients), *(a.issuer for a in attempts))
        return named[0] if named else ""

    @property
    def clients(self) -> tuple[Client, ...]:
        """Clients that are not known to be gone."""
        alive = tuple(c for c in self.record.clients if c.alive) if self.record is not None else ()
        lives = self.kind in (Kind.REPLACED, Kind.SUSPECTED)
        return tuple(c for c in alive if not lives or isinstance(c.end, LeftBehind))

    @property
    def suspects(self) -> tuple[Attempt, ...]:
        """Attempts that may have made a client that nobody can name."""
        return self.record.suspects if self.record is not None else ()

    @property
    def untold(self) -> Untold | None:
        """How many more there are, or may be, that the record does not name any more."""
        return self.record.untold if self.record is not None else None


async def find(session: Session, only: Collection[str] = ()) -> list[Remains]:
    """Return what is left of resources that are gone, or have another client; of those UIDs alone that are named."""
    # In this order: a resource is always older than its record, so one that is not listed now is gone.
    known = {uid: summary for uid, summary in session.parts.watches.records().items() if not only or uid in only}
    living = {uid for _, _, uid in await undefined.oauth_clients(session.parts.cluster)}
    records = session.parts.records()
    found = []
    for uid, summary in sorted(known.items()):
        if summary.state == RecordState.RELEASED:
            continue
        if uid in living and not (summary.leaves_behind or summary.suspects):
            continue
        try:
            stored = await records.read(uid)
        except UnreadableRecord:
            if uid not in living:
                found.append(Remains(uid=uid, kind=Kind.UNREADABLE))
            continue
        if stored is not None and state(stored.record) is not RecordState.RELEASED:
            kind = _of_living(stored.record) if uid in living else _kind(session, stored.record)
            found.append(Remains(uid=uid, kind=kind, record=stored.record))
    return found


def _of_living(record: Record) -> Kind:
    replaced = any(c.alive and isinstance(c.end, LeftBehind) for c in record.clients)
    return Kind.REPLACED if replaced or (record.untold is not None and record.untold.clients) else Kind.SUSPECTED


def _kind(session: Session, record: Record) -> Kind:
    if record.subject.cluster_uid != session.cluster_uid:
        return Kind.OTHER_CLUSTER
    if record.released is None:
        return Kind.WITHOUT_RESOURCE
    return Kind.RETAINED if record.deletion == DeletionPolicy.RETAIN else Kind.LEFT_BEHIND


def lines(remains: Remains) -> Iterator[str]:
    """Say for people what a record holds."""
    if remains.record is None:
        yield f"{remains.uid}  {remains.kind}: written by a newer operator, or no record"
        return
    subject = remains.record.subject
    where = f"{cleaned(subject.namespace, limit=63)}/{cleaned(subject.name, limit=253)}"
    yield f"{remains.uid}  {remains.kind}  {where}  {cleaned(remains.issuer, limit=200)}"
    for client in remains.clients:
        since = client.origin.at.isoformat(timespec="seconds")
        yield f"    client {quoted(client.information.client_id)}, registered {since}; {_management(remains, client)}"
    for attempt in remains.suspects:
        sent = attempt.sent_at.isoformat(timespec="seconds")
        yield f"    attempt {attempt.number}, sent {sent}, may have made a client that nobody can name"
    if (untold := remains.untold) is not None:
        until = untold.until.isoformat(timespec="seconds")
        if untold.clients:
            yield f"    {untold.clients} more clients, left behind until {until} and not named any more, may live on"
        if untold.suspects:
            yield f"    {untold.suspects} more attempts, sent until {until}, may have made clients that nobody can name"


def as_json(remains: Remains) -> dict[str, JSON]:
    """Return the same as JSON; no credential is in it."""
    entry: dict[str, JSON] = {"record": remains.uid, "kind": remains.kind.value}
    if remains.record is not None:
        entry["namespace"], entry["name"] = remains.record.subject.namespace, remains.record.subject.name
        entry["issuer"] = remains.issuer
    entry["clients"] = [
        {
            "clientID": c.information.client_id,
            "registeredAt": c.origin.at.isoformat(),
            "manageable": c.manageable or c.may_be_ended_by_access,
            **({"heldBy": remains.others[c.key]} if c.key in remains.others else {}),
        }
        for c in remains.clients
    ]
    entry["suspects"] = [
        {"attempt": a.number, "sentAt": a.sent_at.isoformat(), "until": a.until.isoformat()} for a in remains.suspects
    ]
    if (untold := remains.untold) is not None:
        entry["untold"] = {"clients": untold.clients, "suspects": untold.suspects, "until": untold.until.isoformat()}
    return entry


def _management(remains: Remains, client: Client) -> str:
    if client.key in remains.others:
        return f"{remains.others[client.key]} has it by now: leave it at the authorization server"
    if not client.manageable and not client.may_be_ended_by_access:
        return "only the server's administrator can remove it: no management access was given or is left"
    last = remains.record.last(CallKind.DEREGISTER, client.key) if remains.record is not None else None
    return "never asked to be deregistered" if last is None else f"not deregistered so far: {server_words(last)}"
