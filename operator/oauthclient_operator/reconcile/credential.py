"""The initial access token, read when a registration needs it and never kept."""

import base64
import binascii

from .. import names
from ..confidential import Confidential
from ..errors import InitialAccessTokenMissing, InitialAccessTokenNotForIssuer
from .ports import Cluster, JSONObject


async def read_initial_access_token(cluster: Cluster, namespace: str, name: str, issuer: str) -> Confidential:
    """Read the initial access token that a Secret holds for an issuer.

    Who may create an OAuthClient but not read Secrets must not be able to send one anywhere: the Secret's own type
    says that it is an initial access token, and its own key says for whom.

    Raises:
        CredentialError: there is none, or not for this issuer.
    """
    secret = await cluster.read_secret(namespace, name)
    if secret is None:
        raise InitialAccessTokenMissing(
            f"Secret {name} does not exist; create it with type {names.INITIAL_ACCESS_TOKEN_TYPE} and the keys "
            "token and issuer"
        )
    return initial_access_token(secret, name, issuer)


def initial_access_token(secret: JSONObject, name: str, issuer: str) -> Confidential:
    """Return the token in a Secret that was read."""
    if secret.get("type") != names.INITIAL_ACCESS_TOKEN_TYPE:
        raise InitialAccessTokenMissing(
            f"Secret {name} is not an initial access token: its type must be {names.INITIAL_ACCESS_TOKEN_TYPE}"
        )
    if _value(secret, "issuer", name) != issuer:
        raise InitialAccessTokenNotForIssuer(
            f"Secret {name} names another issuer than spec.issuer, so its token is not sent there; its key issuer must "
            "hold the issuer identifier, character by character"
        )
    # A trailing newline is what an editor or `echo` adds; a token has no white space (RFC 6750 section 2.1).
    token = _value(secret, "token", name).strip()
    if not token or not all(33 <= ord(c) <= 126 for c in token):
        raise InitialAccessTokenMissing(f"Secret {name} holds no usable initial access token in its key token")
    return Confidential(token)


def _value(secret: JSONObject, key: str, name: str) -> str:
    data = secret.get("data")
    value = data.get(key) if isinstance(data, dict) else None
    if not isinstance(value, str):
        raise InitialAccessTokenMissing(f"Secret {name} has no key {key}")
    try:
        return base64.b64decode(value).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise InitialAccessTokenMissing(f"Secret {name} holds no text in its key {key}") from None
