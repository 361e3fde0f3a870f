"""What an app holds: a client, and the credential it authenticates with; a reference, the values live in the client."""

from dataclasses import dataclass

from ..oauth.rfc7591 import SECRET_METHODS, token_endpoint_auth_method
from .calls import fingerprint
from .clients import Client


@dataclass(frozen=True, slots=True)
class SecretOf:
    """A client secret that the server issued, by its fingerprint."""

    fingerprint: str


@dataclass(frozen=True, slots=True)
class NoCredential:
    """Nothing of ours: a public client, mutual TLS, or keys of the user's own."""


Credential = SecretOf | NoCredential


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The client of that key with that credential."""

    client: int
    credential: Credential


def pair_of(client: Client) -> Pair:
    """Return a client with its newest credential.

    RFC 7592 section 2.2: "the client MUST immediately discard its previous client secret".
    """
    method = token_endpoint_auth_method(client.accepted, client.information)
    secret = fingerprint(client.information.client_secret) if method in SECRET_METHODS else None
    return Pair(client=client.key, credential=NoCredential() if secret is None else SecretOf(secret))
