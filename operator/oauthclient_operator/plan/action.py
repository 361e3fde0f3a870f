"""What `plan` can answer: one step, which the executor takes before it asks again."""

from dataclasses import dataclass
from datetime import datetime

from ..published_secret import Amendment, NewSecret
from ..record.calls import Call
from ..record.replacements import ReplacementReason
from ..resource.desired import DeletionPolicy
from ..verdict.verdict import Verdict
from .adoption_steps import (
    Claim,
    FindHolders,
    OfAdoption,
    Offer,
    ReadClientInformation,
    RefuseAdoption,
    RefuseUnproven,
    TakeUp,
    TakeUpUnproven,
)
from .call_steps import Calibrate, Check, Deregister, Exchange, Proof, Read, Register, Update
from .observed import Instead, Problem, Turned
from .pair_steps import (
    BeginEnd,
    EndReplacement,
    FallBack,
    GiveUp,
    LeaveBehind,
    OfReplacement,
    Promote,
    Retire,
    ReturnTo,
    Show,
    TakeExpiry,
    Withdraw,
)
from .presented_steps import ObtainAccess, Presented, ReadInitialAccessToken, ReadSoftwareStatement
from .release_steps import ConfirmRelease, DeleteRecord, OfRelease, Release, RemoveFinalizer

__all__ = [
    "BeginEnd",
    "Calibrate",
    "Check",
    "Claim",
    "ConfirmRelease",
    "DeleteRecord",
    "Deregister",
    "EndReplacement",
    "Exchange",
    "FallBack",
    "FindHolders",
    "GiveUp",
    "LeaveBehind",
    "ObtainAccess",
    "OfRelease",
    "OfReplacement",
    "Offer",
    "Presented",
    "Promote",
    "Proof",
    "Read",
    "ReadClientInformation",
    "ReadInitialAccessToken",
    "ReadSoftwareStatement",
    "RefuseAdoption",
    "RefuseUnproven",
    "Register",
    "Release",
    "RemoveFinalizer",
    "Retire",
    "ReturnTo",
    "Show",
    "TakeExpiry",
    "TakeUp",
    "TakeUpUnproven",
    "Update",
    "Withdraw",
]


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
class KeepSecret:
    """Turn, for the rest of this pass, to the Secret that was published before the one that the spec names."""

    instead: Instead


@dataclass(frozen=True, slots=True)
class TurnBack:
    """Turn, until the next call of this pass, to the published client's own issuer: the spec names another one.

    Or to the one that admitted a client which is to be ended; None: back to that of the spec.
    """

    turned: Turned | None


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
class Abandon:
    """Close a call whose deadline has passed and whose answer nobody recorded: it is ambiguous."""

    call: Call


@dataclass(frozen=True, slots=True)
class Settle:
    """Take a person's word that the suspects up to that attempt are dealt with."""

    attempt: int


@dataclass(frozen=True, slots=True)
class Recover:
    """Let a record that was created again publish that client, as an edition that nobody has seen."""

    key: int
    edition: int


@dataclass(frozen=True, slots=True)
class PassOn:
    """Leave a client to the record that was given it later: it is not deregistered for this one any more."""

    key: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """Publish that client no more: what it was registered with may be dead, it is deregistered and registered anew."""

    key: int


@dataclass(frozen=True, slots=True)
class Amend:
    """Write into the record what the spec changed: the deletion policy, the name of a Secret about to be made."""

    deletion: DeletionPolicy
    secret: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Serve:
    """Write down that a person asked, by that annotation, for what there is nothing to do for.

    Nothing waited that could be tried now; or the client cannot be read, or nobody told whether its credentials are
    accepted, and `why` says why not.
    """

    retry: str | None = None
    refresh: str | None = None
    prove: str | None = None
    why: str | None = None


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
    """Write down the clients and lost attempts that the status names, and that no record does: they are left behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """When time brings the next reason to replace what is published; why it is replaced now, and what is said of it."""

    at: datetime | None = None
    reasons: tuple[ReplacementReason, ...] = ()
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Report the verdict and look again at `until`, or when something changes.

    `failed` is a failure of this pass: it is counted, and held until then. `renewal` is None where nobody looked at
    that.
    """

    verdict: Verdict
    until: datetime | None = None
    failed: Problem | None = None
    renewal: Renewal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """There is nothing to do or to say; look again at `until`."""

    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """Nothing of ours is left."""


Look = (
    ReadResource
    | ReadRecord
    | ReadSecret
    | Presented
    | ReadClientInformation
    | FindHolders
    | KeepSecret
    | TurnBack
    | Discover
    | Rehearse
)
"""Steps that look, and change nothing."""
Effect = (
    AddFinalizer
    | Exchange
    | Proof
    | Abandon
    | Settle
    | Recover
    | PassOn
    | Doubt
    | Amend
    | Serve
    | OfReplacement
    | OfAdoption
    | Publish
    | RemoveSecret
    | RecordLoss
    | OfRelease
)
"""Steps that change something."""
End = Wait | Rest | Gone
"""What ends a pass."""
Action = Look | Effect | End
