"""The initial access token that a Secret holds: for whom it is, and the key that it is bound to; never kept."""

from dataclasses import dataclass, replace
from typing import Final

from .. import names
from ..confidential import Confidential
from ..errors import DPoPKeyNotSupported, InitialAccessTokenMissing, InitialAccessTokenNotForIssuer
from ..oauth.jose import PrivateKey
from ..oauth.rfc8414 import ServerMetadata
from ..oauth.rfc9449 import algorithm_for
from .addressed_secret import AddressedSecret, Contents, Recipient, addressed
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


_CONTENTS: Final = Contents(
    noun="an initial access token",
    short="token",
    secret_type=names.INITIAL_ACCESS_TOKEN_TYPE,
    missing=InitialAccessTokenMissing,
    not_for_issuer=InitialAccessTokenNotForIssuer,
)


def initial_access_token(secret: Secret | None, name: str, to: Recipient) -> InitialAccessToken:
    """Return the initial access token that a Secret holds for an issuer.

    Raises:
        InitialAccessTokenUnusable: there is none, or not for this issuer or endpoint.
    """
    found = addressed(secret, name, to, _CONTENTS, names.TOKEN_KEY)
    # RFC 6750 section 2.1: a token is visible ASCII without white space.
    token = found.required(names.TOKEN_KEY)
    if not token or not all(33 <= ord(c) <= 126 for c in token):
        raise InitialAccessTokenMissing(f"Secret {name} holds no usable initial access token in its key token")
    return InitialAccessToken(token=Confidential(token), dpop_key=_dpop_key(found))


def _dpop_key(found: AddressedSecret) -> PrivateKey | None:
    if names.DPOP_KEY not in found.secret.data:
        return None
    text = Confidential(found.required(names.DPOP_KEY))
    try:
        return PrivateKey.parse(text)
    except ValueError as refusal:
        raise InitialAccessTokenMissing(
            f"Secret {found.name} holds no usable private key in its key {names.DPOP_KEY}: {refusal}"
        ) from None
