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
from ..reach import IssuerAddress
from ..resource.discovery import elsewhere
from ..resource.key import Key
from .caller import Caller, Changed, Tenant, Wake, WakeAfter
from .circuit_breakers import CircuitBreakers
from .concurrency_limits import PROOFS_PER_ISSUER, ConcurrencyLimits
from .discovery import Discovery, DoorTo
from .discovery_cache import DiscoveryCache
from .metadata_readers import MetadataReaders


class AuthorizationServers:
    """All authorization servers, each through its own door, with so many exchanges at once (`concurrency`) at each.

    `wake` is called with the key of a caller that was told to wait, or held back, when it is worth coming again,
    `wake_after` with that of one that was told of metadata, and in how many seconds, when there are others. `changed`
    is called with an issuer to which calls, or fetches of its metadata, come to nothing from now on, or no longer.
    """

    def __init__(
        self,
        door_to: DoorTo,
        *,
        exchange_timeout: float,
        concurrency: int,
        wake: Wake = lambda _key: None,
        wake_after: WakeAfter = lambda _key, _delay: None,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
        changed: Changed = lambda _issuer: None,
    ) -> None:
        self._door_to = door_to
        self._limits = ConcurrencyLimits(wake, per_issuer=concurrency)
        self._proofs = ConcurrencyLimits(wake, per_issuer=PROOFS_PER_ISSUER)
        self._breakers = CircuitBreakers(clock, chance, wake, changed)
        self._nonces = Nonces()
        self._readers = MetadataReaders(wake_after, clock)
        discovery = Discovery(door_to, self._nonces, timeout=exchange_timeout)
        self._cache = DiscoveryCache(
            discovery.fetch,
            trust=self.trust,
            clock=clock,
            chance=chance,
            changed=changed,
            replaced=self._readers.replaced,
        )

    def trust(self, issuer: IssuerAddress) -> str:
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

        Where a person has asked that it be tried now, they are fetched anew, as often as persons may have that.
        A registration endpoint that is known beforehand goes before theirs, and is in no cache: it is one resource's
        word. With it an issuer needs no metadata at all, but a document that is named has to be there.

        Raises:
            IssuerBusy: they are being fetched for another caller, or there is no slot to fetch them; or a person is to
                have them fetched in so many seconds.
            IssuerNotAsked: our own side did not get it done.
            EgressRefused, IssuerUnavailable, DiscoveryFailed: there are none to be had.
        """
        if registration_endpoint is None:
            return await self._metadata(source, caller, max_age)
        if not self.admits_endpoint(source.address, registration_endpoint):
            raise EgressRefused(elsewhere("registrationEndpoint"))
        try:
            found = await self._metadata(source, caller, max_age)
        except MetadataMissing:
            if source.url is not None:
                raise
            found = no_metadata(source.issuer)
        return replace(found, registration_endpoint=registration_endpoint)

    async def look(
        self, source: MetadataSource, caller: Caller, *, registration_endpoint: str | None = None
    ) -> ServerMetadata:
        """Return an issuer's metadata as `discover` does, for who wants to know whether it works at all.

        Where nobody has tried a call for long after some failed, this is the trial, and the metadata are fetched anew.

        Raises:
            IssuerUnavailable: also while calls to it are held back for all, and then nothing is asked, but where a
                person has asked for it.
        """
        outage = self._breakers.outage(source.address)
        if outage is not None and outage.retry_after:
            if caller.asked_ago is not None:
                # A person's word is served all the same: what they say now is known when calls go on.
                await self.discover(source, caller, registration_endpoint=registration_endpoint)
            raise outage
        max_age = None if outage is None else 0.0
        return await self.discover(source, caller, registration_endpoint=registration_endpoint, max_age=max_age)

    async def exchange(
        self,
        request: Request,
        issuer: IssuerAddress,
        *,
        tenant: Tenant | None = None,
        timeout: float,  # noqa: ASYNC109 - see Door.exchange
        may_begin: Callable[[], str | None] | None = None,
    ) -> Answer:
        """Send a request to an issuer once, as `Door.exchange` does; the caller, of that tenant, holds a slot."""
        answer = await self._door_to(issuer).exchange(request, timeout=timeout, may_begin=may_begin, tenant=tenant)
        if isinstance(answer, Response):
            self._nonces.learn(request.url, answer.headers, (issuer.reach, tenant))
        return answer

    def nonce(self, url: str, issuer: IssuerAddress, tenant: Tenant | None = None) -> str | None:
        """Return the newest nonce for a DPoP proof that a URL's origin gave an issuer's tenant with any response."""
        return self._nonces.of(url, (issuer.reach, tenant))

    @contextmanager
    def slot(
        self, issuer: IssuerAddress, caller: Caller, *, anyway: bool = False
    ) -> Iterator[Callable[[Answer], None]]:
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

    def keep_slot(self, issuer: IssuerAddress, caller: Caller) -> None:
        """Have the slot that a caller holds reserved for itself when it gives it back: it wants another one at once."""
        self._limits.keep(issuer, caller)

    @contextmanager
    def proof_slot(self, issuer: IssuerAddress, caller: Caller) -> Iterator[None]:
        """Hold one of the few places for proofs of credentials at an issuer, beside the slot.

        Raises:
            IssuerBusy: there is none now; a caller that queues is woken when it is its turn.
        """
        self._proofs.acquire(issuer, caller)
        try:
            yield
        finally:
            self._proofs.release(issuer, caller)

    def remembers(self, source: MetadataSource, *, max_age: float | None = None) -> bool:
        """Whether `discover` would be answered from memory."""
        return self._cache.remembers(source, max_age=max_age)

    def withdraw(self, key: Key) -> None:
        """Take a resource out of the queue for a slot, or give up the one that is reserved for it."""
        self._limits.withdraw(key)
        self._proofs.withdraw(key)

    def dismiss(self, key: Key) -> None:
        """Take leave of a resource that is gone: nothing of it waits for an issuer any more."""
        self.withdraw(key)
        self._breakers.forget(key)
        self._readers.forget(key)

    def turns(self, issuer: IssuerAddress, namespace: str) -> object:
        """Return a value that is another one once what an issuer's failures held back may go on."""
        return self._breakers.turns(issuer, namespace)

    def content(self, key: Key) -> None:
        """Take note that a resource waits for nothing: it need not be looked at when there are other metadata."""
        self._readers.content(key)

    def metadata_turns(self, key: Key) -> object:
        """Return a value that is another one once there are other metadata than those by which a key went."""
        return self._readers.turns(key)

    def admits_endpoint(self, issuer: IssuerAddress, url: str) -> bool:
        """Say whether a URL that the issuer named may be called for it (`EgressPolicy.admits_endpoint`)."""
        return self._door_to(issuer).policy.admits_endpoint(issuer.issuer, url)

    async def close(self) -> None:
        """End the fetches under way."""
        await self._cache.close()

    async def _metadata(self, source: MetadataSource, caller: Caller, max_age: float | None) -> ServerMetadata:
        self._readers.asks(source, caller)
        try:
            return await self._cache.metadata(
                source,
                max_age=max_age,
                asked_ago=caller.asked_ago,
                key=caller.queued_as,
                # It wants to call then: woken without a slot it might find none.
                fetched=lambda: self._limits.request(source.address, caller),
                tenant=caller.tenant,
                slot=lambda: self._slot(source.address, caller),
            )
        finally:
            self._readers.told(source, caller)

    @contextmanager
    def _slot(self, issuer: IssuerAddress, caller: Caller) -> Iterator[None]:
        self._limits.acquire(issuer, caller)
        try:
            yield
        finally:
            self._limits.release(issuer, caller)
