"""What the API server's refusal of a published Secret means for its resource."""

from ..errors import AlreadyExists, ClusterError, Conflict, NamespaceTerminating, NotFound, RequestRefused, Retry
from ..names import Reason
from ..resource.secret import Secret
from ..verdict import Verdict, immutable, not_owned
from .observed import Problem


def of_publication(error: ClusterError, secret_name: str, secret: object) -> Problem:
    """Return a refusal as something to wait for; `secret` is what was read of the Secret, if anything was."""
    match error:
        case NamespaceTerminating():
            message = "the namespace is being deleted, so no Secret can be made in it"
            return Problem(Verdict(reason=Reason.PENDING, message=message), Retry.BACKOFF)
        case AlreadyExists():
            return Problem(not_owned(secret_name), Retry.BACKOFF)
        case Conflict() | NotFound():
            message = f"Secret {secret_name} was changed at the same time; it is read again"
            return Problem(Verdict(reason=Reason.PENDING, message=message), Retry.BACKOFF)
        case RequestRefused() if isinstance(secret, Secret) and secret.immutable:
            return Problem(immutable(secret_name), Retry.SLOWLY)
        case RequestRefused():
            message = f"the API server does not let Secret {secret_name} be written: {error}"
            verdict = Verdict(reason=Reason.SECRET_NOT_PUBLISHABLE, message=message, stalled=True)
            return Problem(verdict, Retry.SLOWLY)
        case _:
            return Problem(Verdict(reason=Reason.CLUSTER_UNAVAILABLE, message=str(error)), Retry.BACKOFF)
