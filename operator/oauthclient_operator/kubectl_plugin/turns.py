"""Whose turn it is, by what a status says: the operator's, or which person's."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ..names import ConditionType, Reason
from ..oauth.json_object import JSON
from ..resource.json_path import child, number, objects, text


class Turn(StrEnum):
    """Who has to do something next."""

    NOBODY = "nobody"
    OPERATOR = "operator"
    """It mends itself, or is under way."""
    TEAM = "your team"
    PLATFORM = "platform team"
    """Whoever administers the cluster and its issuers."""
    SERVER = "authorization server"
    """Whoever administers that."""


_PLATFORM: Final = frozenset(
    {
        Reason.ISSUER_NOT_ALLOWED,
        Reason.ISSUER_NOT_READY,
        Reason.NOT_ALLOWED_BY_ISSUER,
        Reason.ACCESS_DENIED,
        Reason.RECORD_MISSING,
        Reason.RECORD_OUTDATED,
    }
)
_SERVER: Final = frozenset(
    {
        Reason.ISSUER_UNAVAILABLE,
        Reason.DISCOVERY_FAILED,
        Reason.REGISTRATION_NOT_SUPPORTED,
        Reason.NOT_UNDERSTOOD,
        Reason.MANAGEMENT_LOST,
        Reason.CREDENTIALS_REFUSED,
        Reason.CLIENT_GONE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an OAuthClient stands; `message` is the operator's, `turn` whose it is.

    `renewal` says why its credentials are not replaced although they should be; what is published works meanwhile.
    """

    namespace: str
    name: str
    ready: str
    reason: str
    message: str
    turn: Turn
    secret: str
    client_id: str
    renewal: str = ""

    @classmethod
    def of(cls, body: Mapping[str, JSON]) -> "Standing":
        """Read it from a resource; what is not there is empty."""
        metadata, status = child(body, "metadata"), child(body, "status")
        conditions = {text(c, "type"): c for c in objects(status, "conditions")}
        ready = conditions.get(ConditionType.READY, {})
        renewing = conditions.get(ConditionType.RENEWING, {})
        renewal = (text(renewing, "message") or "") if text(renewing, "status") == "False" else ""
        stalled = text(conditions.get(ConditionType.STALLED, {}), "status") == "True"
        reason = text(ready, "reason") or Reason.PENDING
        seen = number(status, "observedGeneration") == number(metadata, "generation")
        said = text(ready, "status") or "Unknown"
        return cls(
            namespace=text(metadata, "namespace") or "",
            name=text(metadata, "name") or "",
            # What was said of a generation before says nothing of this one.
            ready=said if seen else "Unknown",
            reason=reason if seen else Reason.PENDING,
            message=(text(ready, "message") or "") if seen else "the operator has not come to it yet",
            turn=_turn(said, reason, stalled=stalled, renews=not renewal) if seen else Turn.OPERATOR,
            secret=text(child(status, "secret"), "name") or "",
            client_id=text(status, "clientID") or "",
            renewal=renewal,
        )

    def to_dict(self) -> dict[str, JSON]:
        """Return it for programs."""
        return {
            "namespace": self.namespace,
            "name": self.name,
            "ready": self.ready,
            "reason": self.reason,
            "message": self.message,
            "turn": self.turn,
            "secret": self.secret,
            "clientID": self.client_id,
            "renewal": self.renewal or None,
        }


def _turn(ready: str, reason: str, *, stalled: bool, renews: bool) -> Turn:
    if ready == "True":
        return Turn.NOBODY if renews else Turn.OPERATOR
    if not stalled:
        return Turn.OPERATOR
    if reason in _PLATFORM:
        return Turn.PLATFORM
    return Turn.SERVER if reason in _SERVER else Turn.TEAM
