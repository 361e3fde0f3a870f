"""The words for a registration record that is missing, full or not to be read."""

from ..names import EDITION_ANNOTATION, PAUSED_ANNOTATION, Reason
from ..oauth.words import quoted
from ..resource.status import Status
from .verdict import SLOWLY, Verdict
from .words import listed


def record_missing(status: Status) -> Verdict:
    """The record of a registered client is gone; without status only its Secret is known."""
    which = f"client {quoted(status.client_id)}" if status.client_id else "the client in this resource's Secret"
    message = (
        f"the registration record of {which} is missing from the records namespace: the client "
        "cannot be managed; restore the record, hand the client over by spec.adopt, or delete this resource and create "
        "it again (a new client)"
    )
    others = [client_id for client_id in status.client_ids if client_id != status.client_id]
    if others:
        message += f"; still good at the server, and ended by nobody now, are those published before: {listed(others)}"
    if status.rotation is not None and status.rotation.reasons:
        message += "; another client may have been registered to take its place, and is named nowhere"
    if orphans := status.suspected_orphans:
        first, last = min(o.sent_at for o in orphans), max(o.until for o in orphans)
        message += (
            f"; {len(orphans)} registrations whose answers were lost, between {first:%Y-%m-%dT%H:%M:%SZ} and "
            f"{last:%Y-%m-%dT%H:%M:%SZ}, may have left more"
        )
    return Verdict(reason=Reason.RECORD_MISSING, message=message, stalled=True)


def record_full() -> Verdict:
    """The record is so large that it could not take another answer."""
    message = (
        "the registration record is as large as it may be, for the authorization server's answers are: no call is made "
        "whose answer could not be kept; delete this resource and create it again (a new "
        f"client){SLOWLY}"
    )
    return Verdict(reason=Reason.CLUSTER_UNAVAILABLE, message=message, stalled=True)


def record_newer(why: str) -> Verdict:
    """The record cannot be used by this version."""
    return Verdict(
        reason=Reason.CLUSTER_UNAVAILABLE, message=f"{why}; it is not touched: run the operator version that wrote it"
    )


def record_damaged(why: str) -> Verdict:
    """The record's Secret holds something else than an operator wrote into it."""
    message = (
        f"the registration record of this resource was changed by somebody else, and cannot be used: {why}. It is not "
        "touched, nothing is called, no Secret is written, and a deletion waits; restore the record, or delete its "
        "Secret from the records namespace, after which the client can be handed over by spec.adopt, or this resource "
        "deleted"
    )
    return Verdict(reason=Reason.CLUSTER_UNAVAILABLE, message=message, stalled=True)


def record_outdated(shown: int, known: int, *, by_status: bool = False) -> Verdict:
    """What is published is newer than the record: a backup was restored, or somebody wrote the edition.

    `by_status` where the status says so, which a backup tool may have restored too.
    """
    other = (
        "if a backup tool restored this resource's status, or somebody wrote it, remove status.edition (kubectl patch "
        "--subresource=status), and it is written anew"
        if by_status
        else f"if somebody wrote the Secret's annotation {EDITION_ANNOTATION} by hand, put {known} there"
    )
    message = (
        f"the registration record is older than what is published, as one from a backup is: it knows edition {known}, "
        f"and edition {shown} is published. So that its credentials are not overwritten, nothing is called and no "
        "Secret written until a person helps: restore the newest record, hand the client over by spec.adopt, or delete "
        "this resource and create it again "
        f"(a new client); {other}"
    )
    return Verdict(reason=Reason.RECORD_OUTDATED, message=message, stalled=True)


def paused(what: str) -> Verdict:
    """A person wants nothing to be done; `what` is what waits for that."""
    message = (
        f"the annotation {PAUSED_ANNOTATION} of this resource is true, so nothing is called and no Secret is written: "
        f"{what}; remove the annotation to go on"
    )
    return Verdict(reason=Reason.PAUSED, message=message)
