"""What became of a replacement, as it is counted."""

from datetime import datetime
from enum import StrEnum

from ..record.record import Record
from ..record.replacements import Replacement, Strategy


class RenewalOutcome(StrEnum):
    """The words of the metric `oauthclient_renewals_total`."""

    PROMOTED = "promoted"
    """What it brought is published."""
    WITHOUT_EFFECT = "without_effect"
    """It brought nothing better than what is published."""
    WITHDRAWN = "withdrawn"
    """Nothing asked for it any more."""


def ended(
    before: Record | None, after: Record | None, begun: Replacement | None
) -> tuple[Replacement, RenewalOutcome] | None:
    """Return the replacement that a step ended, and how; `begun` is one that began with the same step."""
    current = (before.replacement if before is not None else None) or begun
    if current is None or after is None or after.replacement is not None:
        return None
    if before is not None and after.edition > before.edition and after.pair != before.pair:
        return current, RenewalOutcome.PROMOTED
    if current.strategy is Strategy.SERVER and _term(before) != _term(after):
        # The same secret, for longer.
        return current, RenewalOutcome.PROMOTED
    if after.without_effect != (before.without_effect if before is not None else None):
        return current, RenewalOutcome.WITHOUT_EFFECT
    return current, RenewalOutcome.WITHDRAWN


def _term(record: Record | None) -> datetime | None:
    return record.published.credential_since if record is not None and record.published is not None else None
