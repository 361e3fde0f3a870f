"""Clients that a server is known to have made: where each came from, what it holds, how far its end is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from ..confidential import Confidential
from ..oauth.client_configuration_endpoint import names_client
from ..oauth.client_information import ClientInformation
from ..oauth.client_metadata import ClientMetadata
from ..oauth.hidden_secrets import hidden
from ..oauth.rfc7592 import UpdateForm
from .calibration import Calibration
from .calls import Asked, CallKind
from .doubts import Doubts
from .signing_keys import SigningKey

CLOCKS_DIFFER: Final = timedelta(minutes=1)
"""By so much two clocks may differ, and nothing is concluded from that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """It came of that attempt, whose answer named it.

    `admitted_by` is the UID of the ClusterOAuthIssuer through which it was registered. It is None where that is not
    known, or where a Secret handed over since by what the client is managed.
    """

    attempt: int
    at: datetime
    admitted_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedByStatus:
    """Its record is lost: no more is known of it than the identifier in the resource's status."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """A person made it, or another record's resource had it, and a Secret handed it over.

    `proven` says that its server took the registration access token that came with it.
    """

    at: datetime
    proven: bool = False


Origin = Registered | NamedByStatus | Adopted


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The server's newest word on a client: all that it answered, by which call, and the endpoints of that time."""

    information: ClientInformation
    call: int
    endpoints: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InStep:
    """The server is known to hold what was confirmed."""


@dataclass(frozen=True, slots=True)
class UpdateDue:
    """Nobody knows which metadata the server holds, so it has to be told; `unresolved` are updates without answers."""

    unresolved: tuple[int, ...] = ()


Standing = InStep | UpdateDue


@dataclass(frozen=True, slots=True)
class Alive:
    """Nobody wants it gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Its deregistration was begun then; `lost` says that an answer to one is missing, so that it may be gone."""

    since: datetime
    lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The server is known not to have it any more."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftBehind:
    """Nobody needs it, and nobody waits any longer for its end: no call could bring it about, or none did in time.

    `lost` says that an answer to a deregistration is missing, so that it may be gone. `useless_from` is when the only
    credential expires that it has, of which no call can bring another.
    """

    at: datetime
    lost: bool = False
    useless_from: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """How many clients were left behind, and may have been, before those that a record still names; `until` then."""

    clients: int = 0
    suspects: int = 0
    until: datetime

    def and_these(self, *, clients: int = 0, suspects: int = 0, until: datetime) -> "Untold":
        """Return them and others."""
        return Untold(clients=self.clients + clients, suspects=self.suspects + suspects, until=max(self.until, until))


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOn:
    """Another record's newer registration was answered with the same client: that one holds it, and will end it."""

    at: datetime


End = Alive | Ending | Ended | LeftBehind | PassedOn


@dataclass(frozen=True, slots=True, kw_only=True)
class Spare:
    """Credentials that a late, unreadable or rejecting answer brought: kept, and used where the current ones fail."""

    call: int
    registration_access_token: Confidential | None = None
    client_secret: Confidential | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """What a client was managed with, with success, before the server named another address or token."""

    registration_client_uri: str | None = None
    registration_access_token: Confidential | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One client at one issuer; `key` is the number of the call whose answer made it known.

    `confirmed` is what of the spec the server accepted last, `kept` what was taken out of it and the server still
    holds. `unresolved_reads` are reads without answers: each may have renewed the client secret and the token.
    `refused` are the kinds of calls for which the server did not accept the token that is recorded. `form` is how the
    server takes updates, `credential_at` when an answer changed the client secret or its expiry, `credential_dated`
    what the answer's own `Date` said of that, where our clock was ahead of it. `calibration` is what proves its
    credentials, `doubts` are refusals of them that were counted. `keys` are of the operator's making, in the
    order of their birth; `kids` name those that the server accepted last, `one_key` says that it does not hold two.
    `ends_at_expiry` says that the client itself ends at `client_secret_expires_at`.
    """

    key: int
    issuer: str
    trust: str
    origin: Origin
    answer: Answer
    confirmed: Asked | None = None
    kept: tuple[str, ...] = ()
    standing: Standing = InStep()
    unresolved_reads: tuple[int, ...] = ()
    refused: frozenset[CallKind] = frozenset()
    spares: tuple[Spare, ...] = ()
    previous: Previous = Previous()
    form: UpdateForm = UpdateForm.FULL
    credential_at: datetime | None = None
    credential_dated: datetime | None = None
    calibration: Calibration | None = None
    doubts: Doubts | None = None
    keys: tuple[SigningKey, ...] = ()
    kids: tuple[str, ...] = ()
    one_key: bool = False
    ends_at_expiry: bool = False
    end: End = Alive()

    @property
    def information(self) -> ClientInformation:
        """What the server answered."""
        return self.answer.information

    @property
    def endpoints(self) -> Mapping[str, str]:
        """The issuer's endpoints for apps."""
        return self.answer.endpoints

    @property
    def accepted(self) -> ClientMetadata:
        """The client metadata of the spec that the server accepted last; empty where that is not known."""
        members = self.confirmed.members if self.confirmed is not None else None
        return ClientMetadata.confirmed(members or {})

    @property
    def asked_before(self) -> frozenset[str]:
        """The names of members that were asked for, and of what was taken out of that and the server still holds."""
        return frozenset({*self.accepted.members, *self.kept, *(("jwks",) if self.keys else ())})

    def signing_key(self, kid: str) -> SigningKey | None:
        """Return the key of that name."""
        return next((key for key in self.keys if key.kid == kid), None)

    @property
    def withheld(self) -> Confidential | None:
        """What the newest answer had in the client secret's place, where that is not published."""
        newest = (s.client_secret for s in self.spares if s.call == self.answer.call)
        return next((secret for secret in newest if hidden(secret) is not None), None)

    @property
    def admitted_by(self) -> str | None:
        """Through which ClusterOAuthIssuer it was registered, by its UID."""
        return self.origin.admitted_by if isinstance(self.origin, Registered) else None

    @property
    def manageable(self) -> bool:
        """Whether there is a token and an address to manage it with (RFC 7592 section 3: both are needed)."""
        return bool(self.information.registration_client_uri and self.information.registration_access_token)

    @property
    def may_be_ended_by_access(self) -> bool:
        """Whether an issuer resource admitted it at an address of its own: that one may say that access manages it."""
        uri = self.information.registration_client_uri
        return self.admitted_by is not None and uri is not None and names_client(uri, self.information.client_id)

    @property
    def management_lost(self) -> bool:
        """Whether the server refused the token for an update."""
        return CallKind.UPDATE in self.refused

    @property
    def unresolved(self) -> tuple[int, ...]:
        """Updates whose outcome is unknown."""
        return self.standing.unresolved if isinstance(self.standing, UpdateDue) else ()

    @property
    def unanswered(self) -> tuple[int, ...]:
        """Calls whose lost answers may have brought another registration access token."""
        return *self.unresolved, *self.unresolved_reads

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where it is managed, and was: a server may have given the address before to another record, too."""
        found = (self.information.registration_client_uri, self.previous.registration_client_uri)
        return tuple(dict.fromkeys(uri for uri in found if uri))

    @property
    def alive(self) -> bool:
        """Whether it is not known to be gone, and this record's concern."""
        return not isinstance(self.end, Ended | PassedOn)

    @property
    def wanted(self) -> bool:
        """Whether nobody has begun its end."""
        return isinstance(self.end, Alive)

    @property
    def credential_since(self) -> datetime:
        """When the client secret that it has now, or its expiry, came."""
        return self.credential_at or self.origin.at

    @property
    def may_be_gone(self) -> bool:
        """Whether a deregistration of unknown outcome stands: it may be gone, or go at any moment."""
        return isinstance(self.end, Ending | LeftBehind) and self.end.lost
