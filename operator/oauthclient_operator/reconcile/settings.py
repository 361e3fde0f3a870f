"""What the executor is told once, at start, and what it says of a pass at its end."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..errors import IssuerBusy
from ..names import SYSTEM_NAMESPACE
from ..plan.observed import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Who acts, and the bounds it keeps; `holder` names this process in a record's open call."""

    cluster_uid: str
    holder: str
    limits: Limits = field(default_factory=Limits)
    secret_metadata_prefixes: frozenset[str] = frozenset()
    tenant_issuers: bool = True
    """Whether an OAuthClient may name an issuer itself."""
    namespace: str = SYSTEM_NAMESPACE
    """The operator's own, where what issuers refer to is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """When to look at a key again: at a time, after a backoff of the queue's, or when something changes.

    With `queued` it waits for an issuer's slot or metadata, with `unseen` for something to be seen that it goes by. It
    is woken then, and looks by itself should nobody do that.
    """

    at: datetime | None = None
    backoff: bool = False
    queued: bool = False
    unseen: bool = False
    why: str | None = None
    """What stood in the way, for whoever waits for this pass by hand."""

    @classmethod
    def busy(cls, error: IssuerBusy, now: datetime, *, queues: bool = True) -> "Next":
        """Return what follows where it has to wait for an issuer: until it is woken, or a time that is known."""
        if error.retry_after is not None:
            return cls(at=now + timedelta(seconds=error.retry_after), why=str(error))
        return cls(queued=queues, backoff=not queues, why="the issuer is busy")

    @property
    def is_woken(self) -> bool:
        """Whether it waits for what wakes it."""
        return self.queued or self.unseen
