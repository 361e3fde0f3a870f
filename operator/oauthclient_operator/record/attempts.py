"""Tries at registering: "not sent" and "rejected" leave one going on, a lost answer makes it a suspect."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ..oauth.json_object import JSON


class AttemptState(StrEnum):
    """What is known of a try: whether it left a client at the server."""

    OPEN = "open"
    """It goes on: nothing has come of it yet."""
    COMMITTED = "committed"
    """Its client is in the record."""
    REFUSED = "refused"
    """It was taken for lost, and its answer came late: it left nothing."""
    SUSPECT = "suspect"
    """Its answer was lost: it may have left a client that nobody can name."""
    SETTLED = "settled"
    """It was a suspect, and a person said that it is dealt with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try, with what was sent last for it; `until` is when an answer could come at the latest."""

    number: int
    issuer: str
    endpoint: str
    sent_at: datetime
    until: datetime
    state: AttemptState = AttemptState.OPEN
    metadata: Mapping[str, JSON] = field(default_factory=dict)

    @property
    def suspect(self) -> bool:
        """Whether a client may exist because of it that no record and no person accounts for."""
        return self.state is AttemptState.SUSPECT
