"""The API server did not do what was asked."""

from ..names import Reason
from .roots import OperatorError, Retry


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


class NamespaceMissing(NotFound):
    """There is no namespace for what was to be created."""


class AlreadyExists(ClusterError):
    """An object of that name exists."""


class Conflict(ClusterError):
    """A precondition does not hold: the object is another one, or a newer one."""


class RequestRefused(ClusterError):
    """The API server understood the request and will not do it (403, 413, 422 and the like)."""


class NamespaceTerminating(RequestRefused):
    """The namespace is being deleted: nothing new can be created in it."""


class QuotaUsedUp(RequestRefused):
    """A quota of the namespace has no room for another object: the next that is deleted there makes some."""


class QuotaNotCounted(RequestRefused):
    """A quota of the namespace is new, or counts something new: it admits nothing before it was counted once."""


class Unanswered(ClusterError):
    """No complete answer came (timeout, connection lost, 5xx, 429): a write may have happened or not."""


class StorageNotReady(Unanswered):
    """What it keeps of this kind cannot be had, or not yet; that says nothing of other kinds."""


class NotDecrypted(StorageNotReady):
    """It cannot encrypt or decrypt what it keeps, until a person mends that."""
