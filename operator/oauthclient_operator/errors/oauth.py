"""What talking to an authorization server can come to; the operator treats those that are `OperatorError`s, too."""

from ..confidential import Confidential
from ..exchange import Challenge, TLSFailure
from ..names import Reason
from .resource import InitialAccessTokenUnusable
from .roots import OAuthError, OperatorError, Retry


class DPoPKeyNotSupported(OAuthError, InitialAccessTokenUnusable):
    """The issuer's metadata name no JWS algorithm of the DPoP key; they may change."""

    code = "dpop_key_not_supported"
    reason = Reason.INITIAL_ACCESS_TOKEN_MISSING
    retry = Retry.SLOWLY


class ClientAuthenticationImpossible(OAuthError, OperatorError):
    """The client cannot authenticate as it is registered: a secret, a key or a certificate is not there."""

    code = "client_authentication_impossible"
    reason = Reason.REGISTRATION_INSUFFICIENT
    retry = Retry.ON_CHANGE


class ClientSecretExpired(ClientAuthenticationImpossible):
    """The client secret has expired (RFC 7591 section 3.2.1); no standard says how to get a new one."""

    code = "client_secret_expired"
    reason = Reason.SECRET_EXPIRED


class EgressRefused(OAuthError, OperatorError):
    """The URL or an address that it resolves to is not allowed; no packet left."""

    code = "request_not_allowed"

    reason = Reason.ISSUER_NOT_ALLOWED
    retry = Retry.SLOWLY


class IssuerUnavailable(OAuthError, OperatorError):
    """The issuer gave no complete answer, or one that says "later"; nothing has changed there."""

    code = "issuer_unavailable"
    reason = Reason.ISSUER_UNAVAILABLE
    retry = Retry.BACKOFF

    @property
    def out_of_order(self) -> bool:
        """Whether nothing complete came, or a 5xx; an issuer that says that it is asked too much works."""
        return self.status is None or self.status >= 500


class IssuerNotSecured(IssuerUnavailable):
    """TLS with the issuer does not come about, and only a person can mend that; `failure` says why."""

    code = "issuer_not_secured"
    retry = Retry.SLOWLY

    def __init__(self, message: str, *, failure: TLSFailure = TLSFailure.UNUSABLE) -> None:
        # With a default: a copy of an exception is made of its message, and is given the rest afterwards.
        super().__init__(message)
        self.failure = failure


class IssuerNotAsked(IssuerUnavailable):
    """Our own side could not ask the issuer, which says nothing of it: nobody else is told so in its name."""

    code = "issuer_not_asked"
    reason = Reason.PENDING

    @property
    def out_of_order(self) -> bool:
        """Nothing is known."""
        return False


class DiscoveryFailed(OAuthError, OperatorError):
    """The issuer's metadata is missing or malformed."""

    code = "discovery_failed"
    reason = Reason.DISCOVERY_FAILED
    retry = Retry.SLOWLY


class IssuerMismatch(DiscoveryFailed):
    """The metadata are another issuer's (RFC 8414 section 3.3)."""

    code = "issuer_mismatch"
    reason = Reason.ISSUER_MISMATCH


class MetadataMissing(DiscoveryFailed):
    """There is no metadata document: 404 at every place where one could be."""

    code = "metadata_missing"


class RegistrationNotSupported(DiscoveryFailed):
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


class ManagementAmbiguous(ClientLeftBehind):
    """A request to manage the client may have arrived, and no answer came that says what the server did.

    What came of credentials is kept: where a server renews them with each answer, those before may be good no more.
    """

    code = "management_ambiguous"


class ClientNotManageable(OAuthError):
    """The server issued no registration_client_uri, or no registration access token: nothing was sent (RFC 7592)."""

    code = "client_not_manageable"


class ManagementRejected(OAuthError):
    """The server refused to read, update or delete the client: all is as it was (RFC 7592 section 2)."""

    code = "management_rejected"


class ManagementUnauthorized(ManagementRejected):
    """The server does not accept the registration access token, or knows no such client: its answers do not differ."""

    code = "management_unauthorized"


class TokenRequestRejected(OAuthError):
    """The token endpoint refused the request (RFC 6749 section 5.2)."""

    code = "token_request_rejected"


class TokenResponseUnusable(OAuthError):
    """The token endpoint answered with success, and what it sent is no access token that is understood."""

    code = "token_response_unusable"
