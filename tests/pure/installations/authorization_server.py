"""The authorization server, which may be away or err for a while, and the door by which installations reach it."""

import asyncio
import base64
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import unquote_plus

from oauthclient_operator.egress.policy import EgressPolicy
from oauthclient_operator.exchange import Answer, Incomplete, NotSent, Purpose, Request, Response
from oauthclient_operator.issuer.caller import Tenant
from oauthclient_operator.reach import IssuerAddress
from tests.pure.installations import assertions
from tests.pure.installations.clock import Clock
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.platform import Server

GOOD: Final = "a-token-that-is-taken"
REGISTRAR, GOOD_SECRET = "registrar", "a-secret-that-is-taken"
WELL_KNOWN: Final = "/.well-known/"
TO_DISCOVERY: Final = "to discovery"
"""Is in the words about what a fetch of metadata came to."""
_LATENCY: Final = 0.1


class ErringServer(Server):
    """It lets in who shows a good token, or one that it gave out for good client credentials."""

    def __init__(self) -> None:
        super().__init__()
        self._clock = Clock()
        self.takes = lambda token: token == GOOD or token in self.tokens
        self.away: Callable[[Request], bool] = lambda _request: False
        """Which requests come to nothing."""
        self.comes_to: Answer = Response(status=503)
        """What comes of them."""
        self.registers_at = f"{ISSUER}/register"
        self.document: dict[str, Any] | None = {}
        """What its metadata say beside, or otherwise; None: there are none."""
        self.registrar = GOOD_SECRET
        """The client secret of who may register others."""
        self.disabled: dict[str, dict[str, Any]] = {}
        """Clients that it has, and treats as those that it does not have."""
        self.tells_whom_it_knows = False
        """Whether a proof tells wrong credentials, and a client that is disabled, from a client that is not there."""
        self.is_dated = True
        """Whether answers have a date, by which assertions are dated, so that a refusal counts (docs/proof.md)."""
        self.secret_life: timedelta | None = None
        """For how long a client secret lives that it issues; None: for ever."""
        self.expires_at = self._expires_at
        self.changed_keys: set[str] = set()
        """Whose keys an administrator has changed since its last update."""
        self.registered: set[str] = set()
        """Whom installations registered: all others people made."""
        self.ended: list[tuple[datetime, str, str | None]] = []
        """When installations deregistered which client since somebody looked, or which key they took from it."""
        self._shown: set[str] = set()
        """The assertions that were shown: each is for one request."""

    async def answer(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        """Answer as a server that is there."""
        if WELL_KNOWN in request.url:
            return self._metadata()
        if request.purpose is Purpose.PROVE:
            return self._proof(request)
        if request.method == "POST":
            if request.url == f"{ISSUER}/token" and not self._knows(request):
                return self._answer(401, {"error": "invalid_client"})
            if request.purpose is Purpose.REGISTER and request.url != self.registers_at:
                return Response(status=404)
        answer = await self.exchange(request, issuer, **options)
        if isinstance(answer, Response) and request.purpose is Purpose.REGISTER and answer.status == 201:
            self.registered.add(json.loads(answer.body)["client_id"])
        if isinstance(answer, Response) and request.method == "DELETE" and answer.status == 204:
            self.ended.append((self._clock.now(), request.url.rpartition("/")[2], None))
        return answer

    def _expires_at(self) -> int:
        return 0 if self.secret_life is None else int((self._clock.now() + self.secret_life).timestamp())

    def accepts(self, published: Mapping[str, str]) -> bool:
        """Say whether an app is let in that has read this in its Secret."""
        client = self.clients.get(published["client_id"])
        if client is None:
            return False
        if "private_key" in published:
            return assertions.accepts(client, assertions.made(published, self._clock.now()), self._clock.now())
        is_same = client["client_secret"] == published["client_secret"]
        return not has_own_keys(client) and is_same and not self._is_expired(client)

    def fails_over(self, client_id: str) -> bool:
        """Say whether it answers that client's assertions with an error of its own."""
        return self.fails_with_two_keys and len(kids(self.clients.get(client_id, {}))) > 1

    def _proof(self, request: Request) -> Answer:
        assertion = assertions.shown(request)
        client_id = _authenticated(request)[0] if assertion is None else assertions.subject(assertion)
        answer = super()._proof(request)
        client = self.clients.get(client_id, {})
        if assertion is None and (has_own_keys(client) or self._is_expired(client)):
            answer = self._answer(401, {"error": "invalid_client"})
        is_refused = isinstance(answer, Response) and answer.status == 401
        if is_refused and self.tells_whom_it_knows and client_id in {**self.clients, **self.disabled}:
            answer = self._answer(401, {"error": "unauthorized_client"})
        if assertion is not None and isinstance(answer, Response) and self.is_dated:
            answer = replace(
                answer, headers={**answer.headers, "date": format_datetime(self._clock.now(), usegmt=True)}
            )
        return answer

    def _asserted(self, assertion: str) -> Answer:
        client = self.clients.get(assertions.subject(assertion), {})
        if self.fails_over(assertions.subject(assertion)):
            return Response(status=500)
        if assertion in self._shown or not assertions.accepts(client, assertion, self._clock.now()):
            return self._answer(401, {"error": "invalid_client"})
        self._shown.add(assertion)
        return Response(status=200)

    def _updated(self, client: dict[str, Any], body: dict[str, Any]) -> Answer:
        client_id, before = client["client_id"], kids(client)
        self.changed_keys.discard(client_id)
        answer = super()._updated(client, body)
        taken = [key_id for key_id in before if key_id not in kids(self.clients[client_id])]
        self.ended += [(self._clock.now(), client_id, key_id) for key_id in taken]
        return answer

    def _is_expired(self, client: Mapping[str, Any]) -> bool:
        expires_at: int = client.get("client_secret_expires_at", 0)
        return 0 < expires_at <= self._clock.now().timestamp()

    def _metadata(self) -> Answer:
        if self.document is None:
            return Response(status=404)
        document = {
            "issuer": ISSUER,
            "registration_endpoint": self.registers_at,
            "token_endpoint": f"{ISSUER}/token",
            "revocation_endpoint": f"{ISSUER}/revoke",
            **self.document,
        }
        return Response(status=200, body=json.dumps(document).encode())

    def _knows(self, request: Request) -> bool:
        return _authenticated(request) == (REGISTRAR, self.registrar)


def has_own_keys(client: Mapping[str, Any]) -> bool:
    """Whether a client authenticates by keys, and by nothing else."""
    return client.get("token_endpoint_auth_method") == assertions.METHOD


def kids(client: Mapping[str, Any]) -> list[str]:
    """Return which keys a client has at the server."""
    return [key["kid"] for key in client.get("jwks", {}).get("keys", [])]


def _authenticated(request: Request) -> tuple[str, str]:
    """Return the client_id and the client secret by which a client authenticates (RFC 6749 section 2.3.1)."""
    written = "" if request.credentials is None else request.credentials.reveal()
    client_id, _, secret = map(unquote_plus, base64.b64decode(written).decode().partition(":"))
    return client_id, secret


class Door:
    """The way to it under one address: each exchange takes a moment, and what is not answered all the time it has."""

    trust = "system"

    def __init__(self, server: ErringServer, rng: random.Random) -> None:
        self.policy = EgressPolicy()
        self._server = server
        self._rng = rng
        self.failing: dict[str | None, bool] = {}
        """Whether the last call for a namespace's clients came to nothing, and for None the last fetch of metadata."""
        self.has_read_good_metadata = False
        """Whether the last fetch of metadata brought such as clients are registered by."""
        self.asked_at = 0.0

    async def exchange(
        self,
        request: Request,
        *,
        timeout: float,
        may_begin: Callable[[], str | None] | None = None,
        tenant: Tenant | None = None,
    ) -> Answer:
        await asyncio.sleep(self._rng.uniform(0, _LATENCY))
        if may_begin is not None and (why := may_begin()) is not None:
            return NotSent(cause=why, ours=True)
        server, fetch = self._server, WELL_KNOWN in request.url
        answer = server.comes_to
        if not server.away(request):
            answer = await server.answer(request, IssuerAddress(ISSUER), timeout=timeout, tenant=tenant)
        elif not isinstance(answer, Response):
            answer = replace(answer, cause=f"{answer.cause} {TO_DISCOVERY}") if fetch else answer
            if isinstance(answer, Incomplete):
                await asyncio.sleep(timeout)
        about = None if fetch or tenant is None else tenant[1]
        self.asked_at = asyncio.get_running_loop().time()
        self.failing[about] = not isinstance(answer, Response) or answer.status >= 500
        if fetch:
            self.has_read_good_metadata = isinstance(answer, Response) and answer.status == 200 and not server.document
        return answer


class Doors:
    """One installation's, each to an address of its own."""

    def __init__(self, server: ErringServer, rng: random.Random) -> None:
        self._server = server
        self._rng = rng
        self._to: dict[IssuerAddress, Door] = {}

    def to(self, address: IssuerAddress) -> Any:
        """Return the door to an address."""
        return self._to.setdefault(address, Door(self._server, self._rng))

    def of(self, owner: str) -> Door | None:
        """Return the one of an issuer resource's, by its UID, by which was asked last: it may have had others."""
        own = [door for at, door in self._to.items() if at.reach is not None and at.reach.owner == owner]
        return max(own, key=lambda door: door.asked_at, default=None)
