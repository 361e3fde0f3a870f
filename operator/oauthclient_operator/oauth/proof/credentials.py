"""The credentials that are to be proven, and those of a client that cannot exist."""

from dataclasses import dataclass, field, replace
from typing import assert_never

from ...confidential import Confidential
from ..authentication_methods import (
    ClientSecretBasic,
    ClientSecretJWT,
    ClientSecretPost,
    NoAuthentication,
    NotPrepared,
    PrivateKeyJWT,
)
from ..client_authentication import choose
from ..client_information import ClientInformation
from ..client_metadata import ClientMetadata
from ..comparison import returned
from ..jose import PrivateKey
from .probes import Authentication
from .results import NotProvable, Obstacle


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A client and how it authenticates; a secret stands in the authentication itself.

    `signing_alg` is the registered `token_endpoint_auth_signing_alg`, if there is one.
    """

    client_id: str
    authentication: Authentication
    signing_alg: str | None = None

    @property
    def asserted(self) -> bool:
        """Whether it authenticates by an assertion, which is dated."""
        return isinstance(self.authentication, ClientSecretJWT | PrivateKeyJWT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invented:
    """What no server ever issued, made up for one pair of requests.

    `client_id` is a random UUID. `value` is the token, the authorization code and its verifier, so that it has 43 to
    128 characters of base64url (RFC 7636 section 4.1). `key` is needed where the client signs with one; `jtis` are
    those of the control's assertion, of the client's, and of two more of the client's.
    """

    client_id: str
    secret: Confidential
    value: str = field(repr=False)
    jtis: tuple[str, str, str, str]
    key: PrivateKey | None = None


def credentials_of(
    information: ClientInformation, accepted: ClientMetadata, *, key: PrivateKey | None = None, kid: str | None = None
) -> Credentials | NotProvable:
    """Return the newest credentials of a registered client, or why nothing can be proven with what is known of them.

    `accepted` is the metadata that was asked for; `key` is the operator's own, with the `kid` that it is registered by.
    """
    found = choose(None, accepted, information)
    if isinstance(found, NotPrepared) and found.method == PrivateKeyJWT.method and key is not None:
        found = PrivateKeyJWT(key, kid=kid)
    algorithm = returned(information.metadata, "token_endpoint_auth_signing_alg")
    match found:
        case ClientSecretBasic() | ClientSecretPost() | ClientSecretJWT():
            if information.client_secret is None:
                return NotProvable(Obstacle.NO_SECRET)
            found = replace(found, secret=information.client_secret)
        case NoAuthentication() | PrivateKeyJWT():
            pass
        case _:
            return NotProvable(Obstacle.NO_KEY)
    return Credentials(
        client_id=information.client_id,
        authentication=found,
        signing_alg=algorithm if isinstance(algorithm, str) else None,
    )


def nobody(like: Credentials, invented: Invented) -> Credentials:
    """Return the credentials of a client that cannot exist, which authenticates as another one does.

    Raises:
        ValueError: it needs a key, and none was made up, or one that does not sign as the client's does.
    """
    authentication = like.authentication
    match authentication:
        case NoAuthentication():
            pass
        case ClientSecretBasic() | ClientSecretPost() | ClientSecretJWT():
            authentication = replace(authentication, secret=invented.secret)
        case PrivateKeyJWT(key=key, kid=kid):
            if invented.key is None or invented.key.algorithms != key.algorithms:
                raise ValueError("the control needs a key that signs as the client's does")
            named = invented.key.thumbprint if kid is not None or key.kid is not None else None
            authentication = replace(authentication, key=invented.key, kid=named)
        case _:
            assert_never(authentication)
    return replace(like, client_id=invented.client_id, authentication=authentication)
