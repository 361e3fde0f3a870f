"""How far a client that a Secret hands over was taken up: its values are imported once, and known by a fingerprint."""

from dataclasses import dataclass
from datetime import datetime

from .calls import ClosedCall
from .clients import Client


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """It is to be read at its server; until that tells that the token is the client's own it is no client of ours.

    So it stands beside the record's clients: nobody ends it, and it keeps nobody else from his.
    """

    fingerprint: str
    client: Client


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """The server took its registration access token; the client of that key is published once nobody else has it."""

    fingerprint: str
    client: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """It was not taken up: by that answer to its read, or without one because another record holds the client.

    `client` is what was read: a read that was given up before may yet be answered with it. Without an answer it was
    read, and its server said that the key that was handed over is not what it authenticates with. `unproven` says that
    it has no token and another credential than the record, and that no proof told that the server accepts it.
    """

    fingerprint: str
    at: datetime
    client: Client | None = None
    answer: ClosedCall | None = None
    unproven: bool = False

    @property
    def by_key(self) -> Client | None:
        """The client that was read, where its server does not have the key that was handed over with it."""
        return self.client if self.answer is None else None

    @property
    def withdrawn(self) -> bool:
        """Whether it was given up because another record holds the client."""
        return self.answer is None and self.client is None and not self.unproven


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """It was taken up: what the Secret says is not looked at again, for what it holds may be out of date by now."""

    fingerprint: str


Adoption = Offered | Proven | Refused | Taken
