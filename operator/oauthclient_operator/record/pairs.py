"""What an app holds: a client, and the credential it authenticates with; a reference, the values live in the client."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from ..oauth.rfc7591 import SECRET_METHODS, token_endpoint_auth_method
from .calls import fingerprint
from .clients import Adopted, Client
from .signing_keys import SigningKey

SHORTEST_LIFETIME: Final = timedelta(minutes=10)
"""A secret that lives shorter is reported when it has expired, and not chased."""
_LIVED_BEFORE: Final = 3 * SHORTEST_LIFETIME
"""So long at least lived a secret that was handed over, all told: with less left than the shortest it is renewed."""


@dataclass(frozen=True, slots=True)
class SecretOf:
    """A client secret that the server issued, by its fingerprint."""

    fingerprint: str


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A private key that the operator made, by its thumbprint."""

    kid: str


@dataclass(frozen=True, slots=True)
class NoCredential:
    """Nothing of ours: a public client, mutual TLS, or keys of the user's own."""


Credential = SecretOf | OwnKey | NoCredential


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The client of that key with that credential."""

    client: int
    credential: Credential


def pair_of(client: Client) -> Pair:
    """Return a client with its newest credential.

    RFC 7592 section 2.2: "the client MUST immediately discard its previous client secret". Of keys of our own nothing
    is discarded: it is the first that the server holds, for one that is on its way there may never come.
    """
    method = token_endpoint_auth_method(client.accepted, client.information)
    held = next((key for key in client.keys if key.kid in client.kids), None)
    if held is not None and method not in SECRET_METHODS:
        return Pair(client=client.key, credential=OwnKey(held.kid))
    secret = fingerprint(client.information.client_secret) if method in SECRET_METHODS else None
    return Pair(client=client.key, credential=NoCredential() if secret is None else SecretOf(secret))


def key_to_hand_over(client: Client, pair: Pair | None) -> SigningKey | None:
    """Return the key that goes with a client: that of the published pair, or its newest one that the server holds."""
    published = pair.credential if pair is not None and pair.client == client.key else None
    if isinstance(published, OwnKey):
        return client.signing_key(published.kid)
    return next((key for key in reversed(client.keys) if key.kid in client.kids), None)


def followed(pair: Pair, client: Client) -> Pair:
    """Return a pair as it is after its client changed: a newer secret holds at once, a key as long as it is there."""
    if isinstance(pair.credential, OwnKey) and client.signing_key(pair.credential.kid) is not None:
        return pair
    return pair_of(client)


def expiry(client: Client) -> datetime | None:
    """Return when a client's credential expires; a secret that it was given and never uses makes nothing expire.

    But where the server has the client itself end then, and with it whatever credential it has.
    """
    return secret_expiry(client) if not client.ends_at_expiry else _told_expiry(client)


def secret_expiry(client: Client) -> datetime | None:
    """Return when the client secret that a client uses expires."""
    return _told_expiry(client) if isinstance(pair_of(client).credential, SecretOf) else None


def _told_expiry(client: Client) -> datetime | None:
    at = client.information.expiry.seconds
    return datetime.fromtimestamp(at, UTC) if at else None


def secret_since(client: Client) -> datetime:
    """Return since when a client's secret has lived, as far as that is known.

    Of one that was handed over what is left is not its lifetime, be that little or nothing; nor is what the read tells
    by which it was proven.
    """
    origin, expires_at = client.origin, expiry(client)
    if not isinstance(origin, Adopted) or expires_at is None:
        return client.credential_since
    if origin.proven and client.credential_at is not None and client.credential_at > origin.at:
        return client.credential_since
    return min(client.credential_since, expires_at - _LIVED_BEFORE)
