"""The methods by which a client authenticates, as values; each is checked where it is made.

none                                               RFC 7591 section 2
client_secret_basic, client_secret_post            RFC 6749 section 2.3.1
client_secret_jwt, private_key_jwt                 OpenID Connect Core 1.0 section 9, RFC 7523 section 2.2
tls_client_auth, self_signed_tls_client_auth       RFC 8705 section 2
"""

from dataclasses import dataclass, field
from typing import ClassVar

from ..confidential import Confidential
from ..errors import InvalidArgumentType, InvalidArgumentValue
from ..exchange import ClientCertificate
from . import jose
from .json_object import is_text
from .rfc7523 import Audience, ModifyAssertion


@dataclass(frozen=True, slots=True)
class NoAuthentication:
    """A public client: it says who it is, and proves nothing."""

    method: ClassVar[str] = "none"


@dataclass(frozen=True, slots=True)
class ClientSecretBasic:
    """The client secret in the Authorization header; without one of its own, the one that the server issued."""

    secret: Confidential | None = None
    method: ClassVar[str] = "client_secret_basic"

    def __post_init__(self) -> None:
        _is_a_secret(self.secret)


@dataclass(frozen=True, slots=True)
class ClientSecretPost:
    """The client secret in the request's body; without one of its own, the one that the server issued."""

    secret: Confidential | None = None
    method: ClassVar[str] = "client_secret_post"

    def __post_init__(self) -> None:
        _is_a_secret(self.secret)


@dataclass(frozen=True, slots=True)
class ClientSecretJWT:
    """An assertion with a MAC by the client secret; without one of its own, the one that the server issued."""

    secret: Confidential | None = None
    audience: Audience = field(default=Audience.ISSUER, kw_only=True)
    modify_assertion: ModifyAssertion | None = field(default=None, kw_only=True)
    method: ClassVar[str] = "client_secret_jwt"

    def __post_init__(self) -> None:
        _is_a_secret(self.secret)
        _is_about_assertions(self.audience, self.modify_assertion)


@dataclass(frozen=True, slots=True)
class PrivateKeyJWT:
    """An assertion that is signed with the client's key.

    `kid`, or else the key's own, tells the server which one it is, where the client has registered several.
    """

    key: jose.PrivateKey
    kid: str | None = field(default=None, kw_only=True)
    audience: Audience = field(default=Audience.ISSUER, kw_only=True)
    modify_assertion: ModifyAssertion | None = field(default=None, kw_only=True)
    method: ClassVar[str] = "private_key_jwt"

    def __post_init__(self) -> None:
        _is_a("key", self.key, (jose.PrivateKey,))
        _is_a("kid", self.kid, (str, type(None)))
        _is_about_assertions(self.audience, self.modify_assertion)


@dataclass(frozen=True, slots=True)
class TLSClientAuth:
    """A certificate of an authority that the server trusts, shown in the TLS handshake."""

    certificate: ClientCertificate
    method: ClassVar[str] = "tls_client_auth"

    def __post_init__(self) -> None:
        _is_a("certificate", self.certificate, (ClientCertificate,))


@dataclass(frozen=True, slots=True)
class SelfSignedTLSClientAuth:
    """A certificate that the client has registered, shown in the TLS handshake."""

    certificate: ClientCertificate
    method: ClassVar[str] = "self_signed_tls_client_auth"

    def __post_init__(self) -> None:
        _is_a("certificate", self.certificate, (ClientCertificate,))


@dataclass(frozen=True, slots=True)
class NotPrepared:
    """A method that the server expects and that the client was given nothing for: its key, certificate or code.

    A registration that ends so is no failure, for the client exists: the first request that would authenticate is.
    """

    method: str


ClientAuthentication = (
    NoAuthentication
    | ClientSecretBasic
    | ClientSecretPost
    | ClientSecretJWT
    | PrivateKeyJWT
    | TLSClientAuth
    | SelfSignedTLSClientAuth
)


def _is_about_assertions(audience: object, modify_assertion: object) -> None:
    _is_a("audience", audience, (Audience,))
    if modify_assertion is not None and not callable(modify_assertion):
        raise InvalidArgumentType.of("modify_assertion", modify_assertion, "a function")


def _is_a(name: str, value: object, kinds: tuple[type, ...]) -> None:
    if not isinstance(value, kinds):
        raise InvalidArgumentType.of(name, value, " or ".join(kind.__name__ for kind in kinds))


def _is_a_secret(secret: object) -> None:
    if secret is None:
        return
    # A plain string is refused: the repr of this value would show it.
    _is_a("secret", secret, (Confidential,))
    revealed: object = secret.reveal() if isinstance(secret, Confidential) else None
    if not isinstance(revealed, str):
        raise InvalidArgumentType.of("what secret reveals", revealed, "a str")
    if not is_text(revealed):
        raise InvalidArgumentValue("secret holds half a surrogate pair, which is no character")
