"""The words for a resource that goes, and for what it leaves behind."""

from collections.abc import Collection

from ..names import FINALIZER, ISSUER_KIND, Reason
from ..oauth.words import quoted
from ..record.calls import ClosedCall
from ..record.clients import Client, Untold
from .verdict import Verdict
from .words import listed, server_words


def deregistering() -> Verdict:
    """A call may still be answered while the resource goes."""
    message = "a call to the authorization server is in flight; then the client is deregistered"
    return Verdict(reason=Reason.DEREGISTERING, message=message)


def let_go(finalizers: Collection[str]) -> Verdict:
    """Nothing of ours holds the resource any more, and it is there still."""
    message = (
        "this resource is being deleted, and the operator is done with it: what is in its Secret is of no use unless "
        "spec.policy.deletion is Retain, and an Event says if a client was left behind; it is held only by finalizers "
        f"of others, who have to take them off: {listed(finalizers)}"
    )
    return Verdict(reason=Reason.DEREGISTERING, message=message)


def taken_off(finalizers: Collection[str]) -> Verdict:
    """Somebody else took our finalizer off, of a resource that is being deleted: no one puts it on again."""
    message = (
        f"this resource is being deleted, and somebody else took the operator's finalizer {FINALIZER} off before it "
        "was done: a client may live on at the authorization server, is not deregistered by itself, and is named by "
        "`oauthclient-operator orphans` once the resource is gone; it is held only by finalizers of others: "
        f"{listed(finalizers)}"
    )
    return Verdict(reason=Reason.DEREGISTERING, message=message)


def deletion_unconfirmed(client: Client, call: ClosedCall | None) -> Verdict:
    """A deregistration was tried and is not known to have worked."""
    said = f" ({server_words(call)})" if call else ""
    message = (
        f"deregistration of client {quoted(client.information.client_id)} is not confirmed{said}; it is tried again, "
        "and after the operator's --release-after the resource is let go and the client reported as left behind; to "
        "let it go now and leave the client there, set spec.policy.deletion to Retain"
    )
    stalled = call is not None and call.said.tls is not None
    return Verdict(reason=Reason.DELETION_UNCONFIRMED, message=message, stalled=stalled)


def awaits_issuer(client: Client) -> Verdict:
    """Only an access token can end it, and the issuer that gives one cannot be used."""
    message = (
        f"client {quoted(client.information.client_id)} can be deregistered by an access token of its {ISSUER_KIND} "
        "alone, which cannot be used now: that one's status says why; it is done as soon as it can be used, and after "
        "the operator's --release-after the resource is let go and the client reported as left behind; to let it go "
        "now and leave the client there, set spec.policy.deletion to Retain"
    )
    return Verdict(reason=Reason.DELETION_UNCONFIRMED, message=message)


def left_behind(names: tuple[str, ...], suspects: int, untold: Untold | None = None) -> Verdict:
    """The resource goes although a client may live on; `untold` are those that are not named any more."""
    what = [f"client {quoted(name)} may live on" for name in names]
    if untold is not None and untold.clients:
        what.append(f"{untold.clients} clients that were left behind before those may live on")
    suspects += 0 if untold is None else untold.suspects
    if suspects:
        what.append(f"{suspects} lost registration answers may have left clients")
    message = f"{', '.join(what) or 'a client may live on'} at the authorization server; the record is kept"
    message += ": remove what is there (`oauthclient-operator orphans` lists it)"
    return Verdict(reason=Reason.DELETION_UNCONFIRMED, message=message)


def without_resource() -> Verdict:
    """A record's resource vanished without passing the finalizer."""
    message = (
        "a registration record belongs to no resource: its OAuthClient vanished without its finalizer; the record is "
        "kept and nothing is done (`oauthclient-operator orphans` lists it)"
    )
    return Verdict(reason=Reason.DELETION_UNCONFIRMED, message=message, stalled=True)
