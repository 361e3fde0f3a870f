"""A condition of a status (Kubernetes API conventions), as it is read and as it is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ..oauth.json_object import JSON
from .json_path import number, text
from .times import moment

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition (Kubernetes API conventions)."""

    type: str
    status: str
    reason: str
    message: str
    last_transition_time: datetime
    observed_generation: int

    @classmethod
    def parse(cls, value: Mapping[str, JSON]) -> "Condition":
        """Read one; what is malformed counts as absent."""
        return cls(
            type=text(value, "type") or "",
            status=text(value, "status") or "Unknown",
            reason=text(value, "reason") or "",
            message=text(value, "message") or "",
            last_transition_time=moment(text(value, "lastTransitionTime"), zone=UTC) or EPOCH,
            observed_generation=number(value, "observedGeneration"),
        )

    def to_json(self) -> dict[str, JSON]:
        """Return it as JSON."""
        return {
            "type": self.type,
            "status": self.status,
            "reason": self.reason,
            "message": self.message,
            "lastTransitionTime": rfc3339(self.last_transition_time),
            "observedGeneration": self.observed_generation,
        }


def rfc3339(moment: datetime) -> str:
    """Return a moment as Kubernetes writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
