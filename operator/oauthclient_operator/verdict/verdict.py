"""A reason and a sentence, as one value."""

from dataclasses import dataclass
from typing import Final

from ..names import Reason

SLOWLY: Final = "; it is tried again from time to time"
"""Ends a sentence about what only a person can mend, who need not tell."""

WAITS_FOR_PERSON: Final = "it waits for a person"
"""What a condition says of what is `stalled`. `kubectl oauthclient status` knows a renewal by it that only a person can
help: `Stalled` is about `Ready`, which it leaves True."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A reason, a sentence about this resource, and whether only a person can help."""

    reason: Reason
    message: str
    stalled: bool = False
