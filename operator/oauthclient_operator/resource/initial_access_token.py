"""The initial access token that a Secret holds: for whom it is, and the key that it is bound to; never kept."""

from dataclasses import dataclass, replace

from .. import names
from ..confidential import Confidential
from ..errors import DPoPKeyNotSupported, InitialAccessTokenMissing, InitialAccessTokenNotForIssuer
from ..oauth.jose import PrivateKey
from ..oauth.rfc8414 import URL_LIMIT, ServerMetadata
from ..oauth.rfc9449 import algorithm_for
from ..oauth.words import quoted
from .secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class InitialAccessToken:
    """An initial access token, and the private key that it is bound to (RFC 9449), if there is one beside it."""

    token: Confidential
    dpop_key: PrivateKey | None = None

    def fitted(self, server: ServerMetadata, name: str) -> "InitialAccessToken":
        """Return the same with its key held to a JWS algorithm that the server takes; `name` is the Secret's.

        Raises:
            DPoPKeyNotSupported: it takes none of the key's.
        """
        if self.dpop_key is None:
            return self
        algorithm = algorithm_for(self.dpop_key, server.dpop_signing_alg_values_supported)
        if algorithm is None:
            raise DPoPKeyNotSupported(
                f"the key {names.DPOP_KEY} of Secret {name} signs by {', '.join(self.dpop_key.algorithms)}, and the "
                "issuer's metadata have none of them in dpop_signing_alg_values_supported (RFC 9449 section 5.1)"
            )
        return replace(self, dpop_key=self.dpop_key.only(algorithm))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who would see the token; `chosen` says that the spec, and not the issuer's own metadata, names the endpoint."""

    issuer: str
    endpoint: str
    chosen: bool = False


def initial_access_token(secret: Secret | None, name: str, to: Recipient) -> InitialAccessToken:
    """Return the initial access token that a Secret holds for an issuer.

    Who may create an OAuthClient but not read Secrets must not be able to send one anywhere: the Secret's own type
    says that it is an initial access token, and its own keys say for whom.

    Raises:
        InitialAccessTokenUnusable: there is none, or not for this issuer or endpoint.
    """
    if secret is None:
        raise InitialAccessTokenMissing(
            f"Secret {name} does not exist; create it with type {names.INITIAL_ACCESS_TOKEN_TYPE} and the keys "
            "token and issuer"
        )
    if secret.type != names.INITIAL_ACCESS_TOKEN_TYPE:
        raise InitialAccessTokenMissing(
            f"Secret {name} is not an initial access token: its type must be {names.INITIAL_ACCESS_TOKEN_TYPE}"
        )
    if _required(secret, names.ISSUER_KEY, name) != to.issuer:
        raise InitialAccessTokenNotForIssuer(
            f"Secret {name} names another issuer than spec.issuer, so its token is not sent there; its key issuer must "
            "hold the issuer identifier, character by character"
        )
    named = _value(secret, names.ENDPOINT_KEY, name)
    if named is None and to.chosen:
        raise InitialAccessTokenNotForIssuer(
            f"Secret {name} does not name the registration endpoint, which spec.discovery chooses here, so its token "
            f"is not sent there; if it is for {quoted(to.endpoint, URL_LIMIT)}, its key registration_endpoint must say "
            "so, character by character"
        )
    if named is not None and named != to.endpoint:
        raise InitialAccessTokenNotForIssuer(
            f"Secret {name} names another registration endpoint in its key registration_endpoint, so its token is not "
            f"sent there; if it is for {quoted(to.endpoint, URL_LIMIT)}, the key must hold that, character by character"
        )
    # A trailing newline is what an editor or `echo` adds; a token has no white space (RFC 6750 section 2.1).
    token = _required(secret, names.TOKEN_KEY, name).strip()
    if not token or not all(33 <= ord(c) <= 126 for c in token):
        raise InitialAccessTokenMissing(f"Secret {name} holds no usable initial access token in its key token")
    return InitialAccessToken(token=Confidential(token), dpop_key=_dpop_key(secret, name))


def _dpop_key(secret: Secret, name: str) -> PrivateKey | None:
    if names.DPOP_KEY not in secret.data:
        return None
    text = Confidential(_required(secret, names.DPOP_KEY, name))
    try:
        return PrivateKey.parse(text)
    except ValueError as refusal:
        raise InitialAccessTokenMissing(
            f"Secret {name} holds no usable private key in its key {names.DPOP_KEY}: {refusal}"
        ) from None


def _required(secret: Secret, key: str, name: str) -> str:
    value = _value(secret, key, name)
    if value is None:
        raise InitialAccessTokenMissing(f"Secret {name} has no key {key}")
    return value


def _value(secret: Secret, key: str, name: str) -> str | None:
    try:
        return secret.value(key)
    except ValueError:
        raise InitialAccessTokenMissing(f"Secret {name} holds no text in its key {key}") from None
