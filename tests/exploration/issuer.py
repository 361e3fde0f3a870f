"""An authorization server as a value: clients, tokens, and what a registration, an update and a deletion make of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

ISSUER = "https://issuer.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What a server does where the RFCs leave it a choice.

    `rotates`: every update brings a new registration access token. `renews`: and a new client secret. `single_use`:
    an initial access token is good for one registration. `repeats_itself`: whoever registers gets the first client.
    """

    rotates: bool = True
    renews: bool = False
    single_use: bool = False
    repeats_itself: bool = False


@dataclass(frozen=True, slots=True)
class Registered:
    """One client at the server."""

    client_id: str
    secret: str
    token: str
    metadata: Mapping[str, Any]

    def members(self) -> dict[str, Any]:
        """Return the client information response."""
        return {
            "client_id": self.client_id,
            **self.metadata,
            "client_secret": self.secret,
            "client_secret_expires_at": 0,
            "registration_access_token": self.token,
            "registration_client_uri": f"{ISSUER}/register/{self.client_id}",
        }


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete response; `did` says that the request took effect, and on which client."""

    status: int
    members: Mapping[str, Any] | None = None
    did: str | None = None


@dataclass(frozen=True, slots=True)
class Issuer:
    """The server."""

    dialect: Dialect = field(default_factory=Dialect)
    clients: Mapping[str, Registered] = field(default_factory=dict)
    tokens: frozenset[str] = frozenset()
    number: int = 1

    def request(self, method: str, url: str, token: str | None, body: Mapping[str, Any]) -> tuple["Issuer", Reply]:
        """Take a request."""
        if method == "POST":
            return self._register(token, body)
        client = self.clients.get(url.rpartition("/")[2])
        if client is None or client.token != token:
            return self, Reply(401, {"error": "invalid_token"})
        others = {k: c for k, c in self.clients.items() if k != client.client_id}
        if method == "DELETE":
            return replace(self, clients=others), Reply(204, did=client.client_id)
        updated = replace(client, metadata={k: v for k, v in body.items() if not k.startswith("client_id")})
        number = self.number
        if self.dialect.rotates:
            updated, number = replace(updated, token=f"rat{number}"), number + 1
        if self.dialect.renews:
            updated, number = replace(updated, secret=f"sec{number}"), number + 1
        after = replace(self, clients={**others, client.client_id: updated}, number=number)
        return after, Reply(200, updated.members(), did=client.client_id)

    def _register(self, token: str | None, metadata: Mapping[str, Any]) -> tuple["Issuer", Reply]:
        if self.dialect.single_use and token not in self.tokens:
            return self, Reply(401, {"error": "invalid_token"})
        if self.dialect.repeats_itself and self.clients:
            first = next(iter(self.clients.values()))
            return self, Reply(201, first.members(), did=first.client_id)
        number = self.number
        client = Registered(f"client{number}", f"sec{number}", f"rat{number}", dict(metadata))
        after = replace(
            self,
            clients={**self.clients, client.client_id: client},
            tokens=self.tokens - {token or ""},
            number=number + 1,
        )
        return after, Reply(201, client.members(), did=client.client_id)

    def rejects(self, client_id: str | None, secret: str | None) -> bool:
        """Whether credentials are of no use."""
        client = self.clients.get(client_id or "")
        return client is None or client.secret != secret
