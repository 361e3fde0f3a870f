"""How an access token is obtained, by each way in: the registrar's token asked for, and exchanged at the issuer."""

import secrets
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, Protocol, assert_never

from ..confidential import Confidential
from ..errors import AccessTokenRefused, EgressRefused
from ..exchange import Answer, Request
from ..oauth.access_token import (
    ByAuthorizationGrant,
    ByClientAssertion,
    ByOwnCredentials,
    Grant,
    Requested,
    access_token_request,
    otherwise,
    presented,
    received,
)
from ..oauth.rfc8414 import ServerMetadata
from ..reach import IssuerAddress
from ..resource.access import AccessByToken, ClientCredentials, ServiceAccountToken, TokenUse
from .caller import Caller, Tenant

JWT_LIFETIME: Final = 600
"""Seconds of a service account's token that is shown once: the API server gives out none that lives shorter."""
BEARER_LIFETIME: Final = 3600

Saw = Callable[[Answer], None]
"""Is told what came of each exchange: the function that an issuer's slot yields."""
_Ask = Callable[[Request], Awaitable[Answer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which token: of which issuer, by which way, and by which version of the Secret that is used for it, if one is.

    `endpoint` is the token endpoint that the metadata name, if they do: what came of another one says nothing of it.
    `uses` says for how many registrations one is good, None: for any number. One that is good for a single use is never
    another caller's.
    """

    address: IssuerAddress
    access: AccessByToken
    version: str = ""
    endpoint: str | None = None
    uses: int | None = None

    @property
    def single_use(self) -> bool:
        """Whether one is good for one registration alone."""
        return self.uses == 1


class IssuedToken(Protocol):
    """A token of the registrar's service account."""

    @property
    def token(self) -> Confidential:
        """The token."""
        ...

    @property
    def expires_in(self) -> int:
        """For how many seconds it is good, from when it was asked for."""
        ...


class Registrar(Protocol):
    """Who gives out tokens of the registrar's service account."""

    async def token(self, audience: str, *, lifetime: int) -> IssuedToken:
        """Ask for one, with so many seconds to live."""
        ...


class Issuers(Protocol):
    """What of `AuthorizationServers` is used."""

    async def exchange(self, request: Request, issuer: IssuerAddress, *, tenant: Tenant, timeout: float) -> Answer:  # noqa: ASYNC109 - see Door.exchange
        """Send a request to an issuer once."""
        ...

    def admits_endpoint(self, issuer: IssuerAddress, url: str) -> bool:
        """Say whether a URL that an issuer named may be called for it."""
        ...

    def slot(self, issuer: IssuerAddress, caller: Caller) -> AbstractContextManager[Saw]:
        """Hold one of the issuer's slots."""
        ...


class AccessTokenRequests:
    """Obtain tokens; an exchange has `timeout` seconds, and `now` is in seconds since the epoch."""

    def __init__(self, issuers: Issuers, registrar: Registrar, *, timeout: float, now: Callable[[], float]) -> None:
        self._issuers = issuers
        self._registrar = registrar
        self._timeout = timeout
        self._now = now

    async def obtained(
        self,
        wanted: Wanted,
        server: ServerMetadata,
        caller: Caller,
        credentials: ByOwnCredentials | None,
        saw: Saw,
    ) -> tuple[Confidential, int | None]:
        """Return a token, and in how many seconds it expires where that is said; the caller holds a slot.

        Raises:
            AccessDenied, EgressRefused, IssuerUnavailable, DiscoveryFailed, ClusterError: there is none.
        """

        async def ask(request: Request) -> Answer:
            if not self._issuers.admits_endpoint(wanted.address, request.url):
                # A document could name anybody's, and would be sent what proves who we are.
                raise EgressRefused(
                    "the issuer's metadata name a token endpoint at another origin than the issuer's, and nothing is "
                    "sent there; spec.reach.endpointOrigins of the ClusterOAuthIssuer admits one"
                )
            answer = await self._issuers.exchange(request, wanted.address, tenant=caller.tenant, timeout=self._timeout)
            saw(answer)
            return answer

        match wanted.access:
            case ClientCredentials(scope=scope, audience=audience, resources=resources):
                if credentials is None:
                    raise ValueError("client credentials are to be used, and there are none")
                requested = Requested(scope=scope, audience=audience, resources=resources)
                return await self._granted(credentials, requested, server, ask)
            case ServiceAccountToken(use=use, audience=audience, client_id=client_id, scope=scope):
                lifetime = BEARER_LIFETIME if use is TokenUse.BEARER else JWT_LIFETIME
                issued = await self._registrar.token(audience or wanted.address.issuer, lifetime=lifetime)
                if use is TokenUse.BEARER:
                    return issued.token, issued.expires_in
                by = ByClientAssertion if use is TokenUse.CLIENT_ASSERTION else ByAuthorizationGrant
                return await self._granted(
                    by(assertion=issued.token, client_id=client_id), Requested(scope=scope), server, ask
                )
            case _:
                assert_never(wanted.access)

    async def _granted(
        self, grant: Grant, requested: Requested, server: ServerMetadata, ask: _Ask
    ) -> tuple[Confidential, int | None]:
        request = self._request(grant, requested, server)
        answer = await ask(request)
        if (other := otherwise(grant, answer)) is not None:
            grant, request = other, self._request(other, requested, server)
            answer = await ask(request)
        found = received(answer, presented(grant, request))
        return found.access_token, found.expires_in

    def _request(self, grant: Grant, requested: Requested, server: ServerMetadata) -> Request:
        try:
            return access_token_request(grant, requested, server, now=int(self._now()), jti=secrets.token_urlsafe(32))
        except ValueError as error:
            why = str(error)
        # Not raised in the except block: its context has seen the secret.
        raise AccessTokenRefused(f"the client credentials cannot be used: {why}")
