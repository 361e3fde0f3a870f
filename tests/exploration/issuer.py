"""Authorization servers as a value: clients, tokens, and what a registration, a read, an update and a deletion make of them.

There are two issuers, and one value for both: no two of their clients have the same name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.exploration import settings

ISSUER, OTHER = "https://issuer.example", "https://other.example"
LIFETIME = 2 * 86_400.0
"""Seconds for which a client secret lives that expires."""
MORTAL_UNTIL = LIFETIME / 4
"""A client secret that is issued later does not expire: so a world in which one is renewed comes to rest."""


def is_unwanted(metadata: Mapping[str, Any]) -> bool:
    """Whether a particular server takes no such client."""
    keys = metadata.get("jwks") or metadata.get("token_endpoint_auth_method") == "private_key_jwt"
    return metadata.get("client_name") == "Web shop" or bool(keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What a server does where the RFCs leave it a choice.

    `rotates`: every update brings a new registration access token. `renews`: and a new client secret. `single_use`:
    an initial access token is good for one registration. `reads_renew`: every read brings a new registration access
    token and a new client secret. `repeats_itself`: whoever registers gets the first client. `gives_again`: it has one
    client at a time, whose identifier is always the same, and refuses to register another one while that lives.
    `provable`: it has an endpoint that tells accepted credentials from others. `one_key`: of the public keys that it is
    told it holds the first alone. `lifetime`: for so many seconds its first client secrets live. `particular`: it takes
    no client of one name, and no keys.
    """

    rotates: bool = True
    renews: bool = False
    reads_renew: bool = False
    single_use: bool = False
    repeats_itself: bool = False
    gives_again: bool = False
    provable: bool = False
    one_key: bool = False
    lifetime: float = 0.0
    particular: bool = False


@dataclass(frozen=True, slots=True)
class Registered:
    """One client at the server; one that authenticates with keys has a secret that it is never told.

    Its secret is good until `expires_at`, or for ever if that is 0.
    """

    client_id: str
    secret: str
    token: str
    metadata: Mapping[str, Any]
    issuer: str = ISSUER
    expires_at: float = 0.0

    @property
    def keys(self) -> frozenset[str]:
        """The names of the public keys that it has."""
        return frozenset(key["kid"] for key in self.metadata.get("jwks", {}).get("keys", ()))

    def members(self) -> dict[str, Any]:
        """Return the client information response."""
        expires_at = int(settings.at(self.expires_at).timestamp()) if self.expires_at else 0
        secret = {"client_secret": self.secret, "client_secret_expires_at": expires_at}
        return {
            "client_id": self.client_id,
            **self.metadata,
            **({} if self.keys else secret),
            "registration_access_token": self.token,
            "registration_client_uri": f"{self.issuer}/register/{self.client_id}",
        }

    def accepts(self, credential: str | None, now: float) -> bool:
        """Whether it authenticates by a secret, or by the key of that name; a secret that has expired by then is none."""
        if self.keys:
            return credential in self.keys
        return credential == self.secret and not self.has_expired(now)

    def has_expired(self, now: float) -> bool:
        """Whether its secret is not good any more."""
        return not self.keys and 0 < self.expires_at <= now


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete response; `did` says that the request took effect, and on which client."""

    status: int
    members: Mapping[str, Any] | None = None
    did: str | None = None


@dataclass(frozen=True, slots=True)
class Issuer:
    """The servers of both issuers, which speak alike."""

    dialect: Dialect = field(default_factory=Dialect)
    clients: Mapping[str, Registered] = field(default_factory=dict)
    tokens: frozenset[str] = frozenset()
    number: int = 1

    def request(
        self, method: str, url: str, token: str | None, body: Mapping[str, Any], now: float
    ) -> tuple["Issuer", Reply]:
        """Take a request."""
        if method in ("POST", "PUT") and self.dialect.particular and is_unwanted(body):
            return self, Reply(400, {"error": "invalid_client_metadata"})
        if method == "POST":
            return self._register(url.removesuffix("/register"), token, body, now)
        client = self.clients.get(url.rpartition("/")[2])
        if client is None or client.token != token or not url.startswith(f"{client.issuer}/"):
            return self, Reply(401, {"error": "invalid_token"})
        others = {k: c for k, c in self.clients.items() if k != client.client_id}
        if method == "DELETE":
            return replace(self, clients=others), Reply(204, did=client.client_id)
        if method == "GET":
            return self._read(client, others, now)
        updated = replace(client, metadata=self._held({k: v for k, v in body.items() if not k.startswith("client_id")}))
        number = self.number
        if self.dialect.rotates:
            updated, number = replace(updated, token=f"rat{number}"), number + 1
        if self.dialect.renews:
            updated = replace(updated, secret=f"sec{number}", expires_at=self._expiry(now))
            number += 1
        after = replace(self, clients={**others, client.client_id: updated}, number=number)
        return after, Reply(200, updated.members(), did=client.client_id)

    def _read(self, client: Registered, others: Mapping[str, Registered], now: float) -> tuple["Issuer", Reply]:
        number = self.number
        if not self.dialect.reads_renew:
            return self, Reply(200, client.members())
        expires_at = self._expiry(now)
        renewed = replace(client, token=f"rat{number}", secret=f"sec{number + 1}", expires_at=expires_at)
        after = replace(self, clients={**others, client.client_id: renewed}, number=number + 2)
        return after, Reply(200, renewed.members(), did=client.client_id)

    def _register(
        self, issuer: str, token: str | None, metadata: Mapping[str, Any], now: float
    ) -> tuple["Issuer", Reply]:
        there = [client for client in self.clients.values() if client.issuer == issuer]
        if self.dialect.single_use and token not in self.tokens:
            return self, Reply(401, {"error": "invalid_token"})
        if self.dialect.repeats_itself and there:
            return self, Reply(201, there[0].members(), did=there[0].client_id)
        if self.dialect.gives_again and there:
            return self, Reply(400, {"error": "access_denied"})
        number = self.number
        name = f"client{number}"
        if self.dialect.gives_again:
            name = "client" if issuer == ISSUER else "other"
        held, expires_at = self._held(metadata), self._expiry(now)
        client = Registered(name, f"sec{number}", f"rat{number}", held, issuer, expires_at)
        after = replace(
            self,
            clients={**self.clients, client.client_id: client},
            tokens=self.tokens - {token or ""},
            number=number + 1,
        )
        return after, Reply(201, client.members(), did=client.client_id)

    def _held(self, metadata: Mapping[str, Any]) -> dict[str, Any]:
        keys = metadata.get("jwks", {}).get("keys", [])
        return {**metadata, "jwks": {"keys": keys[:1]}} if self.dialect.one_key and keys else dict(metadata)

    def _expiry(self, now: float) -> float:
        """Return until when a client secret is good that is issued now, in whole seconds; 0 is for ever."""
        lifetime = self.dialect.lifetime if now < MORTAL_UNTIL else 0.0
        return float(int(now + lifetime)) if lifetime else 0.0

    def rejects(self, client_id: str | None, credential: str | None, now: float) -> bool:
        """Whether a client identifier with a secret, or with the key of that name, is of no use then."""
        client = self.clients.get(client_id or "")
        return client is None or not client.accepts(credential, now)
