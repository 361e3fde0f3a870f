"""Clients that a server is known to have made: where each came from, what it holds, how far its end is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ..confidential import Confidential
from ..oauth.client_information import ClientInformation
from ..oauth.client_metadata import ClientMetadata
from .calls import Asked, CallKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """It came of that attempt, whose answer named it."""

    attempt: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedByStatus:
    """Its record is lost: no more is known of it than the identifier in the resource's status."""

    at: datetime


Origin = Registered | NamedByStatus


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


End = Alive | Ending | Ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Spare:
    """Credentials that a late, unreadable or rejecting answer brought: kept, and used where the current ones fail."""

    call: int
    registration_access_token: Confidential | None = None
    client_secret: Confidential | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One client at one issuer; `key` is the number of the call whose answer made it known.

    `confirmed` is what of the spec the server accepted last, `kept` what was taken out of it and the server still
    holds. `refused` are the kinds of calls for which the server did not accept the token that is recorded.
    """

    key: int
    issuer: str
    trust: str
    origin: Origin
    answer: Answer
    confirmed: Asked | None = None
    kept: tuple[str, ...] = ()
    standing: Standing = InStep()
    refused: frozenset[CallKind] = frozenset()
    spares: tuple[Spare, ...] = ()
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
    def manageable(self) -> bool:
        """Whether there is a token and an address to manage it with (RFC 7592 section 3: both are needed)."""
        return bool(self.information.registration_client_uri and self.information.registration_access_token)

    @property
    def management_lost(self) -> bool:
        """Whether the server refused the token for an update."""
        return CallKind.UPDATE in self.refused

    @property
    def unresolved(self) -> tuple[int, ...]:
        """Updates whose outcome is unknown."""
        return self.standing.unresolved if isinstance(self.standing, UpdateDue) else ()

    @property
    def alive(self) -> bool:
        """Whether it is not known to be gone."""
        return not isinstance(self.end, Ended)

    @property
    def may_be_gone(self) -> bool:
        """Whether a deregistration of unknown outcome stands: it may be gone, or go at any moment."""
        return isinstance(self.end, Ending) and self.end.lost
