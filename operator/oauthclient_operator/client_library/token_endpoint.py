"""The token endpoint, by a configuration: the client credentials grant (RFC 6749 section 4.4)."""

import secrets
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from ..confidential import Confidential
from ..errors import (
    ClientSecretExpired,
    DiscoveryFailed,
    InvalidArgumentValue,
    IssuerUnavailable,
    TokenRequestRejected,
    TokenResponseUnusable,
)
from ..exchange import Answer, Incomplete, NotSent, Request
from ..oauth import rfc6749
from ..oauth.authentication_methods import (
    ClientAuthentication,
    ClientSecretBasic,
    ClientSecretJWT,
    ClientSecretPost,
    NotPrepared,
)
from ..oauth.client_authentication import authenticate
from ..oauth.echoes import unless_credential
from ..oauth.outcome import Rejected
from ..oauth.refusal import refusal
from ..oauth.rfc6749 import TokenResponse
from . import arguments
from .configuration import Configuration
from .failures import not_sent
from .held import held

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


async def client_credentials_grant(
    configuration: Configuration, parameters: Mapping[str, str] = _NOTHING
) -> TokenResponse:
    """Get an access token for the client itself, with the client authentication of its configuration.

    `parameters` are those of the request (RFC 6749 section 4.4.2), `scope` for instance, `resource` (RFC 8707), or an
    extension. With a DPoP key the token is bound to it, if the server binds tokens: its `token_type` says so (RFC 9449
    section 5).

        >>> import asyncio
        >>> from oauthclient_operator.client_library import Options, Response, dynamic_client_registration
        >>> async def in_memory(request, send):
        ...     if request.method == "GET":
        ...         return Response(status=200, body=b'''{
        ...             "issuer": "https://idp.example.com",
        ...             "registration_endpoint": "https://idp.example.com/reg",
        ...             "token_endpoint": "https://idp.example.com/token"
        ...         }''')
        ...     if request.url.endswith("/reg"):
        ...         return Response(status=201, body=b'{"client_id": "s6BhdRkqt3"}')
        ...     print(request.media_type, request.body.decode())
        ...     return Response(status=200, body=b'{"access_token": "2Yotn", "token_type": "bearer", "expires_in": 9}')
        >>> async def main():
        ...     metadata = {"grant_types": ["client_credentials"], "token_endpoint_auth_method": "none"}
        ...     options = Options(transport=in_memory)
        ...     configuration = await dynamic_client_registration("https://idp.example.com", metadata, options=options)
        ...     return await client_credentials_grant(configuration, {"scope": "orders"})
        >>> asyncio.run(main())
        application/x-www-form-urlencoded grant_type=client_credentials&scope=orders&client_id=s6BhdRkqt3
        TokenResponse(access_token=Confidential(…), token_type='bearer', expires_in=9, scope=None, refresh_token=None)

    Raises:
        InvalidArgumentType, InvalidArgumentValue: the parameters are not what they should be.
        DiscoveryFailed: the server has no token endpoint, or one that is not a URL.
        ClientAuthenticationImpossible: a secret, a key or a certificate is not there.
        ClientSecretExpired: the client secret is too old.
        EgressRefused: the token endpoint must not be called.
        IssuerUnavailable: no complete answer, or one that says "later".
        TokenRequestRejected: the server refused (RFC 6749 section 5.2).
        TokenResponseUnusable: it did not, and what it sent is no token that is understood.
    """
    form = arguments.token_parameters(parameters, grant_type="client_credentials")
    sent, answer = await configuration.ask(lambda: _authenticated(configuration, form))
    return _token(answer, (*held(configuration), *rfc6749.presented(sent)))


def _authenticated(configuration: Configuration, form: Mapping[str, str]) -> Request:
    endpoint = configuration.endpoint("token_endpoint")
    if endpoint is None:
        raise DiscoveryFailed("the issuer's metadata name no token_endpoint")
    _hold_to_expiry(configuration)
    problem: str
    try:
        return authenticate(
            _shown(configuration),
            server=configuration.server,
            information=configuration.information,
            form=form,
            request=rfc6749.token_request(endpoint, form),
            now=configuration.now(),
            jti=secrets.token_urlsafe(32),
        )
    except ValueError as error:
        problem = str(error)
    raise InvalidArgumentValue(f"client_authentication: {problem}")


def _shown(configuration: Configuration) -> ClientAuthentication | NotPrepared:
    """Return how the client authenticates; the name of a method that cannot be used is a server's word."""
    match configuration.client_authentication:
        case NotPrepared(method=method):
            return NotPrepared(unless_credential(method, held(configuration)))
        case authentication:
            return authentication


def _hold_to_expiry(configuration: Configuration) -> None:
    match configuration.client_authentication:
        case ClientSecretBasic(secret=None) | ClientSecretPost(secret=None) | ClientSecretJWT(secret=None):
            # RFC 7591 section 3.2.1: "Time at which the client secret will expire or 0 if it will not expire."
            expiry = configuration.information.client_secret_expires_at
            if expiry and configuration.now() > expiry + configuration.clock_tolerance:
                raise ClientSecretExpired("the client secret has expired: the server said until when it is good")


def _token(answer: Answer, hide: Sequence[Confidential]) -> TokenResponse:
    match outcome := rfc6749.judge_token(answer, *hide):
        case TokenResponse():
            return outcome
        case NotSent():
            raise not_sent(outcome, "the token request", hide)
        case Rejected(status=status):
            kind: type[IssuerUnavailable | TokenRequestRejected] = TokenRequestRejected
            if status in (408, 429) or status >= 500:
                kind = IssuerUnavailable
            raise refusal(kind, f"the token endpoint answers {outcome.sentence()}", outcome)
        case rfc6749.NoTokenResponse(cause=cause, status=status):
            if isinstance(answer, Incomplete):
                raise IssuerUnavailable(f"the token endpoint gave no complete answer: {cause}", status=status)
            raise TokenResponseUnusable(f"the token endpoint's answer cannot be used: {cause}", status=status)
