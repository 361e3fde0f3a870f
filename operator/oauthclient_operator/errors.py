"""Everything that can go wrong outside this program, as one small tree.

    OperatorError
    + SpecError                        the resource cannot be honoured as written
    + CredentialError                  the initial access token cannot be used
    | + InitialAccessTokenMissing
    | + InitialAccessTokenNotForIssuer
    | + DPoPKeyNotSupported
    + EgressRefused                    our own door does not let this request out
    + IssuerBusy                       no place is free, or its metadata are on their way: come when called
    + CallsSpent                       one resource has called its issuer too often lately
    + IssuerUnavailable                no complete answer, or one that says "later"
    + DiscoveryError                   the issuer's metadata is missing or malformed
    | + IssuerMismatch                 it is another issuer's
    | + MetadataMissing                there is no document at all
    | + RegistrationNotSupported       it names no registration endpoint
    + ClusterError                     the API server did not do what was asked
      + NotFound
      + AlreadyExists
      + Conflict                       a precondition (resourceVersion, UID) does not hold
      + RequestRefused                 403, 413, 422: asking again the same will not help
      | + NamespaceTerminating
      + Unanswered                     no complete answer: the write may have happened

`reason` is the word shown to users, `retry` says what can make it better. A class exists only if somebody
treats it differently. Programmers' mistakes (ValueError, TypeError) are not part of the tree. A message never
holds a token, a header or a body.
"""

from enum import Enum
from typing import ClassVar

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


class DPoPKeyNotSupported(CredentialError):
    """The issuer's metadata name no JWS algorithm of the DPoP key beside the token; they may change."""

    reason = Reason.INITIAL_ACCESS_TOKEN_MISSING
    retry = Retry.SLOWLY


class EgressRefused(OperatorError):
    """The URL or an address that it resolves to is not allowed; no packet left."""

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


class IssuerUnavailable(OperatorError):
    """The issuer gave no complete answer, or one that says "later"; `retry_after` in seconds where it said so.

    It is out of order where nothing complete came, or a 5xx, and not where it says that it is asked too much.
    """

    reason = Reason.ISSUER_UNAVAILABLE
    retry = Retry.BACKOFF

    def __init__(self, message: str, *, retry_after: float | None = None, out_of_order: bool = True) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.out_of_order = out_of_order


class DiscoveryError(OperatorError):
    """The issuer's metadata is missing or malformed."""

    reason = Reason.DISCOVERY_FAILED
    retry = Retry.SLOWLY


class IssuerMismatch(DiscoveryError):
    """The metadata are another issuer's (RFC 8414 section 3.3)."""

    reason = Reason.ISSUER_MISMATCH


class MetadataMissing(DiscoveryError):
    """There is no metadata document: 404 at every place where one could be."""


class RegistrationNotSupported(DiscoveryError):
    """The metadata name no registration endpoint."""

    reason = Reason.REGISTRATION_NOT_SUPPORTED


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
