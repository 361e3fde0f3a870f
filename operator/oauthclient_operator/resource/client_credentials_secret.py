"""The client credentials that a Secret holds, by which the operator obtains access tokens: for whom; never kept."""

from typing import Final, assert_never

from .. import names
from ..confidential import Confidential
from ..errors import ClientCredentialsMissing, ClientCredentialsNotForIssuer
from ..oauth.access_token import ByOwnCredentials, OwnAuthentication
from ..oauth.authentication_methods import ClientSecretBasic, ClientSecretJWT, ClientSecretPost, PrivateKeyJWT
from ..oauth.jose import PrivateKey
from .access import AuthenticationMethod
from .addressed_secret import AddressedSecret, Contents, Recipient, addressed
from .secret import Secret

LONGEST: Final = 16 * 1024
"""Characters of a value: an RSA key of 4096 bits has a fifth of them."""
_CLIENT_ID: Final = "client_id"
_CLIENT_SECRET: Final = "client_secret"  # noqa: S105 - a key in a Secret
_PRIVATE_KEY: Final = "private_key"
_KEY_ID: Final = "key_id"
_CONTENTS: Final = Contents(
    noun="a Secret of client credentials",
    short="content",
    secret_type=names.CLIENT_CREDENTIALS_TYPE,
    missing=ClientCredentialsMissing,
    not_for_issuer=ClientCredentialsNotForIssuer,
    endpoint_key=names.TOKEN_ENDPOINT_KEY,
)


def client_credentials(
    secret: Secret | None, name: str, to: Recipient, method: AuthenticationMethod | None = None
) -> ByOwnCredentials:
    """Return the client credentials that a Secret holds for an issuer and its token endpoint, and how they are used.

    Without a method a private key signs, and a client secret is sent as RFC 6749 section 2.3.1 has it.

    Raises:
        ClientCredentialsMissing, ClientCredentialsNotForIssuer: there are none, or not for this issuer or endpoint.
    """
    found = addressed(secret, name, to, _CONTENTS, _CLIENT_ID)
    client_id = _bounded(found, _CLIENT_ID)
    if not client_id:
        raise ClientCredentialsMissing(f"Secret {name} has no key {_CLIENT_ID}, or an empty one")
    # RFC 6749 appendix A.1: client-id = *VSCHAR.
    if not all(32 <= ord(character) <= 126 for character in client_id):
        raise ClientCredentialsMissing(f"Secret {name} holds no usable client identifier in its key {_CLIENT_ID}")
    return ByOwnCredentials(client_id=client_id, authentication=_authentication(found, method))


def _authentication(found: AddressedSecret, method: AuthenticationMethod | None) -> OwnAuthentication:
    if method is None:
        holds_key = bool(_bounded(found, _PRIVATE_KEY))
        if holds_key and _bounded(found, _CLIENT_SECRET):
            raise ClientCredentialsMissing(
                f"Secret {found.name} holds a {_CLIENT_SECRET} and a {_PRIVATE_KEY}: take one out, or say which is "
                "used by tokenEndpointAuthMethod"
            )
        method = AuthenticationMethod.PRIVATE_KEY_JWT if holds_key else AuthenticationMethod.CLIENT_SECRET_BASIC
    match method:
        case AuthenticationMethod.CLIENT_SECRET_BASIC:
            return ClientSecretBasic(_secret(found, method))
        case AuthenticationMethod.CLIENT_SECRET_POST:
            return ClientSecretPost(_secret(found, method))
        case AuthenticationMethod.CLIENT_SECRET_JWT:
            return ClientSecretJWT(_secret(found, method))
        case AuthenticationMethod.PRIVATE_KEY_JWT:
            return PrivateKeyJWT(_private_key(found, method), kid=_bounded(found, _KEY_ID) or None)
        case _:
            assert_never(method)


def _secret(found: AddressedSecret, method: AuthenticationMethod) -> Confidential:
    secret = _bounded(found, _CLIENT_SECRET)
    if not secret:
        raise ClientCredentialsMissing(
            f"Secret {found.name} has no key {_CLIENT_SECRET}, or an empty one, and {method} needs it"
        )
    return Confidential(secret)


def _private_key(found: AddressedSecret, method: AuthenticationMethod) -> PrivateKey:
    written = _bounded(found, _PRIVATE_KEY)
    if not written:
        raise ClientCredentialsMissing(
            f"Secret {found.name} has no key {_PRIVATE_KEY}, or an empty one, and {method} needs it: a private key as "
            "PEM or JWK"
        )
    try:
        return PrivateKey.parse(Confidential(written))
    except ValueError as refusal:
        why = str(refusal)
    # Not raised in the except block: its context would have read the key.
    raise ClientCredentialsMissing(f"Secret {found.name} holds no usable private key in its key {_PRIVATE_KEY}: {why}")


def _bounded(found: AddressedSecret, key: str) -> str | None:
    value = found.value(key)
    if value is not None and len(value) > LONGEST:
        raise ClientCredentialsMissing(
            f"Secret {found.name}: what stands in its key {key} is longer than {LONGEST // 1024} KiB"
        )
    return value
