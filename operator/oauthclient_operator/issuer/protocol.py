"""The issuers as one thing to hold: discovery, exchanges and their limits behind the verbs that the reconciler uses."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

from ..egress.door import Door
from ..errors import EgressRefused, MetadataMissing
from ..exchange import Answer, Request
from ..oauth.metadata_source import MetadataSource
from ..oauth.rfc8414 import ServerMetadata, no_metadata
from .cache import DiscoveryCache
from .discovery import Discovery, elsewhere
from .limits import Limits


class Issuer:
    """Every authorization server there is, reached through one door."""

    def __init__(self, door: Door, *, exchange_timeout: float, at_once: int) -> None:
        self._door = door
        self._limits = Limits(at_once)
        discovery = Discovery(door, self._limits, timeout=exchange_timeout)
        self._cache = DiscoveryCache(discovery.fetch, trust=lambda: door.trust)

    @property
    def trust(self) -> str:
        """The name of the trust in use: part of a registration record."""
        return self._door.trust

    async def discover(
        self, source: MetadataSource, *, registration_endpoint: str | None = None, max_age: float | None = None
    ) -> ServerMetadata:
        """Return an issuer's metadata, fetched no longer than `max_age` seconds ago where it is given.

        A registration endpoint that is known beforehand goes before theirs, and is in no cache: it is one resource's
        word. With it an issuer needs no metadata at all, but a document that is named has to be there.

        Raises:
            EgressRefused, IssuerUnavailable, DiscoveryError: there are none to be had.
        """
        if registration_endpoint is None:
            return await self._cache.metadata(source, max_age=max_age)
        if not self.admits_endpoint(source.issuer, registration_endpoint):
            raise EgressRefused(elsewhere("registrationEndpoint"))
        try:
            found = await self._cache.metadata(source, max_age=max_age)
        except MetadataMissing:
            if source.url is not None:
                raise
            found = no_metadata(source.issuer)
        return replace(found, registration_endpoint=registration_endpoint)

    async def exchange(
        self,
        request: Request,
        *,
        timeout: float,  # noqa: ASYNC109 - see Door.exchange
        may_begin: Callable[[], str | None] | None = None,
    ) -> Answer:
        """Send a request once, as `Door.exchange` does; the caller holds a slot of the issuer."""
        return await self._door.exchange(request, timeout=timeout, may_begin=may_begin)

    def slot(self, issuer: str) -> AbstractAsyncContextManager[None]:
        """Hold one of the issuer's places while talking to it."""
        return self._limits.slot(issuer)

    def admits_endpoint(self, issuer: str, url: str) -> bool:
        """Say whether a URL that the issuer named may be called for it (`EgressPolicy.admits_endpoint`)."""
        return self._door.policy.admits_endpoint(issuer, url)

    async def close(self) -> None:
        """End the fetches under way."""
        await self._cache.close()
