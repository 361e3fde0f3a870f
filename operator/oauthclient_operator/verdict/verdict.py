"""A reason and a sentence, as one value."""

from dataclasses import dataclass

from ..names import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A reason, a sentence about this resource, and whether only a person can help."""

    reason: Reason
    message: str
    stalled: bool = False
