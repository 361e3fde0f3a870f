"""Since when a person asks that whatever waits be tried now, and of what that was not done yet."""

from dataclasses import dataclass, replace
from datetime import datetime

from ..issuer.caller import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """The annotation, and when it asked that metadata be fetched, and an access token asked for, until that is done."""

    value: str | None = None
    metadata: datetime | None = None
    access: datetime | None = None

    def heard(self, value: str | None, now: datetime) -> "Asking":
        """Return what is asked when the annotation has that value."""
        if value in (None, self.value):
            return self
        return Asking(value=value, metadata=now, access=now)


def asked(caller: Caller, since: datetime | None, now: datetime) -> Caller:
    """Return a caller whom a person has asked since then, if one has."""
    return replace(caller, asked_ago=None if since is None else max(0.0, (now - since).total_seconds()))
