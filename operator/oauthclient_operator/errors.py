"""Everything that can go wrong outside this program, as one small tree with two roots.

`OperatorError` is what the reconciler treats: `reason` is the word shown to users, `retry` says what can make it
better. `OAuthError` is what a program meets that uses `oauthclient_operator.oauth`: `code` is the word to decide by.

    OperatorError
    + SpecError                        the resource cannot be honoured as written
    + CredentialError                  the initial access token cannot be used
    | + InitialAccessTokenMissing
    | + InitialAccessTokenNotForIssuer
    | + DPoPKeyNotSupported            also an OAuthError
    + IssuerBusy                       no place is free, or its metadata are on their way: come when called
    + CallsSpent                       one resource has called its issuer too often lately
    + ClusterError                     the API server did not do what was asked
      + NotFound
      + AlreadyExists
      + Conflict                       a precondition (resourceVersion, UID) does not hold
      + RequestRefused                 403, 413, 422: asking again the same will not help
      | + NamespaceTerminating
      + Unanswered                     no complete answer: the write may have happened

    OAuthError; those with a * are OperatorErrors, too
    + EgressRefused *                  our own door does not let this request out
    + IssuerUnavailable *              no complete answer, or one that says "later"
    + DiscoveryError *                 the issuer's metadata is missing or malformed
    | + IssuerMismatch *               it is another issuer's
    | + MetadataMissing *              there is no document at all
    | + RegistrationNotSupported *     it names no registration endpoint
    + ClientAuthenticationError *      what the registered method needs (secret, key, certificate) is not there
    | + ClientSecretExpired *          the client secret was good until a moment that is past
    + RegistrationRejected             the server did not register the client
    | + RegistrationUnauthorized       because of the initial access token, or for want of one
    + ClientLeftBehind                 there is a client, or may be one, that nothing was returned for
    | + RegistrationAmbiguous          nobody can say whether the server registered it
    | + ExecuteFailed                  a function over its configuration failed
    + TokenRequestRejected             the token endpoint said no
    + TokenResponseUnusable            it said yes, and what it sent cannot be used

A class exists only if somebody treats it differently. Programmers' mistakes are TypeErrors and ValueErrors and no part
of the tree; those of who calls the library have a `code`, too. A message never holds a token, a header or a body, and
no other exception is chained to it.
"""

from enum import Enum
from typing import ClassVar

from .confidential import Confidential
from .exchange import Challenge
from .names import Reason


class Retry(Enum):
    """What can make a failure go away."""

    ON_CHANGE = "on change"
    """Only a change of the resource or of what it refers to."""
    SLOWLY = "slowly"
    """A change elsewhere that nobody tells us of."""
    BACKOFF = "backoff"
    """Time: try again soon, then less often."""


class OperatorError(Exception):
    """Base of all; never raised itself."""

    reason: ClassVar[Reason]
    retry: ClassVar[Retry]


class OAuthError(Exception):
    """Base of what talking to an authorization server can come to; never raised itself.

    `code` is stable, the message is not. What the server said is data: `status` is its HTTP status, `error` and
    `error_description` are the RFC's, cleaned and cut, `challenges` are those of WWW-Authenticate (RFC 9110 section
    11.6.1) as it wrote them, `retry_after` is in seconds. Whatever it did not say is None, or empty.
    """

    code: ClassVar[str]

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        error: str | None = None,
        error_description: str | None = None,
        challenges: tuple[Challenge, ...] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error = error
        self.error_description = error_description
        self.challenges = challenges
        self.retry_after = retry_after


class SpecError(OperatorError):
    """The resource cannot be honoured as written."""

    reason = Reason.INVALID_SPEC
    retry = Retry.ON_CHANGE


class CredentialError(OperatorError):
    """The initial access token cannot be used."""


class InitialAccessTokenMissing(CredentialError):
    """There is no Secret of that name, or it does not say that it is an initial access token."""

    reason = Reason.INITIAL_ACCESS_TOKEN_MISSING
    retry = Retry.ON_CHANGE


class InitialAccessTokenNotForIssuer(CredentialError):
    """The Secret names another issuer or registration endpoint: its token is not sent to this one."""

    reason = Reason.INITIAL_ACCESS_TOKEN_NOT_FOR_ISSUER
    # A document may name another endpoint tomorrow.
    retry = Retry.SLOWLY


class DPoPKeyNotSupported(OAuthError, CredentialError):
    """The issuer's metadata name no JWS algorithm of the DPoP key; they may change."""

    code = "dpop_key_not_supported"
    reason = Reason.INITIAL_ACCESS_TOKEN_MISSING
    retry = Retry.SLOWLY


class ClientAuthenticationError(OAuthError, OperatorError):
    """The client cannot authenticate as it is registered: a secret, a key or a certificate is not there."""

    code = "client_authentication_impossible"
    reason = Reason.REGISTRATION_INSUFFICIENT
    retry = Retry.ON_CHANGE


class ClientSecretExpired(ClientAuthenticationError):
    """The client secret has expired (RFC 7591 section 3.2.1); no standard says how to get a new one."""

    code = "client_secret_expired"
    reason = Reason.SECRET_EXPIRED


class EgressRefused(OAuthError, OperatorError):
    """The URL or an address that it resolves to is not allowed; no packet left."""

    code = "request_not_allowed"

    reason = Reason.ISSUER_NOT_ALLOWED
    retry = Retry.SLOWLY


class IssuerBusy(OperatorError):
    """Nothing was begun, and nobody need be told: who waits is called when it can go on."""

    reason = Reason.PENDING
    retry = Retry.BACKOFF


class CallsSpent(OperatorError):
    """One resource has called its issuer so often that the next call waits, `retry_after` seconds."""

    reason = Reason.PENDING
    retry = Retry.BACKOFF

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class IssuerUnavailable(OAuthError, OperatorError):
    """The issuer gave no complete answer, or one that says "later"; nothing has changed there."""

    code = "issuer_unavailable"
    reason = Reason.ISSUER_UNAVAILABLE
    retry = Retry.BACKOFF

    @property
    def out_of_order(self) -> bool:
        """Whether nothing complete came, or a 5xx; an issuer that says that it is asked too much works."""
        return self.status is None or self.status >= 500


class DiscoveryError(OAuthError, OperatorError):
    """The issuer's metadata is missing or malformed."""

    code = "discovery_failed"
    reason = Reason.DISCOVERY_FAILED
    retry = Retry.SLOWLY


class IssuerMismatch(DiscoveryError):
    """The metadata are another issuer's (RFC 8414 section 3.3)."""

    code = "issuer_mismatch"
    reason = Reason.ISSUER_MISMATCH


class MetadataMissing(DiscoveryError):
    """There is no metadata document: 404 at every place where one could be."""

    code = "metadata_missing"


class RegistrationNotSupported(DiscoveryError):
    """The metadata name no registration endpoint."""

    code = "registration_not_supported"
    reason = Reason.REGISTRATION_NOT_SUPPORTED


class RegistrationRejected(OAuthError):
    """The server said no: there is no client (RFC 7591 section 3.2.2)."""

    code = "registration_rejected"


class RegistrationUnauthorized(RegistrationRejected):
    """The server did not accept the initial access token, or wants one (RFC 6750 section 3.1)."""

    code = "registration_unauthorized"


class ClientLeftBehind(OAuthError):
    """There is a client at the server, or may be one, and no configuration was returned for it; never raised itself.

    What the server issued is kept as far as it came, so that the client can be deleted (RFC 7592 section 2.3), or used.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        error: str | None = None,
        error_description: str | None = None,
        challenges: tuple[Challenge, ...] = (),
        retry_after: float | None = None,
        client_id: str | None = None,
        client_secret: Confidential | None = None,
        registration_access_token: Confidential | None = None,
        registration_client_uri: str | None = None,
    ) -> None:
        super().__init__(
            message,
            status=status,
            error=error,
            error_description=error_description,
            challenges=challenges,
            retry_after=retry_after,
        )
        self.client_id = client_id
        self.client_secret = client_secret
        self.registration_access_token = registration_access_token
        self.registration_client_uri = registration_client_uri


class RegistrationAmbiguous(ClientLeftBehind):
    """The request may have arrived, and no answer came that says whether the server registered the client.

    To register again may make a second client: a person, or the server's own list of clients, has to say.
    """

    code = "registration_ambiguous"


class ExecuteFailed(ClientLeftBehind):
    """The client is registered, and one of the functions to execute over its configuration failed."""

    code = "execute_failed"


class ClusterError(OperatorError):
    """The API server did not do what was asked; `status` is its HTTP status, or None without one."""

    reason = Reason.CLUSTER_UNAVAILABLE
    retry = Retry.BACKOFF

    def __init__(self, message: str, *, status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after


class NotFound(ClusterError):
    """The object, or its namespace, does not exist."""


class AlreadyExists(ClusterError):
    """An object of that name exists."""


class Conflict(ClusterError):
    """A precondition does not hold: the object is another one, or a newer one."""


class RequestRefused(ClusterError):
    """The API server understood the request and will not do it (403, 413, 422 and the like)."""


class NamespaceTerminating(RequestRefused):
    """The namespace is being deleted: nothing new can be created in it."""


class Unanswered(ClusterError):
    """No complete answer came (timeout, connection lost, 5xx, 429): a write may have happened or not."""


class TokenRequestRejected(OAuthError):
    """The token endpoint refused the request (RFC 6749 section 5.2)."""

    code = "token_request_rejected"


class TokenResponseUnusable(OAuthError):
    """The token endpoint answered with success, and what it sent is no access token that is understood."""

    code = "token_response_unusable"


class InvalidArgumentType(TypeError):
    """The caller of the library passed something of another type; nothing was sent."""

    code: ClassVar[str] = "invalid_argument_type"


class InvalidArgumentValue(ValueError):
    """The caller of the library passed a value that cannot be; nothing was sent."""

    code: ClassVar[str] = "invalid_argument_value"
