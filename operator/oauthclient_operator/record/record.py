"""The registration record as one value: a resource's calls, attempts and clients, and which pair is published."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from ..oauth.json_object import JSON
from ..reach import IssuerAddress, Reach
from ..resource.served import Served
from .adoptions import Adoption, Proven
from .attempts import Attempt
from .calls import Call, CallKind, CallOutcome, ClosedCall
from .clients import Client, LeftBehind, Untold
from .pairs import OwnKey, Pair, followed, pair_of
from .replacements import Leaving, Replacement, ReplacementReason, WithoutEffect
from .signing_keys import SigningKey


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
    again for its answer: until it is known whether another client is published, it publishes none. `retry`, `refresh`,
    `rotate` and `prove` are the fingerprints of the last annotations that asked for a try, for a read, for another pair
    and for a proof, and were served.
    `untold` are clients that were left behind, or may have been, and are not named any more.
    `edition` grows with every change of what is published, and stands in the Secret, too: a Secret ahead of it means
    that this record is older. `adoption` is how far the Secret that `spec.adopt` names was taken up. `reaches`
    say, by issuer, how one is reached that a ClusterOAuthIssuer describes: its clients may have to end without that.
    `unknown` are members of a later version, carried through.
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
    edition: int = 0
    promoted_at: datetime | None = None
    replacement: Replacement | None = None
    leaving: tuple[Leaving, ...] = ()
    without_effect: WithoutEffect | None = None
    untold: Untold | None = None
    released: Release | None = None
    recreated: bool = False
    retry: str | None = None
    rotate: str | None = None
    prove: str | None = None
    refresh: str | None = None
    adoption: Adoption | None = None
    reaches: Mapping[str, Reach] = field(default_factory=dict)
    unknown: Mapping[str, JSON] = field(default_factory=dict)

    def reached(self, at: IssuerAddress) -> "Record":
        """Return the record with how an issuer is reached now."""
        if self.reaches.get(at.issuer) == at.reach:
            return self
        others = {issuer: reach for issuer, reach in self.reaches.items() if issuer != at.issuer}
        return replace(self, reaches=others if at.reach is None else {**others, at.issuer: at.reach})

    def address_of(self, issuer: str) -> IssuerAddress:
        """Return an issuer, and how it was reached last."""
        return IssuerAddress(issuer, self.reaches.get(issuer))

    def client(self, key: int | None) -> Client | None:
        """Return the client of that key."""
        return next((c for c in self.clients if c.key == key), None)

    @property
    def served(self) -> Served:
        """What a status has to say of annotations.

        `rotate` is written with the first call of a replacement, so that none is begun twice; who waits for it is not
        told before that has ended: promoted, or come to nothing.
        """
        current = self.replacement
        under_way = current is not None and ReplacementReason.REQUESTED in current.reasons
        rotate = None if under_way else self.rotate
        return Served(retry=self.retry, refresh=self.refresh, rotate=rotate, prove=self.prove)

    @property
    def published(self) -> Client | None:
        """The client of the pair that the published Secret holds."""
        return None if self.pair is None else self.client(self.pair.client)

    @property
    def surplus(self) -> tuple[Client, ...]:
        """Clients that no pair needs, that are not known to be gone and whose end is waited for."""
        needed = {pair.client for pair in self.pairs}
        needed |= {self.adoption.client} if isinstance(self.adoption, Proven) else set()
        ending = (c for c in self.clients if c.alive and not isinstance(c.end, LeftBehind))
        return tuple(c for c in ending if c.key not in needed)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """All pairs that are needed: the published one, the candidate, and those that are leaving."""
        candidate = self.replacement.pair if self.replacement is not None else None
        found = (self.pair, candidate, *(leaving.pair for leaving in self.leaving))
        return tuple(pair for pair in found if pair is not None)

    def keys_of(self, client: Client) -> tuple[SigningKey, ...]:
        """Return the keys of ours that an update of a client has to say: those of all its pairs.

        Where the server holds one key only, it is that of what is published, or else is about to be. Where the method
        changes in place, nothing stays of what was there before.
        """
        candidate = self.replacement.pair if self.replacement is not None else None
        pairs = self.pairs if not self.changes_in_place(client) else (candidate,) if candidate is not None else ()
        needed = [p.credential.kid for p in pairs if p.client == client.key and isinstance(p.credential, OwnKey)]
        needed = needed[:1] if client.one_key else needed
        return tuple(key for key in client.keys if key.kid in needed)

    def changes_in_place(self, client: Client) -> bool:
        """Whether the published client is on its way to another method by an update, and what it has now goes then."""
        current, published = self.replacement, self.pair is not None and self.pair.client == client.key
        return published and current is not None and current.changes_method

    def has_keys_due(self, client: Client) -> bool:
        """Whether the server of a client accepted other keys of ours than those that its pairs need."""
        return {key.kid for key in self.keys_of(client)} != {*client.kids}

    @property
    def published_at(self) -> datetime | None:
        """When the published pair became that; a newer secret of the same client does not count."""
        client = self.published
        return None if client is None else self.promoted_at or client.origin.at

    @property
    def suspects(self) -> tuple[Attempt, ...]:
        """Attempts that may have left a client behind."""
        return tuple(a for a in self.attempts if a.suspect)

    def last(self, kind: CallKind, client: int | None = None, outcome: CallOutcome | None = None) -> ClosedCall | None:
        """Return the newest closed call of a kind, about that client and of that outcome if they are named."""
        calls = (c for c in self.closed if c.what.kind is kind and (client is None or c.call.client == client))
        return max((c for c in calls if outcome in (None, c.outcome)), key=lambda c: c.number, default=None)

    def answering(self, client: Client) -> ClosedCall | None:
        """Return the call that brought what a client's server said last."""
        return next((c for c in self.closed if c.number == client.answer.call), None)

    def with_client(self, client: Client) -> "Record":
        """Return the record with that client in the place of the one of the same key, or added.

        Its pairs follow its newest credential: RFC 7592 section 2.2 has the one before discarded.
        """
        others = tuple(c for c in self.clients if c.key != client.key)
        record = replace(self, clients=tuple(sorted((*others, client), key=lambda c: c.key)))
        candidate = self.replacement
        if candidate is not None and candidate.pair is not None and candidate.pair.client == client.key:
            record = replace(record, replacement=replace(candidate, pair=followed(candidate.pair, client)))
        leaving = (
            x if x.pair.client != client.key else replace(x, pair=followed(x.pair, client)) for x in self.leaving
        )
        record = replace(record, leaving=tuple(leaving))
        if self.pair is None or self.pair.client != client.key or self.pair == (newest := followed(self.pair, client)):
            return record
        return replace(record, pair=newest, edition=self.edition + 1)

    def publishing(self, client: Client, edition: int | None = None) -> "Record":
        """Return the record with that client's pair as the published one, the first of this record."""
        return replace(self, pair=pair_of(client), edition=edition or self.edition + 1)

    def with_attempt(self, attempt: Attempt) -> "Record":
        """Return the record with that attempt in the place of the one of the same number, or added."""
        others = tuple(a for a in self.attempts if a.number != attempt.number)
        return replace(self, attempts=tuple(sorted((*others, attempt), key=lambda a: a.number)))


def may_live_on(record: Record) -> bool:
    """Whether a client may exist at a server that nobody ended."""
    return bool(record.suspects) or record.untold is not None or any(c.alive for c in record.clients)
