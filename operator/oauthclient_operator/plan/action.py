"""What `plan` can answer: one step, which the executor takes before it asks again."""

from dataclasses import dataclass
from datetime import datetime

from ..published_secret import Amendment, NewSecret
from ..record.calls import Call
from ..record.clients import Client
from ..record.record import ReleaseOutcome
from ..resource.desired import DeletionPolicy
from ..verdict import Verdict
from .observed import Problem


@dataclass(frozen=True, slots=True)
class ReadResource:
    """Read the resource live: the next step destroys something."""


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """Read the record."""


@dataclass(frozen=True, slots=True)
class ReadSecret:
    """Read the published Secret."""

    name: str


@dataclass(frozen=True, slots=True)
class ReadInitialAccessToken:
    """Read the initial access token from the Secret of that name and hold it for the next call."""

    name: str


@dataclass(frozen=True, slots=True)
class Discover:
    """Get the issuer's metadata, fetched after that time if one is given."""

    fresher_than: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rehearse:
    """Try a publication without doing it, before a call whose answer has to be published."""

    write: NewSecret | Amendment


@dataclass(frozen=True, slots=True)
class AddFinalizer:
    """Make sure that the resource cannot go unseen."""


@dataclass(frozen=True, slots=True)
class Register:
    """Register the client (RFC 7591 section 3.1)."""


@dataclass(frozen=True, slots=True)
class Update:
    """Update the client (RFC 7592 section 2.2)."""

    client: Client


@dataclass(frozen=True, slots=True)
class Deregister:
    """Deregister a client (RFC 7592 section 2.3)."""

    client: Client


@dataclass(frozen=True, slots=True)
class Abandon:
    """Close a call whose deadline has passed and whose answer nobody recorded: it is ambiguous."""

    call: Call


@dataclass(frozen=True, slots=True)
class Settle:
    """Take a person's word that the suspects up to that attempt are dealt with."""

    attempt: int


@dataclass(frozen=True, slots=True)
class Recover:
    """Let a record that was created again publish that client."""

    key: int


@dataclass(frozen=True, slots=True)
class Amend:
    """Write into the record what the spec changed: the deletion policy, the name of a Secret about to be made."""

    deletion: DeletionPolicy
    secret: str | None


@dataclass(frozen=True, slots=True)
class Publish:
    """Create the published Secret, or bring it to what it should hold; `heal` if somebody else changed it."""

    write: NewSecret | Amendment
    heal: bool


@dataclass(frozen=True, slots=True)
class RemoveSecret:
    """Delete a Secret that was published under another name, and forget it."""

    name: str


@dataclass(frozen=True, slots=True)
class RecordLoss:
    """Write down the client that the status names, and that no record does: it is left behind."""


@dataclass(frozen=True, slots=True)
class Release:
    """Write down that the resource may go."""

    outcome: ReleaseOutcome
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class ConfirmRelease:
    """Write down that what was left behind is gone by now."""


@dataclass(frozen=True, slots=True)
class DeleteRecord:
    """Delete a record that nobody can need any more."""


@dataclass(frozen=True, slots=True)
class RemoveFinalizer:
    """Let the resource go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Report the verdict and look again at `until`, or when something changes.

    `failed` is a failure of this pass: it is counted, and held until then.
    """

    verdict: Verdict
    until: datetime | None = None
    failed: Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """There is nothing to do or to say; look again at `until`."""

    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """Nothing of ours is left."""


Look = ReadResource | ReadRecord | ReadSecret | ReadInitialAccessToken | Discover | Rehearse
"""Steps that look, and change nothing."""
Exchange = Register | Update | Deregister
"""Steps that call an authorization server to change something there."""
Effect = (
    AddFinalizer
    | Exchange
    | Abandon
    | Settle
    | Recover
    | Amend
    | Publish
    | RemoveSecret
    | RecordLoss
    | Release
    | ConfirmRelease
    | DeleteRecord
    | RemoveFinalizer
)
"""Steps that change something."""
End = Wait | Rest | Gone
"""What ends a pass."""
Action = Look | Effect | End
