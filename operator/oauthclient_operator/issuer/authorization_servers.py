"""All authorization servers behind one object: discovery, and exchanges within the limits and past the breakers."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from ..errors import EgressRefused, MetadataMissing
from ..exchange import Answer, Request, Response
from ..oauth.metadata_source import MetadataSource
from ..oauth.rfc8414 import ServerMetadata, no_metadata
from ..oauth.rfc9449 import Nonces
from ..resource.discovery import elsewhere
from ..resource.key import Key
from .caller import Caller, Wake
from .circuit_breakers import CircuitBreakers
from .concurrency_limits import ConcurrencyLimits
from .discovery import Discovery, DoorTo
from .discovery_cache import DiscoveryCache


class AuthorizationServers:
    """All authorization servers, each through its own door, with so many exchanges at once (`concurrency`) at each.

    `wake` is called with the key of a caller that was told to wait, when it is worth coming again.
    """

    def __init__(
        self,
        door_to: DoorTo,
        *,
        exchange_timeout: float,
        concurrency: int,
        wake: Wake = lambda _key: None,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._door_to = door_to
        self._limits = ConcurrencyLimits(wake, per_issuer=concurrency)
        self._breakers = CircuitBreakers(clock, chance)
        self._nonces = Nonces()
        discovery = Discovery(door_to, self._nonces, timeout=exchange_timeout)
        self._cache = DiscoveryCache(discovery.fetch, trust=self.trust, clock=clock, wake=wake, chance=chance)

    def trust(self, issuer: str) -> str:
        """Return the name of the trust under which an issuer is reached: part of a registration record."""
        return self._door_to(issuer).trust

    async def discover(
        self,
        source: MetadataSource,
        caller: Caller,
        *,
        registration_endpoint: str | None = None,
        max_age: float | None = None,
    ) -> ServerMetadata:
        """Return an issuer's metadata, fetched no longer than `max_age` seconds ago where it is given.

        A registration endpoint that is known beforehand goes before theirs, and is in no cache: it is one resource's
        word. With it an issuer needs no metadata at all, but a document that is named has to be there.

        Raises:
            IssuerBusy: they are being fetched for another caller, or there is no slot to fetch them.
            EgressRefused, IssuerUnavailable, DiscoveryFailed: there are none to be had.
        """
        if registration_endpoint is None:
            return await self._metadata(source, caller, max_age)
        if not self.admits_endpoint(source.issuer, registration_endpoint):
            raise EgressRefused(elsewhere("registrationEndpoint"))
        try:
            found = await self._metadata(source, caller, max_age)
        except MetadataMissing:
            if source.url is not None:
                raise
            found = no_metadata(source.issuer)
        return replace(found, registration_endpoint=registration_endpoint)

    async def exchange(
        self,
        request: Request,
        issuer: str,
        *,
        timeout: float,  # noqa: ASYNC109 - see Door.exchange
        may_begin: Callable[[], str | None] | None = None,
    ) -> Answer:
        """Send a request to an issuer once, as `Door.exchange` does; the caller holds a slot of that issuer."""
        answer = await self._door_to(issuer).exchange(request, timeout=timeout, may_begin=may_begin)
        if isinstance(answer, Response):
            self._nonces.learn(request.url, answer.headers)
        return answer

    def nonce(self, url: str) -> str | None:
        """Return the newest nonce for a DPoP proof that the origin of a URL gave with any of its responses."""
        return self._nonces.of(url)

    @contextmanager
    def slot(self, issuer: str, caller: Caller, *, anyway: bool = False) -> Iterator[Callable[[Answer], None]]:
        """Hold one of the issuer's slots, and yield the function that has to be told what came of each exchange.

        With `anyway` it is held also where exchanges with the issuer fail in a row.

        Raises:
            IssuerBusy: there is no slot now.
            IssuerUnavailable: nothing is begun with this issuer for a while.
        """
        with self._slot(issuer, caller):
            if not anyway:
                self._breakers.begin(issuer, caller)
            try:
                yield lambda answer: self._breakers.saw(issuer, caller, answer)
            finally:
                self._breakers.end(issuer, caller)

    def withdraw(self, key: Key) -> None:
        """Take a resource out of the queue for a slot, or give up the one that is reserved for it."""
        self._limits.withdraw(key)

    def admits_endpoint(self, issuer: str, url: str) -> bool:
        """Say whether a URL that the issuer named may be called for it (`EgressPolicy.admits_endpoint`)."""
        return self._door_to(issuer).policy.admits_endpoint(issuer, url)

    async def close(self) -> None:
        """End the fetches under way."""
        await self._cache.close()

    async def _metadata(self, source: MetadataSource, caller: Caller, max_age: float | None) -> ServerMetadata:
        return await self._cache.metadata(
            source, max_age=max_age, key=caller.queued_as, slot=lambda: self._slot(source.issuer, caller)
        )

    @contextmanager
    def _slot(self, issuer: str, caller: Caller) -> Iterator[None]:
        self._limits.acquire(issuer, caller)
        try:
            yield
        finally:
            self._limits.release(issuer, caller)
