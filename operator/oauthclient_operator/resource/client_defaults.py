"""What an issuer resource says for clients whose own spec does not say it (`spec.defaults`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from ..oauth.json_object import JSON
from .json_path import child
from .rotation import RotationDefaults, duration


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientDefaults:
    """`proof_interval` goes before the operator's own option; None leaves it to that."""

    proof_interval: timedelta | None = None
    rotation: RotationDefaults = field(default_factory=RotationDefaults)

    @classmethod
    def of(cls, spec: Mapping[str, JSON], problems: list[str]) -> "ClientDefaults":
        """Read `spec.defaults`; what is wrong in it is a problem, and is no default."""
        defaults = child(spec, "defaults")
        place = "spec.defaults.proof"
        interval = duration(child(defaults, "proof"), "interval", place, problems)
        if interval == timedelta():
            problems.append(f"{place}.interval: write a time above zero, e.g. 12h, or leave interval out")
            interval = None
        return cls(proof_interval=interval, rotation=RotationDefaults.of(defaults, problems))
