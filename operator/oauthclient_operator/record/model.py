"""What a registration record says, as values.

A record is one resource's ledger. Calls are numbered and at most one is open. An attempt is one try at
registering: "not sent" and "rejected" leave it going on, a lost answer ends it as a suspect. A client is what an
answer made known; `current` names the one that is published.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from ..confidential import Confidential
from ..oauth.json_object import JSON
from ..oauth.rfc7591 import ClientInformation
from ..oauth.rfc9449 import USE_DPOP_NONCE

SCHEMA_VERSION: Final = 1


class CallKind(StrEnum):
    """The calls of RFC 7591 and RFC 7592 that change something at the server."""

    REGISTER = "register"
    UPDATE = "update"
    DEREGISTER = "deregister"


class CallOutcome(StrEnum):
    """What came of a call; the rows of the outcome table."""

    NOT_SENT = "not-sent"
    REJECTED = "rejected"
    COMMITTED = "committed"
    AMBIGUOUS = "ambiguous"


class ReleaseOutcome(StrEnum):
    """How a resource was let go."""

    CONFIRMED = "confirmed"
    """Every client is known to be gone."""
    RETAINED = "retained"
    """The policy says so; nothing was called."""
    UNCONFIRMED = "unconfirmed"
    """A client may live on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom the record is for."""

    cluster_uid: str
    namespace: str
    name: str
    uid: str


def fingerprint(token: Confidential | None) -> str | None:
    """Return a name for a token that says nothing about it but whether two are the same."""
    return None if token is None else hashlib.sha256(token.reveal().encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that was written down before its first byte went out.

    `client` is the key of the client it is about, `bearer` the fingerprint of the token it presents, `metadata` the
    client metadata that the spec asked for, `credential` the version of the Secret that held the initial access
    token, `proof_key` the thumbprint of the key of its DPoP proof; `repeats` says that it is the one before it once
    more, for which the server wanted a nonce.
    """

    number: int
    kind: CallKind
    endpoint: str
    holder: str
    nonce: str
    opened_at: datetime
    deadline: datetime
    attempt: int | None = None
    client: int | None = None
    bearer: str | None = None
    digest: str | None = None
    metadata: Mapping[str, JSON] | None = None
    credential: str | None = None
    proof_key: str | None = None
    repeats: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedCall:
    """What is kept of a call whose outcome is known, or known to be unknown; `status` to `retry_after` as answered."""

    number: int
    kind: CallKind
    endpoint: str
    nonce: str
    outcome: CallOutcome
    at: datetime
    attempt: int | None = None
    client: int | None = None
    bearer: str | None = None
    digest: str | None = None
    credential: str | None = None
    status: int | None = None
    error: str | None = None
    description: str | None = None
    retry_after: float | None = None
    proof_key: str | None = None
    repeats: bool = False

    @property
    def nonce_wanted(self) -> bool:
        """Whether its DPoP proof was refused for its nonce, or for having none (RFC 9449 section 8)."""
        return self.outcome is CallOutcome.REJECTED and self.error == USE_DPOP_NONCE and self.proof_key is not None

    @property
    def to_be_repeated(self) -> bool:
        """Whether it is worth one more call with the nonce that came: what repeated another is not."""
        return self.nonce_wanted and not self.repeats


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at registering; a suspect may have left a client behind that nobody can name."""

    number: int
    issuer: str
    endpoint: str
    sent_at: datetime
    until: datetime
    outcome: CallOutcome | None = None
    settled: bool = False
    metadata: Mapping[str, JSON] = field(default_factory=dict)

    @property
    def suspect(self) -> bool:
        """Whether a client may exist because of it that no record and no person accounts for."""
        return self.outcome is CallOutcome.AMBIGUOUS and not self.settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Spare:
    """Credentials that a late, unreadable or rejecting answer brought: kept, and used where the current ones fail."""

    call: int
    registration_access_token: Confidential | None = None
    client_secret: Confidential | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A client that the server is known to have made.

    `key` is the number of the call whose answer made it known, `answered_by` of the one whose credentials these are.
    `confirmed` is the client metadata of the spec that the server accepted last; `unresolved` are updates whose
    outcome is unknown.
    """

    key: int
    attempt: int
    information: ClientInformation
    answered_by: int
    registered_at: datetime
    endpoints: Mapping[str, str] = field(default_factory=dict)
    confirmed: Mapping[str, JSON] | None = None
    confirmed_digest: str | None = None
    kept: tuple[str, ...] = ()
    unresolved: tuple[int, ...] = ()
    update_due: bool = False
    update_unsupported: bool = False
    management_lost: bool = False
    deletion_first_opened_at: datetime | None = None
    deletion_ambiguous: bool = False
    deletion_refused: bool = False
    deletion_unsupported: bool = False
    deregistered_at: datetime | None = None
    spares: tuple[Spare, ...] = ()

    @property
    def manageable(self) -> bool:
        """Whether there is a token and an address to manage it with (RFC 7592 section 3: both are needed)."""
        return bool(self.information.registration_client_uri and self.information.registration_access_token)

    @property
    def alive(self) -> bool:
        """Whether it is not known to be gone."""
        return self.deregistered_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """That and how the resource was let go."""

    outcome: ReleaseOutcome
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One resource's registration, whole."""

    subject: Subject
    issuer: str
    deletion: str
    trust: str
    secrets: tuple[str, ...] = ()
    next_call: int = 1
    open: Call | None = None
    closed: tuple[ClosedCall, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    clients: tuple[Client, ...] = ()
    current: int | None = None
    released: Release | None = None
    recreated: bool = False

    def client(self, key: int | None) -> Client | None:
        """Return the client of that key."""
        return next((c for c in self.clients if c.key == key), None)

    @property
    def published(self) -> Client | None:
        """The client whose credentials the published Secret holds."""
        return self.client(self.current) if self.current is not None else None

    @property
    def surplus(self) -> tuple[Client, ...]:
        """Clients beside the published one that are not known to be gone."""
        return tuple(c for c in self.clients if c.key != self.current and c.alive)

    @property
    def suspects(self) -> tuple[Attempt, ...]:
        """Attempts that may have left a client behind."""
        return tuple(a for a in self.attempts if a.suspect)

    def last(self, kind: CallKind, client: int | None = None) -> ClosedCall | None:
        """Return the newest closed call of a kind, about that client if one is named."""
        calls = (c for c in self.closed if c.kind is kind and (client is None or c.client == client))
        return max(calls, key=lambda c: c.number, default=None)

    def with_client(self, client: Client) -> "Record":
        """Return the record with that client in the place of the one of the same key, or added."""
        others = tuple(c for c in self.clients if c.key != client.key)
        return replace(self, clients=tuple(sorted((*others, client), key=lambda c: c.key)))

    def with_attempt(self, attempt: Attempt) -> "Record":
        """Return the record with that attempt in the place of the one of the same number, or added."""
        others = tuple(a for a in self.attempts if a.number != attempt.number)
        return replace(self, attempts=tuple(sorted((*others, attempt), key=lambda a: a.number)))
