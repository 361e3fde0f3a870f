"""The issuers as one thing to hold: discovery, exchanges and their limits behind the verbs that the reconciler uses."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from ..egress.door import Door
from ..exchange import Answer, Request, Response
from ..oauth.rfc8414 import DiscoveryForm, ServerMetadata
from ..oauth.rfc9449 import Nonces
from .cache import DiscoveryCache
from .discovery import Discovery
from .limits import Limits


class Issuer:
    """Every authorization server there is, reached through one door."""

    def __init__(self, door: Door, *, exchange_timeout: float, at_once: int) -> None:
        self._door = door
        self._limits = Limits(at_once)
        self._nonces = Nonces()
        discovery = Discovery(door, self._limits, self._nonces, timeout=exchange_timeout)
        self._cache = DiscoveryCache(discovery.fetch, trust=lambda: door.trust)

    @property
    def trust(self) -> str:
        """The name of the trust in use: part of a registration record."""
        return self._door.trust

    async def discover(self, issuer: str, form: DiscoveryForm, *, max_age: float | None = None) -> ServerMetadata:
        """Return an issuer's metadata, fetched no longer than `max_age` seconds ago where it is given.

        Raises:
            EgressRefused, IssuerUnavailable, DiscoveryError: there are none to be had.
        """
        return await self._cache.metadata(issuer, form, max_age=max_age)

    async def exchange(
        self,
        request: Request,
        *,
        timeout: float,  # noqa: ASYNC109 - see Door.exchange
        may_begin: Callable[[], str | None] | None = None,
    ) -> Answer:
        """Send a request once, as `Door.exchange` does; the caller holds a slot of the issuer."""
        answer = await self._door.exchange(request, timeout=timeout, may_begin=may_begin)
        if isinstance(answer, Response):
            self._nonces.learn(request.url, answer.headers)
        return answer

    def nonce(self, url: str) -> str | None:
        """Return the newest nonce for a DPoP proof that the origin of a URL gave with any of its responses."""
        return self._nonces.of(url)

    def slot(self, issuer: str) -> AbstractAsyncContextManager[None]:
        """Hold one of the issuer's places while talking to it."""
        return self._limits.slot(issuer)

    def admits_endpoint(self, issuer: str, url: str) -> bool:
        """Say whether a URL that the issuer named may be called for it (`EgressPolicy.admits_endpoint`)."""
        return self._door.policy.admits_endpoint(issuer, url)

    async def close(self) -> None:
        """End the fetches under way."""
        await self._cache.close()
