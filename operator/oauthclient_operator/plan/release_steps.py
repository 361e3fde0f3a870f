"""The steps by which a resource is let go, and its record after it."""

from dataclasses import dataclass

from ..record.record import ReleaseOutcome
from ..verdict.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Release:
    """Write down that the resource may go."""

    outcome: ReleaseOutcome
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class ConfirmRelease:
    """Write down that what was left behind is gone by now."""


@dataclass(frozen=True, slots=True)
class DeleteRecord:
    """Delete a record that nobody can need any more."""


@dataclass(frozen=True, slots=True)
class RemoveFinalizer:
    """Let the resource go."""


OfRelease = Release | ConfirmRelease | DeleteRecord | RemoveFinalizer
