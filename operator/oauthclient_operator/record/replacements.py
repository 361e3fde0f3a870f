"""The published pair on its way to another one: why and how it is replaced, and which pairs are leaving."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from .pairs import Pair


class ReplacementReason(StrEnum):
    """Why a published pair is to be another one; the words are those of status and metrics."""

    MOVED = "Moved"
    """The resource names another issuer."""
    GONE = "Gone"
    """The server does not know the client any more, and the policy says that another may take its place."""
    DOUBTFUL = "Doubtful"
    """An update whose answer is lost may have renewed the secret, and nothing can tell which one holds."""
    UNMANAGEABLE = "Unmanageable"
    """An edit cannot be brought to the server, and the policy says that another client may take it."""
    EXPIRY = "Expiry"
    """The client secret ends at a time that the server named."""
    REQUESTED = "Requested"
    """A person asked for it."""
    INTERVAL = "Interval"
    """`spec.rotation.interval` is over."""
    KEY_CHANGED = "KeyChanged"
    """`spec.privateKey` came or went, or names another algorithm."""


OF_THE_SPEC: Final = frozenset({ReplacementReason.MOVED, ReplacementReason.UNMANAGEABLE, ReplacementReason.KEY_CHANGED})
"""What an edit brings, and another one takes away; a secret that dies is worse than any of them."""


class Strategy(StrEnum):
    """How a pair is replaced."""

    KEYS = "Keys"
    """Another key beside the first, at the same client."""
    SERVER = "Server"
    """Another credential of the same client, by an update; the server says how long the one before is good."""
    REREGISTER = "Reregister"
    """A second client beside the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A replacement under way: its first call and attempt, and the pair that it brought, if it did already.

    `reasons` are those with which it was begun; what decides is what asks for it by now (`asked_by`).
    `given_up` counts candidates that turned out to be no better than what is published. `tried_at` is when an update
    was asked for another client secret last, and brought the same. `refused` names keys of ours that a proof refused by
    themselves, and none accepted since.
    """

    reasons: tuple[ReplacementReason, ...]
    strategy: Strategy
    begun_at: datetime
    first_call: int
    first_attempt: int
    given_up: int = 0
    pair: Pair | None = None
    tried_at: datetime | None = None
    refused: tuple[str, ...] = ()

    def asked_by(self, why: tuple[ReplacementReason, ...]) -> tuple[ReplacementReason, ...]:
        """Return what asks for it where there are these reasons now: a person's word was served when it was begun."""
        requested = ReplacementReason.REQUESTED
        return why if requested in why or requested not in self.reasons else (*why, requested)

    @property
    def changes_method(self) -> bool:
        """Whether the published client itself comes to authenticate in another way."""
        return self.strategy is Strategy.SERVER and ReplacementReason.KEY_CHANGED in self.reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """A pair that was published; `shown_at` is when the one after it was seen in the Secret.

    `until` is till when it is good by what the spec said then: an edit can only lengthen it.
    """

    pair: Pair
    shown_at: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutEffect:
    """How many replacements in a row changed nothing, and when the newest of them ended.

    `reasons` are what asked for that one; none of them is known where an older operator ended it.
    """

    times: int
    at: datetime
    reasons: tuple[ReplacementReason, ...] = ()

    def is_about(self, why: Collection[ReplacementReason]) -> bool:
        """Whether that they changed nothing says anything of another one for these reasons.

        Of another reason it does not, nor where an edit took one of those away.
        """
        by_edit = OF_THE_SPEC.intersection(self.reasons)
        return not self.reasons or by_edit <= set(why) <= set(self.reasons)
