"""Proofs of clients' credentials at their issuers: the procedure of `oauth.proof` over the one door; decides nothing.

A proof changes nothing at the server and is never opened in a record: it may be sent again, and may be cancelled.
"""

import asyncio
import secrets
import time
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, Protocol

from ..confidential import Confidential
from ..exchange import Answer, Incomplete, NotSent, Request
from ..oauth import jose
from ..oauth.authentication_methods import PrivateKeyJWT
from ..oauth.proof import procedure
from ..oauth.proof.credentials import Credentials, Invented
from ..oauth.proof.probes import ProbeKind
from ..oauth.proof.results import (
    Calibrated,
    Calibration,
    Doubt,
    NotKnown,
    NotProvable,
    Obstacle,
    ProofResult,
)
from ..oauth.rfc8414 import ServerMetadata
from ..reach import IssuerAddress
from .caller import Caller, Tenant

_CHARACTERS: Final = 48
"""Bytes of chance, which are 64 characters: of a token, a code and its verifier, and of a secret."""

EXCHANGES_TIME: Final = 2
"""A whole proof takes no longer than so many exchanges may, however many it needs: a server may answer slowly."""

Saw = Callable[[Answer], None]
"""Is told what came of each exchange: the function that an issuer's slot yields."""


class Issuers(Protocol):
    """What of `AuthorizationServers` is used."""

    async def exchange(self, request: Request, issuer: IssuerAddress, *, tenant: Tenant, timeout: float) -> Answer:  # noqa: ASYNC109 - see Door.exchange
        """Send a request to an issuer once."""
        ...

    def admits_endpoint(self, issuer: IssuerAddress, url: str) -> bool:
        """Say whether a URL that an issuer named may be called for it."""
        ...

    def proof_slot(self, issuer: IssuerAddress, caller: Caller) -> AbstractContextManager[None]:
        """Hold one of the few places for proofs at an issuer."""
        ...


class Prober:
    """Calibrate and check, for a caller that holds a slot at the issuer.

    An exchange has `timeout` seconds; `now` is our clock, and `elapsed` one in seconds that never jumps.
    """

    def __init__(
        self,
        issuers: Issuers,
        *,
        timeout: float,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuers = issuers
        self._timeout = timeout
        self._now = now
        self._elapsed = elapsed
        self._keys: dict[tuple[str, ...], jose.PrivateKey] = {}

    async def calibrate(
        self,
        credentials: Credentials,
        server: ServerMetadata,
        issuer: IssuerAddress,
        caller: Caller,
        *,
        saw: Saw,
    ) -> Calibration:
        """Find what proves a client's credentials at its server: 14 exchanges at most, and mostly 2.

        Right after a registration they are known to be good; at any other time nothing is found where they are not.

        Raises:
            IssuerBusy: there are enough proofs under way at this issuer; as of a slot.
        """
        reachable = self._reachable(server, issuer)
        with self._issuers.proof_slot(issuer, caller):
            found = await procedure.calibrate(
                credentials,
                reachable,
                ask=self._asking(issuer, caller, saw),
                invent=await self._inventing(credentials),
                now=self._now,
            )
        if found == NotProvable(Obstacle.NO_ENDPOINT) and _probed(server):
            return NotProvable(Obstacle.ELSEWHERE)
        return found

    async def check(
        self,
        credentials: Credentials,
        calibrated: Calibrated,
        server: ServerMetadata,
        issuer: IssuerAddress,
        caller: Caller,
        *,
        saw: Saw,
    ) -> ProofResult:
        """Say whether the server accepts a client's credentials: 4 exchanges at most, and mostly 2.

        Raises:
            IssuerBusy: there are enough proofs under way at this issuer; as of a slot.
        """
        reachable, endpoint = self._reachable(server, issuer), calibrated.probe.kind.endpoint
        if endpoint in server.endpoints and endpoint not in reachable.endpoints:
            return NotKnown(Doubt.ELSEWHERE)
        with self._issuers.proof_slot(issuer, caller):
            return await procedure.check(
                credentials,
                calibrated,
                reachable,
                ask=self._asking(issuer, caller, saw),
                invent=await self._inventing(credentials),
                now=self._now,
            )

    def _asking(self, issuer: IssuerAddress, caller: Caller, saw: Saw) -> procedure.Ask:
        deadline = self._elapsed() + EXCHANGES_TIME * self._timeout

        async def ask(request: Request) -> Answer:
            left = deadline - self._elapsed()
            if left <= 0:
                return NotSent(cause="the server answers too slowly for a proof", ours=True)
            timeout = min(left, self._timeout)
            answer = await self._issuers.exchange(request, issuer, tenant=caller.tenant, timeout=timeout)
            cut_short = timeout < self._timeout / 2 and self._elapsed() >= deadline
            if isinstance(answer, NotSent | Incomplete) and cut_short:
                # The exchanges before it took the time that it should have had.
                answer = replace(answer, ours=True)
            saw(answer)
            return answer

        return ask

    def _reachable(self, server: ServerMetadata, issuer: IssuerAddress) -> ServerMetadata:
        """Return the metadata with the endpoints alone that credentials may be sent to.

        A tenant's document could name another issuer's, or anybody's: they are held to the issuer's origin.
        """
        admits = self._issuers.admits_endpoint
        return replace(server, endpoints={n: u for n, u in _probed(server).items() if admits(issuer, u)})

    async def _inventing(self, credentials: Credentials) -> procedure.Invent:
        key = await self._nobodys_key(credentials)

        def invent() -> Invented:
            return Invented(
                client_id=str(uuid.uuid4()),
                secret=Confidential(_name()),
                value=_name(),
                jtis=(_name(), _name(), _name(), _name()),
                key=key,
            )

        return invent

    async def _nobodys_key(self, credentials: Credentials) -> jose.PrivateKey | None:
        """Return a key that no client has, which signs as the client's does; one of a kind for as long as we run."""
        if not isinstance(credentials.authentication, PrivateKeyJWT):
            return None
        algorithms = credentials.authentication.key.algorithms
        if algorithms not in self._keys:
            # One of RSA takes its time, in which nothing else would run.
            made = await asyncio.to_thread(jose.generate, algorithms[0])
            self._keys[algorithms] = replace(made, algorithms=algorithms)
        return self._keys[algorithms]


def _name() -> str:
    return secrets.token_urlsafe(_CHARACTERS)


def _probed(server: ServerMetadata) -> dict[str, str]:
    return {kind.endpoint: url for kind in ProbeKind if (url := server.endpoints.get(kind.endpoint)) is not None}
