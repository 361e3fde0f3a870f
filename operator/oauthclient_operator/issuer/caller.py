"""On whose behalf an issuer is talked to, and how those are woken that wait for their turn."""

from collections.abc import Callable
from dataclasses import dataclass

from ..reach import IssuerAddress
from ..resource.key import Key, Kind

Wake = Callable[[Key], None]
"""Is told the key for which it is worth coming again."""

WakeAfter = Callable[[Key, float], None]
"""Is told the key for which it is worth coming again in so many seconds."""

Changed = Callable[[IssuerAddress], None]
"""Is told an issuer that cannot be used from now on, or can be again."""

Tenant = tuple[Kind, str]
"""Whose limits hold: a namespace's resources', or those of what is left of deleted ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who wants something of an issuer; its namespace is the tenant."""

    key: Key
    uid: str
    queues: bool = True
    """Whether it waits in the queue for what is not free now, to be woken; else it comes again by itself."""
    gives_way: bool = False
    """Whether it leaves it to others to find out that an issuer answers again."""
    asked_ago: float | None = None
    """How many seconds ago a person asked that it be tried now, where that was not done yet."""

    @property
    def namespace(self) -> str:
        """The tenant."""
        return self.key.namespace

    @property
    def tenant(self) -> Tenant:
        """Whose limits hold: the namespace's resources', or those of what is left of deleted ones."""
        return self.key.kind, self.key.namespace

    @property
    def queued_as(self) -> Key | None:
        """The key under which it waits, if it does."""
        return self.key if self.queues else None
