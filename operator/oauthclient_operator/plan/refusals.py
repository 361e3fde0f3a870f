"""What the API server's refusal of a published Secret means for its resource."""

from .. import names
from ..errors import (
    AlreadyExists,
    ClusterError,
    Conflict,
    NamespaceTerminating,
    NotFound,
    QuotaNotCounted,
    QuotaUsedUp,
    RequestRefused,
    Retry,
)
from ..names import Reason
from ..published_secret import Amendment, NewSecret, Unkept, is_owned, unkept
from ..resource.oauth_client import OAuthClient
from ..resource.secret import Secret
from ..verdict.cluster import cluster_failed
from ..verdict.publishing import finalizer_not_kept, immutable, not_owned, owner_rewritten, rewritten
from ..verdict.verdict import SLOWLY, Verdict
from .observed import Problem


def of_finalizer(resource: OAuthClient, *, there: bool) -> Problem | None:
    """Return what stands in the way where our finalizer was written, or taken off, and that did not stay."""
    if (names.FINALIZER in resource.finalizers) is there:
        return None
    return Problem(finalizer_not_kept(there=there), Retry.SLOWLY)


def of_changed_data(secret_name: str, lost: Unkept) -> Problem | None:
    """Return what stands in the way where a Secret was written and holds other data now."""
    return Problem(rewritten(secret_name, lost.data), Retry.SLOWLY) if lost.data else None


def of_rehearsal(write: NewSecret | Amendment, would_be: Secret) -> Problem | None:
    """Return what stands in the way where a dry run was accepted, and what it would make is of no use."""
    if isinstance(write, NewSecret) and not is_owned(would_be, write.owner_uid):
        return Problem(owner_rewritten(write.name), Retry.SLOWLY)
    return of_changed_data(write.name, unkept(write, would_be))


def of_publication(
    error: ClusterError, secret_name: str, secret: object, *, resource_name: str | None = None
) -> Problem:
    """Return a refusal as something to wait for; `secret` is what was read of the Secret, if anything was."""
    match error:
        case NamespaceTerminating():
            message = "the namespace is being deleted, so no Secret can be made in it"
            return Problem(Verdict(reason=Reason.PENDING, message=message), Retry.BACKOFF)
        case AlreadyExists():
            seen = secret if isinstance(secret, Secret) else None
            return Problem(not_owned(secret_name, seen, resource_name=resource_name), Retry.BACKOFF)
        case Conflict() | NotFound():
            message = f"Secret {secret_name} was changed at the same time; it is read again"
            return Problem(Verdict(reason=Reason.PENDING, message=message), Retry.BACKOFF)
        case RequestRefused() if isinstance(secret, Secret) and secret.immutable:
            return Problem(immutable(secret_name), Retry.SLOWLY)
        case QuotaUsedUp():
            # Who is renamed or replaced in one sync asks before what it had is collected: room comes within seconds.
            message = (
                f"the API server does not let Secret {secret_name} be written: {error}; it is tried again by itself, "
                "within five minutes: delete what the namespace does not need, or have the quota widened"
            )
            verdict = Verdict(reason=Reason.SECRET_NOT_PUBLISHABLE, message=message, stalled=True)
            return Problem(verdict, Retry.BACKOFF)
        case QuotaNotCounted():
            # Who is applied together with the namespace's quota asks before that was counted: it is within seconds.
            message = (
                f"the API server does not let Secret {secret_name} be written: {error}; it is tried again by itself: a "
                "quota that was applied a moment ago is counted soon, and one of a kind that the cluster does not "
                "have never is"
            )
            return Problem(Verdict(reason=Reason.SECRET_NOT_PUBLISHABLE, message=message), Retry.BACKOFF)
        case RequestRefused():
            message = f"the API server does not let Secret {secret_name} be written: {error}{SLOWLY}"
            verdict = Verdict(reason=Reason.SECRET_NOT_PUBLISHABLE, message=message, stalled=True)
            return Problem(verdict, Retry.SLOWLY)
        case _:
            return Problem(cluster_failed(error), Retry.BACKOFF)
