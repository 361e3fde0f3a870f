"""What a status says of rotation: when the published pair came, when the next one is due, and what is leaving."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ..oauth.json_object import JSON
from .json_path import child, objects, text
from .times import moment


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavingStatus:
    """A pair that was published before; `until` is when it is ended, where that is known.

    `key_id` names the key of it, where it is one of the operator's making.
    """

    client_id: str
    until: datetime | None
    key_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationStatus:
    """`renew_at` is there only where it is known; `reasons` and `strategy` are of the replacement under way."""

    published_at: datetime
    renew_at: datetime | None = None
    reasons: tuple[str, ...] = ()
    strategy: str | None = None
    leaving: tuple[LeavingStatus, ...] = ()

    @classmethod
    def parse(cls, status: Mapping[str, JSON]) -> "RotationStatus | None":
        """Read it; what is malformed counts as absent, for all of it can be rebuilt."""
        found = child(status, "rotation")
        published_at, reasons = _time(found, "publishedAt"), found.get("reasons")
        if published_at is None:
            return None
        return cls(
            published_at=published_at,
            renew_at=_time(found, "renewAt"),
            reasons=tuple(r for r in reasons if isinstance(r, str)) if isinstance(reasons, list) else (),
            strategy=text(found, "strategy"),
            leaving=tuple(
                LeavingStatus(
                    client_id=text(item, "clientID") or "", until=_time(item, "until"), key_id=text(item, "keyID")
                )
                for item in objects(found, "leaving")
            ),
        )

    def to_json(self) -> dict[str, JSON]:
        """Return it as JSON, what is absent left out."""
        members: dict[str, JSON] = {"publishedAt": _rfc3339(self.published_at)}
        if self.renew_at is not None:
            members["renewAt"] = _rfc3339(self.renew_at)
        if self.reasons:
            members["reasons"] = [*self.reasons]
        if self.strategy is not None:
            members["strategy"] = self.strategy
        if self.leaving:
            members["leaving"] = [
                {
                    "clientID": x.client_id,
                    **({} if x.key_id is None else {"keyID": x.key_id}),
                    **({} if x.until is None else {"until": _rfc3339(x.until)}),
                }
                for x in self.leaving
            ]
        return members


def _time(parent: Mapping[str, JSON], name: str) -> datetime | None:
    return moment(text(parent, name), zone=UTC)


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
