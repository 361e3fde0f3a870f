"""How often persons may have metadata fetched anew that are remembered.

Tenants can ask at any time, and as many of them as there are may name one issuer. So of what is remembered under one
key there is one such fetch in half a minute, whoever asks, and it serves all who asked before it began. And a tenant
that names ever other issuers has a few at once, and then one in ten seconds.
"""

from typing import Final

from ..resource.key import Kind
from ..token_bucket import TokenBuckets
from .caller import Tenant

AGAIN: Final = 30.0
"""Seconds between two such fetches of one issuer's metadata."""
AT_ONCE: Final = 10
SECONDS_PER_FETCH: Final = 10.0
"""What one tenant may have fetched so at once, and in the long run."""


class FetchesAskedFor:
    """How much each tenant has had fetched lately."""

    def __init__(self) -> None:
        self._buckets: TokenBuckets[Tenant] = TokenBuckets(rate=1 / SECONDS_PER_FETCH, burst=AT_ONCE)

    def wait(self, tenant: Tenant | None, now: float) -> float:
        """Return in how many seconds a tenant may have another one, 0 where it may now."""
        return 0.0 if tenant is None else self._buckets.wait(tenant, now)

    def spend(self, tenant: Tenant | None, now: float) -> None:
        """Count one; who looks after issuers is no tenant."""
        if tenant is not None and tenant[0] is not Kind.CLUSTER_ISSUER:
            self._buckets.take(tenant, now)
