"""Which of the annotations that ask for something once were served, as record and status say it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields

from ..oauth.json_object import JSON
from .json_path import child, text


def fingerprint(value: str) -> str:
    """Return what is kept of an annotation's value, which may be as long as annotations can be."""
    return hashlib.sha256(value.encode(errors="replace")).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """By the name of each such annotation the fingerprint of its last value that was served, or asked for nothing."""

    retry: str | None = None
    refresh: str | None = None
    rotate: str | None = None
    prove: str | None = None

    @classmethod
    def parse(cls, status: Mapping[str, JSON]) -> "Served":
        """Read it of a status."""
        found = child(status, "served")
        return cls(**{field.name: text(found, field.name) for field in fields(cls)})

    def to_json(self) -> dict[str, JSON]:
        """Return it as JSON, what is absent left out."""
        members: dict[str, JSON] = {
            "retry": self.retry,
            "refresh": self.refresh,
            "rotate": self.rotate,
            "prove": self.prove,
        }
        return {name: value for name, value in members.items() if value is not None}
