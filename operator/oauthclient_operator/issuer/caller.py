"""On whose behalf an issuer is talked to, and how those are woken that wait for their turn."""

from collections.abc import Callable
from dataclasses import dataclass

Key = tuple[str, str]
"""Namespace and name of a resource."""
Wake = Callable[[Key], None]
"""Is told the key of a resource for which it is worth coming again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A resource that wants something of an issuer; its namespace is the tenant."""

    namespace: str
    name: str
    uid: str
    queues: bool = True
    """Whether it waits in the queue for what is not free now, to be woken; else it comes again by itself."""

    @property
    def key(self) -> Key | None:
        """The key under which it waits, if it does."""
        return (self.namespace, self.name) if self.queues else None
