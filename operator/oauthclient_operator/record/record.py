"""The registration record as one value: a resource's calls, attempts and clients, and which pair is published."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from ..oauth.json_object import JSON
from .attempts import Attempt
from .calls import Call, CallKind, ClosedCall
from .clients import Client
from .pairs import Pair, pair_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom the record is for."""

    cluster_uid: str
    namespace: str
    name: str
    uid: str


class ReleaseOutcome(StrEnum):
    """How a resource was let go."""

    CONFIRMED = "confirmed"
    """Every client is known to be gone."""
    RETAINED = "retained"
    """The policy says so; nothing was called."""
    UNCONFIRMED = "unconfirmed"
    """A client may live on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """That and how the resource was let go."""

    outcome: ReleaseOutcome
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One resource's registration, whole.

    Calls are numbered in order, and at most one is open. `deletion` is the policy that holds also when the resource is
    gone, `secrets` are the names of those made for it. `recreated` says that the record was lost under a call and made
    again for its answer: until it is known whether another client is published, it publishes none. `unknown` are
    members of a later version, carried through.
    """

    subject: Subject
    deletion: str
    secrets: tuple[str, ...] = ()
    next_call: int = 1
    open: Call | None = None
    closed: tuple[ClosedCall, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    clients: tuple[Client, ...] = ()
    pair: Pair | None = None
    released: Release | None = None
    recreated: bool = False
    unknown: Mapping[str, JSON] = field(default_factory=dict)

    def client(self, key: int | None) -> Client | None:
        """Return the client of that key."""
        return next((c for c in self.clients if c.key == key), None)

    @property
    def published(self) -> Client | None:
        """The client of the pair that the published Secret holds."""
        return None if self.pair is None else self.client(self.pair.client)

    @property
    def surplus(self) -> tuple[Client, ...]:
        """Clients that no pair needs and that are not known to be gone."""
        needed = {pair.client for pair in (self.pair,) if pair is not None}
        return tuple(c for c in self.clients if c.key not in needed and c.alive)

    @property
    def suspects(self) -> tuple[Attempt, ...]:
        """Attempts that may have left a client behind."""
        return tuple(a for a in self.attempts if a.suspect)

    def last(self, kind: CallKind, client: int | None = None) -> ClosedCall | None:
        """Return the newest closed call of a kind, about that client if one is named."""
        calls = (c for c in self.closed if c.what.kind is kind and (client is None or c.call.client == client))
        return max(calls, key=lambda c: c.number, default=None)

    def with_client(self, client: Client) -> "Record":
        """Return the record with that client in the place of the one of the same key, or added.

        Where it is the published one, the pair follows its newest credential.
        """
        others = tuple(c for c in self.clients if c.key != client.key)
        pair = pair_of(client) if self.pair is not None and self.pair.client == client.key else self.pair
        return replace(self, clients=tuple(sorted((*others, client), key=lambda c: c.key)), pair=pair)

    def publishing(self, client: Client) -> "Record":
        """Return the record with that client's pair as the published one."""
        return replace(self, pair=pair_of(client))

    def with_attempt(self, attempt: Attempt) -> "Record":
        """Return the record with that attempt in the place of the one of the same number, or added."""
        others = tuple(a for a in self.attempts if a.number != attempt.number)
        return replace(self, attempts=tuple(sorted((*others, attempt), key=lambda a: a.number)))


def may_live_on(record: Record) -> bool:
    """Whether a client may exist at a server that nobody ended."""
    return bool(record.suspects) or any(c.alive for c in record.clients)
