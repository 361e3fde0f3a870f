"""How a client authenticates at the token endpoint: which method is used, and what it sends.

The methods themselves are in `authentication_methods`.
"""

import json
from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from ..confidential import Confidential
from ..errors import ClientAuthenticationImpossible
from ..exchange import ClientCertificate, Request
from . import jose, rfc6749, rfc7523
from .authentication_methods import (
    ClientAuthentication,
    ClientSecretBasic,
    ClientSecretJWT,
    ClientSecretPost,
    NoAuthentication,
    NotPrepared,
    PrivateKeyJWT,
    SelfSignedTLSClientAuth,
    TLSClientAuth,
)
from .client_information import ClientInformation
from .client_metadata import ClientMetadata
from .comparison import returned
from .json_object import JSON
from .rfc7523 import ModifyAssertion
from .rfc7591 import token_endpoint_auth_method
from .rfc8414 import ServerMetadata
from .words import cleaned

_OURS: Final = frozenset({"client_secret", "client_assertion", "client_assertion_type"})


def choose(
    explicit: ClientAuthentication | None, requested: ClientMetadata | None, information: ClientInformation
) -> ClientAuthentication | NotPrepared:
    """Return how a registered client authenticates.

    What the caller says wins, then the method that the server returned, then the one that was asked for, then the
    RFC's default. A key or a certificate cannot be guessed: where one is needed, the caller has to say so.
    """
    if explicit is not None:
        return explicit
    asked = requested if requested is not None else ClientMetadata.confirmed({})
    match method := token_endpoint_auth_method(asked, information):
        case "none":
            return NoAuthentication()
        case "client_secret_basic" if _is_public(asked, information):
            return NoAuthentication()
        case "client_secret_basic":
            return ClientSecretBasic()
        case "client_secret_post":
            return ClientSecretPost()
        case "client_secret_jwt":
            return ClientSecretJWT()
        case _:
            return NotPrepared(method)


def certificate(authentication: ClientAuthentication | NotPrepared) -> ClientCertificate | None:
    """Return the certificate that a method shows; with one, the client does mutual TLS (RFC 8705 section 5)."""
    match authentication:
        case TLSClientAuth(certificate=shown) | SelfSignedTLSClientAuth(certificate=shown):
            return shown
        case _:
            return None


def authenticate(
    authentication: ClientAuthentication | NotPrepared,
    *,
    server: ServerMetadata,
    information: ClientInformation,
    form: rfc6749.Form,
    request: Request,
    now: int,
    jti: str,
) -> Request:
    """Return a request with a form and with the client's authentication, by one method and no other.

    `now` is in seconds since the epoch, by the server's clock as far as its skew is known; `jti` is used for this
    request alone.

    Raises:
        ClientAuthenticationImpossible: what the method needs is not there.
        DiscoveryFailed: an assertion is to be for the token endpoint, and the server names none.
        ValueError: the form holds parameters of client authentication, or the key does not fit the method.
    """
    # RFC 6749 section 2.3: "The client MUST NOT use more than one authentication method in each request."
    if _OURS & form.keys() or request.authorization is not None:
        raise ValueError("the client authenticates already")
    client_id = information.client_id
    added: dict[str, str] = {}
    match authentication:
        case NoAuthentication():
            # RFC 6749 section 3.2.1: "A client MAY use the "client_id" request parameter to identify itself when
            # sending requests to the token endpoint."
            added = {"client_id": client_id}
        case ClientSecretBasic():
            request = replace(request, authorization=rfc6749.basic(client_id, _secret(authentication, information)))
        case ClientSecretPost():
            # RFC 6749 section 2.3.1: "The parameters can only be transmitted in the request-body and MUST NOT be
            # included in the request URI."
            added = {"client_id": client_id, "client_secret": _secret(authentication, information).reveal()}
        case ClientSecretJWT() | PrivateKeyJWT():
            claims = rfc7523.claims(client_id, server, authentication.audience, now=now, jti=jti)
            added = rfc7523.parameters(client_id, _assertion(authentication, information, claims))
        case TLSClientAuth(certificate=shown) | SelfSignedTLSClientAuth(certificate=shown):
            # RFC 8705 section 2: "For all requests to the authorization server utilizing mutual-TLS client
            # authentication, the client MUST include the "client_id" parameter".
            added = {"client_id": client_id}
            request = replace(request, certificate=shown)
        case NotPrepared(method=method):
            raise ClientAuthenticationImpossible(
                f'the client is registered with token_endpoint_auth_method "{cleaned(method, limit=80)}", '
                "and nothing was given to authenticate so"
            )
    return replace(request, body=urlencode({**form, **added}, doseq=True).encode(), media_type=rfc6749.FORM)


def _is_public(requested: ClientMetadata, information: ClientInformation) -> bool:
    """Whether a client is a public one although nobody said so.

    RFC 7591 section 3.2.1: "The response contains the client identifier as well as the client secret, if the client is
    a confidential client." Where a method was named, a secret that is missing is a fault and stays one.
    """
    named = returned(information.metadata, "token_endpoint_auth_method") or requested.members.get(
        "token_endpoint_auth_method"
    )
    return not named and information.client_secret is None


def _secret(
    authentication: ClientSecretBasic | ClientSecretPost | ClientSecretJWT, information: ClientInformation
) -> Confidential:
    secret = authentication.secret if authentication.secret is not None else information.client_secret
    if secret is None or not secret.reveal():
        raise ClientAuthenticationImpossible(
            f"the client authenticates with {authentication.method}, and the server issued no client_secret"
        )
    return secret


def _assertion(
    authentication: ClientSecretJWT | PrivateKeyJWT, information: ClientInformation, claims: dict[str, JSON]
) -> str:
    algorithms: tuple[str, ...] = jose.MAC_ALGORITHMS
    kid: str | None = None
    if isinstance(authentication, PrivateKeyJWT):
        algorithms, kid = authentication.key.algorithms, authentication.kid or authentication.key.kid
    # OpenID Connect Registration 1.0 section 2: requests "MUST be rejected, if the JWT is not signed with this
    # algorithm". Where it does not fit, the server is left to say so: it may have filled in a default.
    asked = returned(information.metadata, "token_endpoint_auth_signing_alg")
    header: dict[str, JSON] = {"alg": asked if asked in algorithms else algorithms[0]}
    if kid is not None:
        header["kid"] = kid
    if authentication.modify_assertion is not None:
        _modify(authentication.modify_assertion, header, claims)
    if isinstance(authentication, PrivateKeyJWT):
        return jose.sign(authentication.key, header, claims)
    return jose.mac(_secret(authentication, information), header, claims)


def _modify(modify_assertion: ModifyAssertion, header: dict[str, JSON], claims: dict[str, JSON]) -> None:
    try:
        modify_assertion(header, claims)
        problem = None if _is_json(header) and _is_json(claims) else "what it made is not JSON"
    except Exception as error:  # noqa: BLE001 - its words may be about a secret, and are neither shown nor chained
        problem = type(error).__name__
    if problem is not None:
        raise ValueError(f"modify_assertion failed ({problem})")


def _is_json(members: dict[str, JSON]) -> bool:
    try:
        json.dumps(members, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError):
        return False
    return all(isinstance(name, str) for name in members)
