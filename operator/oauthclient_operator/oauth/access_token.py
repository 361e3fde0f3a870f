"""An access token to register clients with: what asks a token endpoint for one, and what its answer comes to.

By a client's own credentials, or by a JWT that somebody else issued, which the authorization server trusts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from ..confidential import Confidential
from ..errors import AccessTokenRefused, DiscoveryFailed, IssuerUnavailable
from ..exchange import Answer, Incomplete, NotSent, Request
from . import rfc6749, rfc7523
from .authentication_methods import ClientSecretBasic, ClientSecretJWT, ClientSecretPost, PrivateKeyJWT
from .client_authentication import authenticate
from .client_information import ClientInformation
from .outcome import Rejected
from .refusal import refusal
from .rfc7523 import Audience
from .rfc8414 import ServerMetadata
from .unsent import unsent

OwnAuthentication = ClientSecretBasic | ClientSecretPost | ClientSecretJWT | PrivateKeyJWT


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """What the token is to be good for; `resources` are those of RFC 8707, and `audience` is what some servers know."""

    scope: str | None = None
    audience: str | None = None
    resources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ByOwnCredentials:
    """The client credentials grant (RFC 6749 section 4.4) of a client with a secret or a key of its own."""

    client_id: str
    authentication: OwnAuthentication


@dataclass(frozen=True, slots=True, kw_only=True)
class ByClientAssertion:
    """The same grant of a client for which another issuer speaks, by a JWT (RFC 7523 section 2.2)."""

    assertion: Confidential
    client_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ByAuthorizationGrant:
    """The grant that is such a JWT itself (RFC 7523 section 2.1)."""

    assertion: Confidential
    client_id: str | None = None


Grant = ByOwnCredentials | ByClientAssertion | ByAuthorizationGrant


def access_token_request(grant: Grant, requested: Requested, server: ServerMetadata, *, now: int, jti: str) -> Request:
    """Return an access token request; `now` is in seconds since the epoch, and `jti` is used once.

    Raises:
        DiscoveryFailed: the server names no token endpoint.
        ClientAuthenticationImpossible: the method needs a secret, and there is none.
        ValueError: the key or the secret does not fit the method.
    """
    endpoint = server.endpoints.get("token_endpoint")
    if endpoint is None:
        raise DiscoveryFailed("the issuer's metadata name no token_endpoint, so there is no access token to be had")
    # RFC 8707 section 2: "Multiple resource parameters MAY be used".
    extensions = {"audience": requested.audience or (), "resource": requested.resources}
    match grant:
        case ByOwnCredentials(client_id=client_id, authentication=authentication):
            form: rfc6749.Form = {**rfc6749.client_credentials(requested.scope), **extensions}
            # RFC 6749 section 4.4.2: "The client MUST authenticate with the authorization server".
            return authenticate(
                authentication,
                server=server,
                information=ClientInformation.parse({"client_id": client_id}),
                form=form,
                request=rfc6749.token_request(endpoint, form),
                now=now,
                jti=jti,
            )
        case ByClientAssertion(assertion=assertion, client_id=client_id):
            form = {
                **rfc6749.client_credentials(requested.scope),
                **extensions,
                **rfc7523.parameters(client_id, assertion.reveal()),
            }
            return rfc6749.token_request(endpoint, form)
        case ByAuthorizationGrant(assertion=assertion, client_id=client_id):
            granted = rfc7523.authorization_grant(assertion.reveal(), client_id=client_id, scope=requested.scope)
            return rfc6749.token_request(endpoint, {**granted, **extensions})
        case _:
            assert_never(grant)


def presented(grant: Grant, request: Request) -> tuple[Confidential, ...]:
    """Return what an access token request shows the server, for echoes of it to be hidden."""
    return tuple(_presented(grant, request))


def received(answer: Answer, shown: Sequence[Confidential]) -> rfc6749.TokenResponse:
    """Return the access token of an answer; `shown` is what was presented, which no message repeats.

    Raises:
        EgressRefused, IssuerUnavailable: the request was not sent, or there is no complete answer, or one of "later".
        AccessTokenRefused: the server said no, or what it sent is no token that can be used.
    """
    match outcome := rfc6749.judge_token(answer, *shown):
        case NotSent():
            raise unsent(outcome, "the access token request")
        case Rejected(status=status) if status in (408, 429) or status >= 500:
            raise refusal(IssuerUnavailable, f"the token endpoint answers {outcome.sentence()}", outcome)
        case Rejected():
            raise AccessTokenRefused(f"the token endpoint answers {outcome.sentence()}")
        case rfc6749.NoTokenResponse(cause=cause, status=status) if isinstance(answer, Incomplete):
            raise IssuerUnavailable(f"the token endpoint gave no complete answer: {cause}", status=status)
        case rfc6749.NoTokenResponse(cause=cause):
            raise AccessTokenRefused(f"the token endpoint's answer cannot be used: {cause}")
        case rfc6749.TokenResponse(token_type="bearer"):
            return outcome
        case rfc6749.TokenResponse():
            # RFC 9449 section 5: the token is bound to the key of the proof, and there was none.
            raise AccessTokenRefused(
                "the token endpoint's answer cannot be used: the access token is of type DPoP, and no key was shown"
            )
        case _:
            assert_never(outcome)


def otherwise(grant: Grant, answer: Answer) -> Grant | None:
    """Return the same grant with an assertion for the token endpoint, where one for the issuer may have been refused.

    RFC 7523 section 3 has it that the token endpoint "MAY be used" as audience, and some servers know nothing else.
    """
    outcome = rfc6749.judge_token(answer)
    if not isinstance(outcome, Rejected) or (outcome.error != "invalid_client" and outcome.status != 401):
        return None
    if not isinstance(grant, ByOwnCredentials):
        return None
    match grant.authentication:
        case ClientSecretJWT(audience=Audience.ISSUER) | PrivateKeyJWT(audience=Audience.ISSUER):
            return replace(grant, authentication=replace(grant.authentication, audience=Audience.TOKEN_ENDPOINT))
        case _:
            return None


def _presented(grant: Grant, request: Request) -> Iterator[Confidential]:
    yield from rfc6749.presented(request)
    authentication = grant.authentication if isinstance(grant, ByOwnCredentials) else None
    if authentication is not None and not isinstance(authentication, PrivateKeyJWT) and authentication.secret:
        yield authentication.secret
