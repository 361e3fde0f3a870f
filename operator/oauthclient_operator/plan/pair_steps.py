"""The steps that change which pairs of a record are needed, or end a wait; `action` has all the others."""

from dataclasses import dataclass
from datetime import timedelta

from ..record.pairs import Pair
from ..record.replacements import Replacement, ReplacementReason


@dataclass(frozen=True, slots=True)
class Promote:
    """Make the candidate, that pair, the published one; the one before it is leaving from now on.

    `rotate` is what the resource's annotation asks: that is served by this one, too. `lacking` are reasons to replace
    it, too, which it does not cure.
    """

    pair: Pair
    rotate: str | None = None
    lacking: tuple[ReplacementReason, ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnTo:
    """Make a pair that is leaving the published one again."""

    pair: Pair


@dataclass(frozen=True, slots=True)
class Show:
    """Write down that the published pair, of that edition, was seen in the Secret; those before it are good so long."""

    edition: int
    overlap: timedelta


@dataclass(frozen=True, slots=True)
class Retire:
    """Write down that a pair which left is needed no longer."""

    pair: Pair


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Write down that the candidate, that pair, is not going to be published.

    `one_key` says that its client's server holds one key only, as far as it told.
    """

    pair: Pair
    one_key: bool = False


@dataclass(frozen=True, slots=True)
class FallBack:
    """Write down that a replacement by a key goes on by another client."""

    replacement: Replacement


@dataclass(frozen=True, slots=True)
class EndReplacement:
    """Write down that a replacement brought nothing better; `asking` is what asks for it now, where that is known."""

    replacement: Replacement
    asking: tuple[ReplacementReason, ...] = ()


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Write down that nothing asks for a replacement any more."""

    replacement: Replacement


@dataclass(frozen=True, slots=True)
class LeaveBehind:
    """Write down that nobody waits any longer for a client's end: it is reported, and tried from time to time."""

    key: int


@dataclass(frozen=True, slots=True)
class BeginEnd:
    """Write down that a client's end was tried when no call could be made: waiting for it counts from then."""

    key: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeExpiry:
    """Write down whether clients of that issuer end at `client_secret_expires_at`, or their client secrets alone."""

    issuer: str
    of_client: bool


OfReplacement = (
    Promote
    | ReturnTo
    | Show
    | Retire
    | GiveUp
    | FallBack
    | EndReplacement
    | Withdraw
    | LeaveBehind
    | BeginEnd
    | TakeExpiry
)
"""All of them."""
