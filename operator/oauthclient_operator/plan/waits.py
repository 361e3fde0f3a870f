"""Several things that wait, as one: what is said first, and what comes soonest."""

from dataclasses import replace
from datetime import datetime

from ..names import Reason
from ..record.replacements import ReplacementReason
from .action import Renewal, Wait


def merged(
    action: Wait,
    replacement: Wait | None,
    at: datetime | None,
    why: tuple[ReplacementReason, ...],
    *,
    elsewhere: bool,
) -> Wait:
    """Return what is said and waited for where upkeep has nothing to do, and a replacement waits if there is one."""
    if replacement is None:
        return replace(action, until=_sooner(action.until, at), renewal=Renewal(at=at))
    # What the spec asks of another client is not there yet: that is what Ready is about.
    verdict = replacement.verdict if elsewhere else action.verdict
    if action.verdict.reason is Reason.SECRET_EXPIRED and replacement.verdict.stalled:
        # Nothing works by now, and it does not mend itself.
        verdict = replace(verdict, stalled=True)
    return replace(
        action,
        verdict=verdict,
        # Time brings another reason, too, which does not wait for what this one waits for.
        until=_sooner(action.until, replacement.until, at),
        failed=action.failed or replacement.failed,
        renewal=Renewal(at=at, reasons=why, verdict=replacement.verdict),
    )


def first_of(*waits: Wait | None) -> Wait | None:
    """Return the first of what is waited for, until the soonest of all."""
    there = [wait for wait in waits if wait is not None]
    if not there:
        return None
    # What failed is counted, whichever of them is said: else it would be tried again at once, and again.
    failed = next((wait.failed for wait in there if wait.failed is not None), None)
    return replace(there[0], until=_sooner(*(wait.until for wait in there)), failed=failed)


def _sooner(*dates: datetime | None) -> datetime | None:
    return min((at for at in dates if at is not None), default=None)
