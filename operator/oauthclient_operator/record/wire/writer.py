"""Writing JSON members: times in one form, credentials as they are, and nothing for what says nothing."""

from collections.abc import Mapping
from datetime import UTC, datetime

from ...confidential import Confidential
from ...oauth.json_object import JSON


def present(members: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return the members that say something."""
    return {name: value for name, value in members.items() if value is not None}


def time(moment: datetime) -> str:
    """Return a time (RFC 3339), in UTC."""
    return moment.astimezone(UTC).isoformat()


def revealed(confidential: Confidential | None) -> str | None:
    """Return a credential itself: what is written goes into a Secret and nowhere else."""
    return None if confidential is None else confidential.reveal()
