"""An authorization server that registers clients as RFC 7591 and RFC 7592 say, until a test tells it not to."""

import asyncio
import base64
import itertools
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from oauthclient_operator.reach import IssuerAddress
from tests.parts.certificates import Certificate
from tests.parts.misbehaving import Behaviour, MisbehavingServer, Received, respond, response, send
from tests.parts.proofs import Demand

Members = dict[str, Any]
Spoil = Callable[[bytes], Behaviour]
"""From the response that would be right to what is done in its place."""
Documents = Callable[[str, Members], Behaviour]
"""From the place that is asked for, and the metadata that would be right there, to what is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fault:
    method: str
    spoil: Spoil
    applied: bool


class MisbehavingIssuer:
    """Discovery, registration at /reg and management at /reg/<client_id>, without a store and without rights.

    `rotates` gives a new registration access token with every PUT, `renews_secret` a new client_secret;
    `renews_on_read` gives both with every GET; `manages` false is a server without RFC 7592; `path` is the issuer's; with a `demand` it registers nobody without a DPoP
    proof. Several requests at once are one after the other, as
    they came.
    """

    def __init__(
        self,
        *,
        certificate: Certificate | None = None,
        initial_access_token: str | None = None,
        rotates: bool = True,
        renews_secret: bool = False,
        renews_on_read: bool = False,
        manages: bool = True,
        path: str = "",
        demand: Demand | None = None,
    ) -> None:
        self.server = MisbehavingServer(self._behave, certificate=certificate)
        self.initial_access_token = initial_access_token
        self.rotates = rotates
        self.renews_secret = renews_secret
        self.renews_on_read = renews_on_read
        self.manages = manages
        self.documents: Documents | None = None
        """What is at each well-known place; without it the metadata are at all of them."""
        self.path = path
        self.demand = demand
        self.clients: dict[str, Members] = {}
        self.calls: list[str] = []
        """Methods of the requests to /reg and below, as they came."""
        self._faults: deque[_Fault] = deque()
        self._changes: deque[tuple[str, Callable[[Members], Members]]] = deque()
        self._numbers = itertools.count(1)

    @property
    def issuer(self) -> str:
        return self.server.url(self.path)

    @property
    def address(self) -> IssuerAddress:
        return IssuerAddress(self.issuer)

    @property
    def fetched(self) -> list[str]:
        """The well-known places that were asked, as they were."""
        return [request.target for request in self.server.requests if "/.well-known/" in request.target]

    def spoil(self, method: str, spoil: Spoil, *, applied: bool) -> None:
        """Do something else than answer the next such request; `applied` says whether the work is done before."""
        self._faults.append(_Fault(method=method, spoil=spoil, applied=applied))

    def alter(self, method: str, change: Callable[[Members], Members]) -> None:
        """Change the client that the next such request makes or changes, and with it the answer."""
        self._changes.append((method, change))

    async def _behave(self, received: Received, writer: asyncio.StreamWriter) -> None:
        if "/.well-known/" in received.target:
            metadata = self.metadata()
            document = respond(200, metadata) if self.documents is None else self.documents(received.target, metadata)
            await document(received, writer)
            return
        if received.target == "/token":
            # Whoever asks is told whether it authenticated, as by most servers; nobody gets a token here.
            await send(self._told(received))(received, writer)
            return
        self.calls.append(received.method)
        fault = next((f for f in self._faults if f.method == received.method), None)
        if fault is not None:
            self._faults.remove(fault)
        right = self._answer(received) if fault is None or fault.applied else b""
        await (send(right) if fault is None else fault.spoil(right))(received, writer)

    def _told(self, received: Received) -> bytes:
        written = received.headers.get("authorization", "").removeprefix("Basic ")
        client_id, _, secret = map(unquote_plus, base64.b64decode(written).decode().partition(":"))
        client = self.clients.get(client_id)
        if client is None or client.get("client_secret") != secret:
            return response(401, {"error": "invalid_client"})
        return response(400, {"error": "invalid_grant"})

    def metadata(self) -> Members:
        """Return the authorization server metadata as they should be."""
        return {
            "issuer": self.issuer,
            "registration_endpoint": self.server.url("/reg"),
            "authorization_endpoint": self.server.url("/auth"),
            "token_endpoint": self.server.url("/token"),
            "jwks_uri": self.server.url("/jwks"),
        }

    def _answer(self, received: Received) -> bytes:
        bearer = received.headers.get("authorization", "").removeprefix("Bearer ")
        if (received.method, received.target) == ("POST", "/reg"):
            if self.demand is not None and (refusal := self._refusal(self.demand, received)) is not None:
                return refusal
            bearer = bearer.removeprefix("DPoP ")
            if self.initial_access_token is not None and bearer != self.initial_access_token:
                return response(401, {"error": "invalid_token"}, www_authenticate="Bearer")
            return self._register(received.json())
        client = self.clients.get(received.target.removeprefix("/reg/"))
        # RFC 7592 section 2: a client that is gone and a token that is not its own look the same.
        if not self.manages or client is None or client["registration_access_token"] != bearer:
            return response(401, {"error": "invalid_token"}, www_authenticate="Bearer")
        match received.method:
            case "GET":
                if self.renews_on_read:
                    client |= {"registration_access_token": self._secret(), "client_secret": self._secret()}
                return response(200, client)
            case "PUT":
                return self._update(client, received.json())
            case "DELETE":
                del self.clients[client["client_id"]]
                return response(204)
            case _:
                return response(405, {"error": "invalid_request"})

    def _refusal(self, demand: Demand, received: Received) -> bytes | None:
        found = demand.refusal(
            method=received.method,
            url=self.server.url(received.target),
            authorization=received.headers.get("authorization"),
            token=self.initial_access_token,
            proof=received.headers.get("dpop"),
        )
        if found is None:
            return None
        status, members, headers = found
        named: Any = {name.replace("-", "_"): value for name, value in headers.items()}
        return response(status, members, **named)

    def _register(self, metadata: Members) -> bytes:
        client_id = f"client-{next(self._numbers)}"
        issued: Members = {"client_id": client_id, "client_id_issued_at": int(time.time())}
        if metadata.get("token_endpoint_auth_method") not in {"none", "private_key_jwt"}:
            issued |= {"client_secret": self._secret(), "client_secret_expires_at": 0}
        if self.manages:
            issued |= {
                "registration_access_token": self._secret(),
                "registration_client_uri": self.server.url(f"/reg/{client_id}"),
            }
        self.clients[client_id] = self._altered("POST", metadata | issued)
        return response(201, self.clients[client_id])

    def _update(self, client: Members, metadata: Members) -> bytes:
        if metadata.get("client_id") != client["client_id"]:
            return response(400, {"error": "invalid_client_metadata", "error_description": "client_id differs"})
        issued = {
            name: client[name]
            for name in (
                "client_id",
                "client_id_issued_at",
                "client_secret",
                "client_secret_expires_at",
                "registration_access_token",
                "registration_client_uri",
            )
            if name in client
        }
        if self.rotates:
            issued["registration_access_token"] = self._secret()
        if self.renews_secret and "client_secret" in issued:
            issued["client_secret"] = self._secret()
        self.clients[client["client_id"]] = self._altered("PUT", metadata | issued)
        return response(200, self.clients[client["client_id"]])

    def _altered(self, method: str, members: Members) -> Members:
        change = next((c for c in self._changes if c[0] == method), None)
        if change is None:
            return members
        self._changes.remove(change)
        return change[1](members)

    def _secret(self) -> str:
        return f"secret-{next(self._numbers):06}"
