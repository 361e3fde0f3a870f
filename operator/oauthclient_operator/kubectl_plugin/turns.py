"""Whose turn it is, by what a status says: the operator's, or which person's."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ..names import ISSUER_KIND, ConditionType, Reason
from ..oauth.json_object import JSON
from ..resource.json_path import child, number, objects, text
from ..verdict.verdict import WAITS_FOR_PERSON


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
        Reason.CLUSTER_UNAVAILABLE,
    }
)
_OF_ITS_ISSUER: Final = frozenset(
    {
        Reason.REGISTRATION_UNAUTHORIZED,
        Reason.INITIAL_ACCESS_TOKEN_MISSING,
        Reason.INITIAL_ACCESS_TOKEN_NOT_FOR_ISSUER,
        Reason.ISSUER_MISMATCH,
    }
)
"""Whoever describes the issuer mends it: with `issuerRef` that is not the team."""
_UNSTALLED: Final[Mapping[str, Turn]] = {Reason.PAUSED: Turn.TEAM, Reason.ISSUER_NOT_READY: Turn.PLATFORM}
"""Goes on by itself once a person has done something, so that nothing is stalled."""
_NAMED: Final[Mapping[str, Turn]] = {
    "have the operator's administrator": Turn.PLATFORM,
    "have the cluster's administrator": Turn.PLATFORM,
    "give the operator rights": Turn.PLATFORM,
    f"of {ISSUER_KIND} ": Turn.PLATFORM,
    "whoever administers": Turn.PLATFORM,
    "have the server's administrator": Turn.SERVER,
    "see Paused": Turn.TEAM,
}
"""Whom a message names, of a reason that has several causes."""
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
    renewal_fails: bool = False
    """It should be done already: what is only to come is said, too."""

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
        said, message = text(ready, "status") or "Unknown", text(ready, "message") or ""
        referring = bool(child(child(body, "spec"), "issuerRef"))
        if said == "True":
            turn = _of_renewal(renewal) if renewal else Turn.NOBODY
        else:
            # What has expired is told there; why it was not replaced in time, and who can help, is told of the renewal.
            words = f"{message}; {renewal}"
            turn = _person(reason, words, referring) if stalled else _UNSTALLED.get(reason, Turn.OPERATOR)
        return cls(
            namespace=text(metadata, "namespace") or "",
            name=text(metadata, "name") or "",
            # What was said of a generation before says nothing of this one.
            ready=said if seen else "Unknown",
            reason=reason if seen else Reason.PENDING,
            message=message if seen else "the operator has not come to it yet",
            turn=turn if seen else Turn.OPERATOR,
            secret=text(child(status, "secret"), "name") or "",
            client_id=text(status, "clientID") or "",
            renewal=renewal,
            renewal_fails=bool(renewal) and text(renewing, "reason") == Reason.RENEWAL_FAILED,
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


def _person(reason: str, message: str, referring: bool) -> Turn:
    """Return who has to help; `referring` is a client whose issuer somebody else describes."""
    if reason in _PLATFORM or (referring and reason in _OF_ITS_ISSUER):
        return Turn.PLATFORM
    return _named(message) or (Turn.SERVER if reason in _SERVER else Turn.TEAM)


def _of_renewal(message: str) -> Turn:
    """Return whose turn it is where credentials are not replaced although they should be."""
    return _named(message) or (Turn.TEAM if WAITS_FOR_PERSON in message else Turn.OPERATOR)


def _named(message: str) -> Turn | None:
    return next((turn for words, turn in _NAMED.items() if words in message), None)
