"""What proves a client's credentials at its server, as it is remembered: found when they were known to be good."""

from dataclasses import dataclass
from datetime import datetime

from ..oauth.proof.results import Calibrated, NotProvable


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What was found for a client that authenticates by a method; nothing of it is confidential.

    It holds for that method alone, and as long as the server answers nobody as it did then: `check` sees to that.
    """

    method: str
    at: datetime
    found: Calibrated | NotProvable

    def rules_out(self, method: str) -> bool:
        """Whether nothing proves a client that authenticates by a method."""
        return self.method == method and isinstance(self.found, NotProvable)

    def of(self, method: str) -> Calibrated | None:
        """Return what to prove a client by that authenticates by a method, or None where it is not known."""
        return self.found if self.method == method and isinstance(self.found, Calibrated) else None
