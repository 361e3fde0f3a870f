"""The two roots of the tree, and what can make a failure go away."""

from enum import Enum
from typing import ClassVar

from ..exchange import Challenge
from ..names import Reason


class Retry(Enum):
    """What can make a failure go away."""

    ON_CHANGE = "on change"
    """Only a change of the resource or of what it refers to."""
    SLOWLY = "slowly"
    """A change elsewhere that nobody tells us of."""
    BACKOFF = "backoff"
    """Time: try again soon, then less often."""


class OperatorError(Exception):
    """Base of what the reconciler treats; never raised itself."""

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
