"""The words for an update, and for a client that cannot be managed."""

from urllib.parse import urlsplit

from ..names import ISSUER_KIND, RETRY_ANNOTATION, ROTATE_ANNOTATION, Reason
from ..oauth.words import quoted
from ..record.calls import ClosedCall
from ..record.clients import Client
from ..record.management import Way
from .verdict import SLOWLY, Verdict
from .words import cause, server_words


def obstacle(client: Client, way: Way) -> str | None:
    """Return why a client can be neither changed nor deregistered, or None where nothing is in the way."""
    uri = client.information.registration_client_uri
    if way is Way.NOTHING:
        return f"the {ISSUER_KIND} says that clients are not managed there (spec.dialect.management: None)"
    if uri is None or not (client.manageable or way is Way.ACCESS):
        return "the authorization server gave no usable registration_client_uri with registration_access_token"
    if way is not Way.OUT_OF_REACH:
        return None
    if (origin := _origin(uri)) is None:
        return "the registration_client_uri that the authorization server gave cannot be called"
    # The server chose it, so it is not written as a flag to copy.
    return (
        f"its registration_client_uri is at {quoted(origin)}, another origin than the issuer's: if that is as it "
        "should be, the operator's administrator can set --allow-endpoint-origin"
    )


def _origin(url: str) -> str | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    # A user name and a password are nobody's to read.
    return f"{parts.scheme}://{parts.netloc}" if parts.hostname and "@" not in parts.netloc else None


def update_unsupported(obstacle: str | None, *, reregisters: bool) -> Verdict:
    """The edit cannot be brought to the server, which says so where there is no other obstacle.

    `reregisters` is whether another client takes the place of one whose edit the server cannot take.
    """
    why = obstacle or "the authorization server answers that it does not support updates (RFC 7592)"
    message = f"the edit cannot be applied: {why}; the previous registration and its Secret keep working"
    message += (
        ", and another client takes the edit and its place, as spec.policy.unmanageable says: see Renewing"
        if reregisters
        else ": undo the edit, or set spec.policy.unmanageable to Reregister, and another client takes "
        "the edit and its place (another client_id)"
    )
    if obstacle is None and not reregisters:
        # What stands before a server may have said so.
        message += SLOWLY
    return Verdict(reason=Reason.UPDATE_UNSUPPORTED, message=message, stalled=not reregisters)


def management_lost(
    call: ClosedCall | None, *, edited: bool, reregisters: bool = False, doubtful: bool = False, asked: bool = False
) -> Verdict:
    """The registration access token is not accepted.

    `edited` is whether an edit waits for it, `reregisters` whether another client takes the place of one whose edit the
    server refuses for long, `doubtful` that the client secret may be dying, `asked` that the server is being asked
    whether it accepts the client's credentials.
    """
    said = f" ({server_words(call)})" if call else ""
    found_out = ", which is being found out: see CredentialsValid" if asked else ""
    dying = (
        "the answer to an update was lost before, and with it, maybe, another client secret: the one in the Secret may "
        f"end on a day that nobody names, and the annotation {ROTATE_ANNOTATION} gets another client in good time; "
        if doubtful
        else ""
    )
    message = (
        f"the authorization server no longer accepts the registration access token{said}; the Secret keeps what was "
        f"published last, and the client may or may not still exist{found_out}; {dying}ask the server's administrator "
        "for a new token and hand it over by spec.adopt"
    )
    if reregisters and edited:
        message += (
            "; once it was refused three times over ten minutes another client takes its place, as "
            "spec.policy.unmanageable says"
        )
        return Verdict(reason=Reason.MANAGEMENT_LOST, message=message)
    if edited:
        message += (
            ", or set spec.policy.unmanageable to Reregister, and another client takes the edit and its place; the "
            "token is tried again from time to time"
        )
    else:
        message += "; it is tried again from time to time"
    return Verdict(reason=Reason.MANAGEMENT_LOST, message=message, stalled=True)


def access_refused(call: ClosedCall) -> Verdict:
    """The server refuses the access token by which a client is to be managed, which says nothing of the client."""
    message = (
        f"the authorization server does not let the access token change this client ({server_words(call)}): give the "
        f"account that spec.access of the {ISSUER_KIND} names the right to manage clients there; the Secret keeps what "
        "was published last, and it is tried again from time to time"
    )
    return Verdict(reason=Reason.ACCESS_DENIED, message=message, stalled=True)


def access_spared(call: ClosedCall) -> Verdict:
    """The server refuses an access token that others go on using: what it says to another one is not known yet."""
    message = (
        f"the authorization server did not take the access token ({server_words(call)}), which may have been "
        "withdrawn, or that may be about this client alone; one such token a minute at most is thrown away for that, "
        "so it is tried again by itself with another one, within a minute"
    )
    return Verdict(reason=Reason.PENDING, message=message)


def update_not_understood(call: ClosedCall) -> Verdict:
    """An update was answered, and no client can be read in that: what the server holds is not known."""
    message = (
        f"the authorization server answered the update{cause(call)}, and no client can be read in that: whether it "
        "holds the edit, and with which client secret, is not known; what is published stays; the update is "
        f"repeated only when the spec or the annotation {RETRY_ANNOTATION} changes, or to renew a secret that expires, "
        "for the same answer would come again: ask the server's administrator"
    )
    return Verdict(reason=Reason.NOT_UNDERSTOOD, message=message, stalled=True)


def update_lost(call: ClosedCall) -> Verdict:
    """One update had no complete answer."""
    message = f"the answer to an update was lost{cause(call)}; the update is repeated"
    return Verdict(reason=Reason.UPDATE_AMBIGUOUS, message=message)


def update_ambiguous(call: ClosedCall | None) -> Verdict:
    """An update had no complete answer, and its repetition settled nothing; `call` is the last of that kind."""
    message = (
        f"the answer to an update was lost{cause(call)}, and repeating it did not tell which metadata and which client "
        "secret the authorization server holds now; what is published may be out of date; "
        "the update is repeated from time to time, and at once when the spec changes"
    )
    return Verdict(reason=Reason.UPDATE_AMBIGUOUS, message=message)
