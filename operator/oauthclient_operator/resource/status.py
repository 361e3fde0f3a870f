"""The status of an OAuthClient, as it is read and as it is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from ..names import ConditionType
from ..oauth.json_object import JSON
from ..oauth.words import visible
from .condition import EPOCH, Condition, rfc3339
from .issuer_reference import AppliedIssuer
from .json_path import child, number, objects, text
from .rotation_status import RotationStatus
from .served import Served
from .times import moment

__all__ = [
    "CLIENT_ID_LIMIT",
    "Condition",
    "RegistrationStatus",
    "SecretReference",
    "Status",
    "SuspectedOrphan",
    "shown_client_id",
]

CLIENT_ID_LIMIT: Final = 4096
"""What the schema takes; the published Secret has it whole."""


def shown_client_id(client_id: str) -> str:
    """Return a client identifier as a status holds it: people read it there, and a server chose it."""
    return visible(client_id)[:CLIENT_ID_LIMIT]


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
    edition: int | None = None
    rotation: RotationStatus | None = None
    issuer: AppliedIssuer | None = None
    served: Served = field(default_factory=Served)
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
            edition=number(status, "edition") if "edition" in status else None,
            rotation=RotationStatus.parse(status),
            issuer=AppliedIssuer.parse(status),
            served=Served.parse(status),
            suspected_orphans=tuple(_orphan(o) for o in objects(status, "suspectedOrphans")),
            conditions=tuple(Condition.parse(c) for c in objects(status, "conditions")),
        )

    @property
    def published_at(self) -> datetime | None:
        """When the published pair became that, as it was reported."""
        return self.rotation.published_at if self.rotation is not None else None

    @property
    def client_ids(self) -> tuple[str, ...]:
        """The clients that it names: the published one, and those that are leaving."""
        leaving = (x.client_id for x in self.rotation.leaving) if self.rotation is not None else ()
        return tuple(dict.fromkeys(name for name in (self.client_id, *leaving) if name))

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
        if self.edition is not None:
            members["edition"] = self.edition
        if self.rotation is not None:
            members["rotation"] = self.rotation.to_json()
        if self.issuer is not None:
            members["issuer"] = self.issuer.to_json()
        if served := self.served.to_json():
            members["served"] = served
        if self.suspected_orphans:
            members["suspectedOrphans"] = [_orphan_json(o) for o in self.suspected_orphans]
        members["conditions"] = [c.to_json() for c in self.conditions]
        return members

    def patch_from(self, before: "Status") -> dict[str, JSON] | None:
        """Return the merge patch from another status to this one, or None where they say the same."""
        old, new = before.to_json(), self.to_json()
        if old == new:
            return None
        gone: dict[str, JSON] = dict.fromkeys(old.keys() - new.keys())
        for part in ("registration", "rotation", "issuer", "served"):
            if isinstance(members := new.get(part), dict):
                # A merge patch keeps what it does not name.
                new[part] = {**dict.fromkeys(child(old, part).keys() - members.keys()), **members}
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
        optional["secretExpiresAt"] = rfc3339(value.secret_expires_at)
    if value.deviations:
        optional["deviations"] = list(value.deviations)
    return {
        "registeredAt": rfc3339(value.registered_at),
        "manageable": value.manageable,
        **optional,
    }


def _orphan(value: Mapping[str, JSON]) -> SuspectedOrphan:
    return SuspectedOrphan(
        attempt=number(value, "attempt"),
        issuer=text(value, "issuer") or "",
        sent_at=_time(text(value, "sentAt")) or EPOCH,
        until=_time(text(value, "until")) or EPOCH,
    )


def _orphan_json(value: SuspectedOrphan) -> JSON:
    return {
        "attempt": value.attempt,
        "issuer": value.issuer,
        "sentAt": rfc3339(value.sent_at),
        "until": rfc3339(value.until),
    }


def _time(value: str | None) -> datetime | None:
    return moment(value, zone=UTC)
