"""The status of an OAuthClient, as it is read and as it is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ..names import ConditionType
from ..oauth.json_object import JSON
from .json_path import child, number, objects, text

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition (Kubernetes API conventions)."""

    type: str
    status: str
    reason: str
    message: str
    last_transition_time: datetime
    observed_generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretReference:
    """What was published last, and at which version: a mismatch means that somebody else wrote it."""

    name: str
    uid: str
    resource_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationStatus:
    """What users want to know of the registration; never a value that the server changed, only its name."""

    registered_at: datetime
    secret_expires_at: datetime | None
    manageable: bool
    deviations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspectedOrphan:
    """A registration whose answer was lost."""

    attempt: int
    issuer: str
    sent_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The whole status; `registration` is only written, never read back."""

    observed_generation: int = -1
    client_id: str | None = None
    secret: SecretReference | None = None
    registration: RegistrationStatus | None = None
    suspected_orphans: tuple[SuspectedOrphan, ...] = ()
    conditions: tuple[Condition, ...] = ()

    @classmethod
    def parse(cls, status: Mapping[str, JSON]) -> "Status":
        """Read a status; what is malformed counts as absent, for all of it can be rebuilt."""
        secret, registration = child(status, "secret"), child(status, "registration")
        reference = [text(secret, part) for part in ("name", "uid", "resourceVersion")]
        return cls(
            observed_generation=number(status, "observedGeneration") if "observedGeneration" in status else -1,
            client_id=text(status, "clientID"),
            secret=SecretReference(name=str(reference[0]), uid=str(reference[1]), resource_version=str(reference[2]))
            if all(reference)
            else None,
            registration=_registration(registration),
            suspected_orphans=tuple(_orphan(o) for o in objects(status, "suspectedOrphans")),
            conditions=tuple(_condition(c) for c in objects(status, "conditions")),
        )

    @property
    def ready_reason(self) -> str | None:
        """The reason of the Ready condition."""
        return next((c.reason for c in self.conditions if c.type == ConditionType.READY), None)

    def to_json(self) -> dict[str, JSON]:
        """Return the status as JSON, what is absent left out."""
        members: dict[str, JSON] = {"observedGeneration": self.observed_generation}
        if self.client_id is not None:
            members["clientID"] = self.client_id
        if self.secret is not None:
            name, uid, version = self.secret.name, self.secret.uid, self.secret.resource_version
            members["secret"] = {"name": name, "uid": uid, "resourceVersion": version}
        if self.registration is not None:
            members["registration"] = _registration_json(self.registration)
        if self.suspected_orphans:
            members["suspectedOrphans"] = [_orphan_json(o) for o in self.suspected_orphans]
        members["conditions"] = [_condition_json(c) for c in self.conditions]
        return members

    def patch_from(self, before: "Status") -> dict[str, JSON] | None:
        """Return the merge patch from another status to this one, or None where they say the same."""
        old, new = before.to_json(), self.to_json()
        if old == new:
            return None
        gone: dict[str, JSON] = dict.fromkeys(old.keys() - new.keys())
        if isinstance(registration := new.get("registration"), dict):
            # A merge patch keeps what it does not name.
            new["registration"] = {
                **dict.fromkeys(child(old, "registration").keys() - registration.keys()),
                **registration,
            }
        return {**gone, **{k: v for k, v in new.items() if v != old.get(k)}}


def _registration(value: Mapping[str, JSON]) -> RegistrationStatus | None:
    registered_at = _time(text(value, "registeredAt"))
    if registered_at is None:
        return None
    deviations = value.get("deviations")
    return RegistrationStatus(
        registered_at=registered_at,
        secret_expires_at=_time(text(value, "secretExpiresAt")),
        manageable=value.get("manageable") is True,
        deviations=tuple(d for d in deviations if isinstance(d, str)) if isinstance(deviations, list) else (),
    )


def _registration_json(value: RegistrationStatus) -> dict[str, JSON]:
    optional: dict[str, JSON] = {}
    if value.secret_expires_at is not None:
        optional["secretExpiresAt"] = _rfc3339(value.secret_expires_at)
    if value.deviations:
        optional["deviations"] = list(value.deviations)
    return {
        "registeredAt": _rfc3339(value.registered_at),
        "manageable": value.manageable,
        **optional,
    }


def _orphan(value: Mapping[str, JSON]) -> SuspectedOrphan:
    return SuspectedOrphan(
        attempt=number(value, "attempt"),
        issuer=text(value, "issuer") or "",
        sent_at=_time(text(value, "sentAt")) or _EPOCH,
        until=_time(text(value, "until")) or _EPOCH,
    )


def _orphan_json(value: SuspectedOrphan) -> JSON:
    return {
        "attempt": value.attempt,
        "issuer": value.issuer,
        "sentAt": _rfc3339(value.sent_at),
        "until": _rfc3339(value.until),
    }


def _condition(value: Mapping[str, JSON]) -> Condition:
    return Condition(
        type=text(value, "type") or "",
        status=text(value, "status") or "Unknown",
        reason=text(value, "reason") or "",
        message=text(value, "message") or "",
        last_transition_time=_time(text(value, "lastTransitionTime")) or _EPOCH,
        observed_generation=number(value, "observedGeneration"),
    )


def _condition_json(value: Condition) -> JSON:
    return {
        "type": value.type,
        "status": value.status,
        "reason": value.reason,
        "message": value.message,
        "lastTransitionTime": _rfc3339(value.last_transition_time),
        "observedGeneration": value.observed_generation,
    }


def _time(value: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if value else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo is not None else found.replace(tzinfo=UTC)


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
