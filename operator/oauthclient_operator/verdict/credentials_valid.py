"""The words for credentials that the server refuses, and for a client that it does not know any more."""

from ..names import PROVE_ANNOTATION, REFRESH_ANNOTATION, ROTATE_ANNOTATION, Reason
from ..oauth.proof.results import NotProvable
from ..oauth.words import quoted
from ..record.clients import Client
from ..record.doubts import Doubts
from .proving import found
from .verdict import Verdict


def refused(client: Client, doubts: Doubts, *, renewed: bool, asks: bool = False) -> Verdict:
    """The server refuses the published credentials, three times over ten minutes, and knows nobody by them, or does.

    `renewed` is whether another client takes its place, `asks` whether it will where the server, which is asked by
    itself, does not know this one.
    """
    named = f"client {quoted(client.information.client_id)}"
    cure = (
        "another client takes its place, as the condition Renewing says"
        if renewed
        else "ask the server's administrator, who may have disabled or removed it, or set spec.policy.gone to "
        f"Reregister, or annotate this resource with {ROTATE_ANNOTATION}, and another client takes its place; it is "
        "asked again from time to time"
    )
    if doubts.known or doubts.configuration_answered:
        happened = "was changed at the server" if doubts.known else "was changed at the server, or is not accepted now"
        message = (
            f"the authorization server knows {named} and refuses its credentials, which apps hold in the Secret: its "
            f"secret or key {happened}; annotate this resource with {ROTATE_ANNOTATION} for another "
            "client, or have the server's administrator put the secret back; it is asked again from time to time, and "
            f"with {REFRESH_ANNOTATION} whether it knows the client still"
        )
        return Verdict(reason=Reason.CREDENTIALS_REFUSED, message=message, stalled=True)
    if doubts.absent:
        message = f"the authorization server answers that it has no {named}: {cure}"
        return Verdict(reason=Reason.CLIENT_GONE, message=message, stalled=not renewed)
    if doubts.configuration_refused or not client.manageable:
        message = f"the authorization server does not know {named} any more, nor accepts its credentials: {cure}"
        return Verdict(reason=Reason.CLIENT_GONE, message=message, stalled=not renewed)
    # No policy has it replaced before the server has refused its token, too.
    asked = (
        "it is asked by itself whether it knows the client still, and another one takes its place if it does not"
        if asks
        else f"annotate this resource with {REFRESH_ANNOTATION}, and the server is asked whether it knows the client "
        "still"
    )
    message = (
        f"the authorization server refuses the credentials of {named}, which apps hold in the Secret: {asked}; or ask "
        f"its administrator, who may have disabled or removed it; or annotate with {ROTATE_ANNOTATION}, and another "
        "client takes its place; they are tried again from time to time"
    )
    return Verdict(reason=Reason.CREDENTIALS_REFUSED, message=message, stalled=True)


def is_refused(client: Client) -> bool:
    """Whether it is confirmed that a client's server refuses its credentials, be it known there or not."""
    return client.doubts is not None and client.doubts.confirmed


def is_absent(client: Client) -> bool:
    """Whether a client's server said that it has none of that name, to whom all clients are shown."""
    return client.doubts is not None and client.doubts.absent


def is_gone(client: Client) -> bool:
    """Whether a client counts as one that its server does not know any more."""
    doubts = client.doubts
    if doubts is None or not doubts.confirmed or doubts.known or doubts.configuration_answered:
        return False
    return doubts.absent or doubts.configuration_refused or not client.manageable


def credentials(client: Client) -> tuple[str, Verdict] | None:
    """Return the status of the condition CredentialsValid and what it says, or None where nothing was ever asked."""
    doubts, calibration = client.doubts, client.calibration
    if doubts is not None and doubts.confirmed:
        said = refused(client, doubts, renewed=False)
        return "False", Verdict(reason=said.reason, message="see Ready")
    if doubts is not None and doubts.undated:
        known = " though it has answered for the client since" if doubts.configuration_answered else ""
        asks = client.manageable and not client.management_lost
        how = f", and the annotation {REFRESH_ANNOTATION} asks whether it knows the client still" if asks else ""
        message = (
            f"the server refuses them{known}, maybe for the time alone: its answers have no Date, or its clock and the "
            f"operator's differ; it is asked again from time to time{how}"
        )
        return "Unknown", Verdict(reason=Reason.CREDENTIALS_REFUSED, message=message)
    if doubts is not None:
        times = {1: "once", 2: "twice"}.get(doubts.count, f"{doubts.count} times")
        message = (
            f"the server refused them {times}; that counts when it was confirmed over ten minutes, unless it may be "
            "for the time alone; it is asked again by itself"
        )
        return "Unknown", Verdict(reason=Reason.CREDENTIALS_REFUSED, message=message)
    if calibration is None:
        return None
    if isinstance(calibration.found, NotProvable):
        return "Unknown", Verdict(reason=Reason.NOT_PROVABLE, message=found(calibration.found))
    message = f"the server accepted them by its last answer that told; the annotation {PROVE_ANNOTATION} asks again"
    return "True", Verdict(reason=Reason.PROVEN, message=message)
