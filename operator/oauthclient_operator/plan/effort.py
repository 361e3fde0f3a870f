"""What was tried so far of one registration: of the first one, or of one that replaces what is published."""

from dataclasses import dataclass
from datetime import datetime

from ..confidential import Confidential
from ..oauth.client_metadata import ClientMetadata
from ..oauth.rfc7591 import STATEMENT_ERRORS
from ..oauth.signing_algorithm import SigningAlgorithm
from ..record.attempts import Attempt
from ..record.calls import ClosedCall, RegisterCall
from ..record.clients import Client
from ..record.record import Record
from ..record.replacements import Replacement


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """One registration with its own budget: the calls, attempts and clients of a record from certain numbers on.

    `metadata` are what is to be registered, with a key of our own for the algorithm `signing` if there is one. `begins`
    is the replacement that its first call begins.
    """

    record: Record | None
    metadata: ClientMetadata
    signing: SigningAlgorithm | None = None
    begins: Replacement | None = None
    first_call: int = 0
    first_attempt: int = 0
    given_up: int = 0
    """How many clients it brought that were read, and found to be of no use."""
    issuer: str | None = None
    """Where it is made; None where all that was tried counts, wherever that was."""
    instead: bool = False
    """Whether its metadata are said in the place of others that came to nothing: it has a budget of its own then."""
    expires_at: datetime | None = None
    """Until when what is published is good, where another one has as much time."""
    since: datetime | None = None
    """When the published secret was due to be renewed, if it is: what was lost before was lost for another reason."""
    statement: Confidential | None = None
    """The software statement that will do where the spec's cannot be had: the published client's, as it came back."""

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Its attempts, the newest last."""
        attempts = () if self.record is None else self.record.attempts
        return tuple(a for a in attempts if a.number >= self.first_attempt and self.issuer in (None, a.issuer))

    @property
    def lost(self) -> tuple[Attempt, ...]:
        """Its attempts that may have left a client behind, whatever they said."""
        return tuple(a for a in self.attempts if a.suspect)

    @property
    def suspects(self) -> tuple[Attempt, ...]:
        """Those that count in its budget; what one said is not known for ever."""
        members = dict(self.metadata.members)
        lost = (a for a in self.lost if self.since is None or a.sent_at >= self.since)
        return tuple(a for a in lost if not self.instead or dict(a.metadata) in ({}, members))

    @property
    def useless(self) -> tuple[Client, ...]:
        """The clients that it brought, that no pair needs and that are not known to be gone."""
        record = self.record
        needed = {pair.client for pair in record.pairs} if record is not None else set[int]()
        clients = () if record is None else record.clients
        here = (c for c in clients if self.issuer in (None, c.issuer))
        return tuple(c for c in here if c.key >= self.first_call and c.alive and c.key not in needed)

    @property
    def last(self) -> ClosedCall | None:
        """Its newest closed registration."""
        return max(self._closed, key=lambda c: c.number, default=None)

    def refuses_statement(self, version: str | None) -> bool:
        """Whether the newest refusal is of the software statement that its Secret of that version holds."""
        refused = (c for c in self._closed if c.refuses_metadata)
        last = max(refused, key=lambda c: c.number, default=None)
        if last is None or not isinstance(last.what, RegisterCall) or last.said.error not in STATEMENT_ERRORS:
            return False
        return last.what.statement == version and not last.what.returned

    @property
    def _closed(self) -> tuple[ClosedCall, ...]:
        closed = () if self.record is None else self.record.closed
        registrations = (c for c in closed if isinstance(c.what, RegisterCall) and c.number >= self.first_call)
        return tuple(c for c in registrations if self.issuer in (None, c.call.issuer))


def first(record: Record | None, metadata: ClientMetadata, signing: SigningAlgorithm | None = None) -> Effort:
    """Return the effort to register a resource's first client."""
    return Effort(record=record, metadata=metadata, signing=signing)


def replacing(
    record: Record,
    replacement: Replacement,
    metadata: ClientMetadata,
    signing: SigningAlgorithm | None = None,
    *,
    issuer: str | None = None,
    instead: bool = False,
    since: datetime | None = None,
) -> Effort:
    """Return the effort to register a client in the place of the published one, at that issuer."""
    return Effort(
        record=record,
        metadata=metadata,
        signing=signing,
        begins=replacement if record.replacement is None else None,
        first_call=replacement.first_call,
        first_attempt=replacement.first_attempt,
        given_up=replacement.given_up,
        issuer=issuer,
        instead=instead,
        since=since,
    )
