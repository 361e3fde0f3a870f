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


class IssuerBusy(OperatorError):
    """Nothing was begun, and nobody need be told: who waits is woken when it can go on."""

    reason = Reason.PENDING
    retry = Retry.BACKOFF


class CallsSpent(OperatorError):
    """One resource has called its issuer so often that the next call waits, `retry_after` seconds."""

    reason = Reason.PENDING
    retry = Retry.BACKOFF

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after
