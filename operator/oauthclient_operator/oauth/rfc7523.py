"""JWT assertions (RFC 7523, and RFC 7521 below it): by which a client authenticates, and for which there are tokens."""

from collections.abc import Callable
from enum import Enum
from typing import Final, TypeAlias

from ..errors import DiscoveryFailed
from .json_object import JSON
from .rfc6749 import with_scope
from .rfc8414 import ServerMetadata

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""RFC 7523 section 2.2."""
GRANT_TYPE: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
"""RFC 7523 section 2.1."""
METHODS: Final = frozenset({"client_secret_jwt", "private_key_jwt"})
"""OpenID Connect Core 1.0 section 9."""
LIFETIME: Final = 60
"""Seconds that an assertion can be used: it is made for one request."""

ModifyAssertion: TypeAlias = Callable[[dict[str, JSON], dict[str, JSON]], None]
"""Is given the header and the claims of each assertion right before it is signed, and may change both in place."""


class Audience(Enum):
    """Whom an assertion is for."""

    ISSUER = "issuer"
    """The issuer identifier, as the update of RFC 7523 (draft-ietf-oauth-rfc7523bis) has it: what is meant for one
    authorization server cannot be used at another that only claims to have the same token endpoint."""
    TOKEN_ENDPOINT = "token_endpoint"  # noqa: S105 - a name
    """The URL of the token endpoint, for servers that know only what section 3 says: that it "MAY be used as a value
    for an "aud" element"."""


def claims(client_id: str, server: ServerMetadata, audience: Audience, *, now: int, jti: str) -> dict[str, JSON]:
    """Return the claims of an assertion (section 3); `now` is in seconds since the epoch, and `jti` used once.

    Raises:
        DiscoveryFailed: the token endpoint is to be the audience, and the server has none.
    """
    return {
        # "The JWT MUST contain an "iss" (issuer) claim that contains a unique identifier for the entity that issued the
        # JWT", and "For client authentication, the subject MUST be the "client_id" of the OAuth client."
        "iss": client_id,
        "sub": client_id,
        # "The JWT MUST contain an "aud" (audience) claim containing a value that identifies the authorization server as
        # an intended audience." One string: with a second audience another server could present the assertion.
        "aud": _audience(server, audience),
        # OpenID Connect Core 1.0 section 9 requires it.
        "jti": jti,
        "iat": now,
        "nbf": now,
        # "The JWT MUST contain an "exp" (expiration time) claim that limits the time window during which the JWT can be
        # used."
        "exp": now + LIFETIME,
    }


def parameters(client_id: str | None, assertion: str) -> dict[str, str]:
    """Return the request parameters that carry an assertion (section 2.2; RFC 7521 section 4.2)."""
    # RFC 7521 section 4.2: "If present, the value of the "client_id" parameter MUST identify the same client as is
    # identified by the client assertion." Some servers look the client up by it.
    named = {} if client_id is None else {"client_id": client_id}
    # RFC 7523 section 2.2: "It MUST NOT contain more than one JWT."
    return {**named, "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}


def authorization_grant(assertion: str, *, client_id: str | None, scope: str | None) -> dict[str, str]:
    """Return the parameters of a request that has a JWT as its authorization grant (section 2.1; RFC 7521 section 4.1).

    "Authentication of the client is optional": a client that only says who it is does so by `client_id`.
    """
    named = {} if client_id is None else {"client_id": client_id}
    # "The value of the "assertion" parameter MUST contain a single JWT."
    return with_scope({"grant_type": GRANT_TYPE, "assertion": assertion, **named}, scope)


def _audience(server: ServerMetadata, audience: Audience) -> str:
    if audience is Audience.ISSUER:
        return server.issuer
    # The one at the top level, also where an alias is called: it is the server's name here, not an address.
    token_endpoint = server.endpoints.get("token_endpoint")
    if token_endpoint is None:
        raise DiscoveryFailed(
            "the token endpoint is to be the assertion's audience, and the issuer's metadata name none"
        )
    return token_endpoint
