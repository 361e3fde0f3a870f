"""An authorization server in memory that rotates the registration access token with every update."""

import itertools
import json
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

from oauthclient_operator.exchange import Answer, NotSent, Request, Response
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.oauth.rfc8414 import ServerMetadata, server_metadata
from oauthclient_operator.oauth.rfc9449 import Nonces
from oauthclient_operator.resource.key import Key
from tests.parts.proofs import Demand

ISSUER = "https://issuer.example"


class AuthorizationServer:
    """Speaks RFC 7591 and RFC 7592; `calls` is its log; with a `demand` it lets in no registration without a proof."""

    def __init__(self, *, rotates: bool = True, demand: Demand | None = None) -> None:
        self.clients: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.rotates = rotates
        self.demand = demand
        self.metadata: dict[str, Any] = {}
        """What its metadata say beside the endpoints."""
        self._nonces = Nonces()
        self._numbers = itertools.count(1)

    def trust(self, issuer: str) -> str:
        return "system"

    async def discover(
        self,
        source: MetadataSource,
        caller: Caller,
        *,
        registration_endpoint: str | None = None,
        max_age: float | None = None,
    ) -> ServerMetadata:
        document = {
            "issuer": ISSUER,
            "registration_endpoint": f"{ISSUER}/register",
            "token_endpoint": f"{ISSUER}/token",
            **self.metadata,
        }
        return server_metadata(source.issuer, Response(status=200, body=json.dumps(document).encode()))

    @contextmanager
    def slot(self, issuer: str, caller: Caller, *, anyway: bool = False) -> Any:
        yield lambda _answer: None

    def withdraw(self, key: Key) -> None:
        return

    def forget(self) -> None:
        """Lose what the process of its client remembers."""
        self._nonces = Nonces()

    def nonce(self, url: str) -> str | None:
        return self._nonces.of(url)

    def admits_endpoint(self, issuer: str, url: str) -> bool:
        return url.startswith(f"{issuer}/")

    async def exchange(
        self, request: Request, issuer: str, *, timeout: float, may_begin: Callable[[], str | None] | None = None
    ) -> Answer:
        if may_begin is not None and (why := may_begin()) is not None:
            return NotSent(cause=why)
        self.calls.append(request.method)
        body = json.loads(request.body) if request.body else {}
        if request.method == "POST":
            refusal = self._refusal(request)
            if refusal is not None:
                self._nonces.learn(request.url, refusal.headers)
                return refusal
            return self._answer(201, self._made(body))
        client = self.clients.get(request.url.rpartition("/")[2])
        token = request.credentials.reveal() if request.credentials else None
        if client is None or client["registration_access_token"] != token:
            return self._answer(401, {"error": "invalid_token"})
        if request.method == "DELETE":
            del self.clients[client["client_id"]]
            return Response(status=204)
        if self.rotates:
            client["registration_access_token"] = f"rat-{next(self._numbers)}"
        kept = {k: v for k, v in client.items() if k.startswith(("client_id", "client_secret", "registration_"))}
        self.clients[client["client_id"]] = {**body, **kept}
        return self._answer(200, self.clients[client["client_id"]])

    def _refusal(self, request: Request) -> Response | None:
        if self.demand is None:
            return None
        authorization, token = request.authorization, request.credentials
        found = self.demand.refusal(
            method=request.method,
            url=request.url,
            authorization=f"{authorization.scheme} {authorization.credentials.reveal()}" if authorization else None,
            token=token.reveal() if token else None,
            proof=request.proof.reveal() if request.proof else None,
        )
        if found is None:
            return None
        status, members, headers = found
        answer = self._answer(status, members)
        return Response(status=status, headers={n.lower(): v for n, v in headers.items()}, body=answer.body)

    def _made(self, metadata: dict[str, Any]) -> dict[str, Any]:
        number = next(self._numbers)
        client_id = f"client-{number}"
        self.clients[client_id] = {
            **metadata,
            "client_id": client_id,
            "client_secret": f"secret-{number}",
            "client_secret_expires_at": 0,
            "registration_access_token": f"rat-{number}",
            "registration_client_uri": f"{ISSUER}/register/{client_id}",
        }
        return self.clients[client_id]

    @staticmethod
    def _answer(status: int, body: dict[str, Any]) -> Response:
        return Response(status=status, headers={"content-type": "application/json"}, body=json.dumps(body).encode())
