"""What a resource can wait for, before anybody is asked; no program meets these."""

from ..names import Reason
from .roots import OperatorError, Retry


class InitialAccessTokenUnusable(OperatorError):
    """The initial access token cannot be used."""


class InitialAccessTokenMissing(InitialAccessTokenUnusable):
    """There is no Secret of that name, or it does not say that it is an initial access token."""

    reason = Reason.INITIAL_ACCESS_TOKEN_MISSING
    retry = Retry.ON_CHANGE


class InitialAccessTokenNotForIssuer(InitialAccessTokenUnusable):
    """The Secret names another issuer or registration endpoint: its token is not sent to this one."""

    reason = Reason.INITIAL_ACCESS_TOKEN_NOT_FOR_ISSUER
    # A document may name another endpoint tomorrow.
    retry = Retry.SLOWLY


class SoftwareStatementUnusable(OperatorError):
    """The software statement cannot be used."""


class SoftwareStatementMissing(SoftwareStatementUnusable):
    """There is no Secret of that name, or it does not say that it is a software statement, or it holds none."""

    reason = Reason.SOFTWARE_STATEMENT_MISSING
    retry = Retry.ON_CHANGE


class SoftwareStatementNotForIssuer(SoftwareStatementUnusable):
    """The Secret names another issuer or registration endpoint: its software statement is not sent to this one."""

    reason = Reason.SOFTWARE_STATEMENT_NOT_FOR_ISSUER
    # A document may name another endpoint tomorrow.
    retry = Retry.SLOWLY


class AccessDenied(OperatorError):
    """There is no access token to be let in with."""

    reason = Reason.ACCESS_DENIED


class ClientCredentialsMissing(AccessDenied):
    """There is no Secret of that name, or it does not say that it holds client credentials, or they are of no use."""

    retry = Retry.ON_CHANGE


class ClientCredentialsNotForIssuer(AccessDenied):
    """The Secret names another issuer or token endpoint: its client credentials are not sent to this one."""

    # A document may name another endpoint tomorrow.
    retry = Retry.SLOWLY


class AccessTokenRefused(AccessDenied):
    """The token endpoint, or the API server, gives out no access token, or none that can be used."""

    # A person has to grant it, at a server that tells nobody.
    retry = Retry.SLOWLY


class ClientInformationUnusable(OperatorError):
    """The Secret that is to hand a client over is not there, does not say so, or names another issuer."""

    reason = Reason.ADOPTION_FAILED
    retry = Retry.ON_CHANGE


class IssuerBusy(OperatorError):
    """Nothing was begun, and nobody need be told: who waits is woken when it can go on.

    Where it is known when that is, `retry_after` says in how many seconds, and nobody is woken.
    """

    reason = Reason.PENDING
    retry = Retry.BACKOFF

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class CallsSpent(OperatorError):
    """One resource has called its issuer so often that the next call waits, `retry_after` seconds."""

    reason = Reason.PENDING
    retry = Retry.BACKOFF

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after
