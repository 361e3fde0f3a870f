"""An authorization server in memory that rotates the registration access token with every update or read."""

import base64
import itertools
import json
from collections.abc import Callable
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, unquote_plus

from oauthclient_operator.exchange import Answer, NotSent, Purpose, Request, Response
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.oauth.rfc8414 import ServerMetadata, server_metadata
from oauthclient_operator.oauth.rfc9449 import Nonces
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.resource.key import Key
from tests.parts.proofs import Demand

ISSUER = "https://issuer.example"
_PATIENCE = 60
"""Seconds that an assertion may be off."""


class AuthorizationServer:
    """Speaks RFC 7591 and RFC 7592; `calls` is its log; with a `demand` it lets in no registration without a proof.

    With `rotates_on_read` a read brings another token and another client secret, as Curity's does.
    """

    def __init__(
        self,
        *,
        rotates: bool = True,
        rotates_on_read: bool = False,
        demand: Demand | None = None,
        issuer: str = ISSUER,
    ) -> None:
        self.issuer = issuer
        self.clients: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.updates = 0
        """How many updates it took."""
        self.proofs = 0
        """How many exchanges proofs took; they are no calls."""
        self.rotates = rotates
        self.rotates_on_read = rotates_on_read
        self.demand = demand
        self.issued: dict[str, Any] = {}
        """What its answers to registrations say beside, or otherwise."""
        self.expires_at: Callable[[], int] = lambda: 0
        """When a client secret expires that is issued now."""
        self.approves: frozenset[str] | None = None
        """The software statements without one of which nobody is registered."""
        self.refuses: Response | None = None
        """What updates are answered, and change nothing."""
        self.refuses_named: str | None = None
        """Whose name is not taken by an update."""
        self.answers: dict[str, Any] = {}
        """What it makes of an update, whatever that says."""
        self.renews: Callable[[dict[str, Any]], bool] = lambda _: False
        """Whether an update of that client, now, brings another client secret."""
        self.holds_one_key = False
        self.fails_with_two_keys = False
        """As Canaille: it takes two keys of a client, and answers HTTP 500 to assertions of either."""
        self.proves = True
        """Whether it tells a client from nobody."""
        self.refuses_secrets = False
        """Whether it takes no client secret, of clients that it knows all the same."""
        self.is_down = False
        """Whether it answers proofs with HTTP 503."""
        self.metadata: dict[str, Any] = {}
        """What its metadata say beside the endpoints."""
        self._nonces = Nonces()
        self._discovered: dict[MetadataSource, datetime | None] = {}
        self.clock: Callable[[], datetime] | None = None
        """The time; without it nothing is remembered for who wants metadata of no great age."""
        self.behind = 0
        """Seconds by which its own clock is, of which no answer tells."""
        self.says_untimely = 401
        """What it answers to an assertion of another time, as to nobody, or as Keycloak does: 400."""
        self._numbers = itertools.count(1)

    def trust(self, issuer: IssuerAddress) -> str:
        return "system"

    async def discover(
        self,
        source: MetadataSource,
        caller: Caller,
        *,
        registration_endpoint: str | None = None,
        max_age: float | None = None,
    ) -> ServerMetadata:
        self._discovered[source] = None if self.clock is None else self.clock()
        document = {
            "issuer": self.issuer,
            "registration_endpoint": f"{self.issuer}/register",
            "token_endpoint": f"{self.issuer}/token",
            **self.metadata,
        }
        return server_metadata(source.issuer, Response(status=200, body=json.dumps(document).encode()))

    async def look(self, source: MetadataSource, caller: Caller, **options: Any) -> ServerMetadata:
        return await self.discover(source, caller, **options)

    @contextmanager
    def slot(self, issuer: IssuerAddress, caller: Caller, *, anyway: bool = False) -> Any:
        yield lambda _answer: None

    @contextmanager
    def proof_slot(self, issuer: IssuerAddress, caller: Caller) -> Any:
        yield

    def keep_slot(self, issuer: IssuerAddress, caller: Caller) -> None:
        return

    def withdraw(self, key: Key) -> None:
        return

    def remembers(self, source: MetadataSource, *, max_age: float | None = None) -> bool:
        if source not in self._discovered or max_age is None:
            return source in self._discovered
        fetched = self._discovered[source]
        return self.clock is not None and fetched is not None and (self.clock() - fetched).total_seconds() < max_age

    def dismiss(self, key: Key) -> None:
        return

    def turns(self, issuer: IssuerAddress, namespace: str) -> None:
        return

    def content(self, key: Key) -> None:
        return

    def metadata_turns(self, key: Key) -> object:
        return None

    def forget(self) -> None:
        """Lose what the process of its client remembers."""
        self._nonces, self._discovered = Nonces(), {}

    def nonce(self, url: str, issuer: IssuerAddress, tenant: Any = None) -> str | None:
        return self._nonces.of(url, tenant)

    def admits_endpoint(self, issuer: IssuerAddress, url: str) -> bool:
        return url.startswith(f"{issuer}/")

    async def exchange(
        self,
        request: Request,
        issuer: IssuerAddress,
        *,
        tenant: Any = None,
        timeout: float,
        may_begin: Callable[[], str | None] | None = None,
    ) -> Answer:
        if may_begin is not None and (why := may_begin()) is not None:
            return NotSent(cause=why, ours=True)
        if request.purpose is Purpose.PROVE:
            self.proofs += 1
            return self._proof(request)
        self.calls.append(request.method)
        body = json.loads(request.body) if request.body else {}
        if request.method == "POST":
            refusal = self._refusal(request)
            if refusal is not None:
                self._nonces.learn(request.url, refusal.headers, tenant)
                return refusal
            return self._answer(201, self._made(body))
        client = self.clients.get(request.url.rpartition("/")[2])
        token = request.credentials.reveal() if request.credentials else None
        if client is None or client["registration_access_token"] != token:
            return self._answer(401, {"error": "invalid_token"})
        if request.method == "DELETE":
            del self.clients[client["client_id"]]
            return Response(status=204)
        if request.method == "GET":
            if self.rotates_on_read:
                number = next(self._numbers)
                client |= {"registration_access_token": f"rat-{number}", "client_secret": f"secret-{number}"}
            return self._answer(200, client)
        return self._updated(client, body)

    def _updated(self, client: dict[str, Any], body: dict[str, Any]) -> Answer:
        if self.refuses is not None:
            return self.refuses
        if self.refuses_named is not None and body.get("client_name") == self.refuses_named:
            return self._answer(400, {"error": "invalid_client_metadata"})
        self.updates += 1
        if self.rotates:
            client["registration_access_token"] = f"rat-{next(self._numbers)}"
        if self.renews(client):
            client |= {"client_secret": f"secret-{next(self._numbers)}", "client_secret_expires_at": self.expires_at()}
        kept = {k: v for k, v in client.items() if k.startswith(("client_id", "client_secret", "registration_"))}
        if self.holds_one_key and len(body.get("jwks", {}).get("keys", [])) > 1:
            body["jwks"] = {"keys": body["jwks"]["keys"][:1]}
        self.clients[client["client_id"]] = {**body, **kept, **self.answers}
        return self._answer(200, self.clients[client["client_id"]])

    def _proof(self, request: Request) -> Answer:
        """Answer a revocation as most servers do: by who asks alone."""
        form = parse_qs(request.body.decode() if request.body else "")
        if self.is_down:
            return Response(status=503)
        if not self.proves:
            return self._answer(400, {"error": "invalid_request"})
        if "client_assertion" in form:
            return self._asserted(form["client_assertion"][0])
        written = request.authorization.credentials.reveal() if request.authorization else ""
        client_id, _, secret = map(unquote_plus, base64.b64decode(written).decode().partition(":"))
        client = self.clients.get(client_id)
        if client is None or client["client_secret"] != secret or self.refuses_secrets:
            return self._answer(401, {"error": "invalid_client"})
        return Response(status=200, headers={"date": "Thu, 01 Jan 2026 00:00:00 GMT"})

    def _asserted(self, assertion: str) -> Answer:
        """Answer a client that presents an assertion, by who it says it is and by which key; nobody forges one here."""
        header, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in assertion.split(".")[:2])
        client = self.clients.get(claims["sub"])
        kids = [key["kid"] for key in (client or {}).get("jwks", {}).get("keys", [])]
        if self.fails_with_two_keys and len(kids) > 1:
            return Response(status=500)
        if header["kid"] not in kids:
            return self._answer(401, {"error": "invalid_client"})
        if self.clock is not None and abs(claims["iat"] + self.behind - self.clock().timestamp()) > _PATIENCE:
            return self._answer(self.says_untimely, {"error": "invalid_client"})
        return Response(status=200)

    def _refusal(self, request: Request) -> Response | None:
        if self.approves is not None:
            said = json.loads(request.body or b"{}").get("software_statement")
            error = "invalid_software_statement" if said is None else "unapproved_software_statement"
            return None if said in self.approves else self._answer(400, {"error": error})
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

    def made(self, metadata: dict[str, Any]) -> dict[str, Any]:
        """Make a client, as a person does."""
        return self._made(metadata)

    def _made(self, metadata: dict[str, Any]) -> dict[str, Any]:
        number = next(self._numbers)
        client_id = f"client-{number}"
        self.clients[client_id] = {
            **metadata,
            "client_id": client_id,
            "client_secret": f"secret-{number}",
            "client_secret_expires_at": self.expires_at(),
            "registration_access_token": f"rat-{number}",
            "registration_client_uri": f"{self.issuer}/register/{client_id}",
            **self.issued,
        }
        return self.clients[client_id]

    @staticmethod
    def _answer(status: int, body: dict[str, Any]) -> Response:
        return Response(status=status, headers={"content-type": "application/json"}, body=json.dumps(body).encode())
