"""What is so and what to do about it, in the words that users read in conditions and Events."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from .names import Reason
from .oauth.rfc7591 import says_unauthorized
from .oauth.rfc9449 import INVALID_DPOP_PROOF, USE_DPOP_NONCE
from .oauth.words import quoted
from .record.attempts import Attempt
from .record.calls import ClosedCall, RegisterCall, UpdateCall
from .record.clients import Client


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A reason, a sentence about this resource, and whether only a person can help."""

    reason: Reason
    message: str
    stalled: bool = False


def registered(client: Client) -> Verdict:
    """All that the spec asks is registered and published."""
    message = f"registered as client {quoted(client.information.client_id)}"
    if not client.endpoints:
        message += "; the issuer publishes no endpoints, so its Secret names none"
    return Verdict(reason=Reason.REGISTERED, message=message)


def obstacle(client: Client, *, admitted: bool) -> str | None:
    """Return why a client can be neither changed nor deregistered, or None where nothing is in the way.

    `admitted` is whether its registration_client_uri may be called for the issuer.
    """
    uri = client.information.registration_client_uri
    if uri is None or not client.manageable:
        return "the authorization server gave no usable registration_client_uri with registration_access_token"
    if admitted:
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


def not_supported(issuer: str) -> Verdict:
    """The issuer offers no registration (RFC 8414 section 2: registration_endpoint is OPTIONAL)."""
    message = (
        f"the metadata of {issuer} name no registration_endpoint: have the server's administrator turn on "
        "Dynamic Client Registration, or write the endpoint into spec.discovery.registrationEndpoint if there is one"
    )
    return Verdict(reason=Reason.REGISTRATION_NOT_SUPPORTED, message=message, stalled=True)


def rejected(call: ClosedCall) -> Verdict:
    """The authorization server refused a registration or an update completely."""
    said, status, error = server_words(call), call.said.status, call.said.error
    if status == 429:
        message = f"the authorization server asks to wait ({said}); the request is repeated later"
        return Verdict(reason=Reason.ISSUER_UNAVAILABLE, message=message)
    if isinstance(call.what, UpdateCall):
        message = (
            f"the authorization server rejected the update ({said}); the previous registration and its Secret keep "
            "working; correct spec.clientMetadata"
        )
        return Verdict(reason=Reason.UPDATE_REJECTED, message=message, stalled=True)
    if call.proven and error in (USE_DPOP_NONCE, INVALID_DPOP_PROOF):
        # RFC 9449 section 5; of a nonce the first refusal is not shown, for another call follows at once.
        message = (
            f"the authorization server does not accept the DPoP proof ({said}); the token in the Secret that "
            "spec.registration.initialAccessToken names must be bound to the key in its dpop_key, and the clocks must "
            "agree; the request is repeated"
        )
        return Verdict(reason=Reason.REGISTRATION_UNAUTHORIZED, message=message, stalled=not call.nonce_wanted)
    if error in (USE_DPOP_NONCE, INVALID_DPOP_PROOF):
        message = (
            f"the authorization server asks for a DPoP proof ({said}); put the private key that the initial access "
            "token is bound to beside it, as dpop_key in the Secret that spec.registration.initialAccessToken names"
        )
        return Verdict(reason=Reason.REGISTRATION_UNAUTHORIZED, message=message, stalled=True)
    if says_unauthorized(status, error):
        bearer = isinstance(call.what, RegisterCall) and call.what.bearer is not None
        advice = (
            "put a valid initial access token into the Secret that spec.registration.initialAccessToken names"
            if bearer
            else "name a Secret with an initial access token in spec.registration.initialAccessToken, "
            "or let the server's administrator allow open registration"
        )
        if bearer and status == 403:
            # RFC 6750 section 3.1: "The request requires higher privileges than provided by the access token." Another
            # token of the same kind is of no use then; Keycloak says so of a policy, and names it.
            advice = (
                "the initial access token does not suffice for what spec.clientMetadata asks: correct what the server "
                "names, have its administrator allow it, or put another token into the Secret"
            )
        message = f"the authorization server does not let this operator register clients ({said}); {advice}"
        return Verdict(reason=Reason.REGISTRATION_UNAUTHORIZED, message=message, stalled=True)
    if status is not None and 300 <= status < 400:
        message = f"the registration endpoint answers with a redirect ({said}), which is not followed"
        return Verdict(reason=Reason.REGISTRATION_REJECTED, message=message, stalled=True)
    if status in (404, 405):
        message = (
            f"the registration endpoint does not register clients ({said}): correct spec.discovery."
            "registrationEndpoint where it is written, or ask the server's administrator; the metadata are read again"
        )
        return Verdict(reason=Reason.REGISTRATION_REJECTED, message=message, stalled=True)
    message = f"the authorization server rejected the registration ({said}); correct spec.clientMetadata"
    return Verdict(reason=Reason.REGISTRATION_REJECTED, message=message, stalled=True)


def server_words(call: ClosedCall) -> str:
    """Return status code, error and description of an answer, as the server's words."""
    said = call.said
    parts = [f"HTTP {said.status}" if said.status else "no complete answer", said.error or ""]
    words = " ".join(p for p in parts if p)
    return f"{words}: {quoted(said.description)}" if said.description else words


def ambiguous_registration(suspects: tuple[Attempt, ...], uid: str, *, held: bool) -> Verdict:
    """A registration's answer was lost: a client may exist that nobody can name."""
    newest = suspects[-1]
    window = f"between {newest.sent_at:%Y-%m-%dT%H:%M:%SZ} and {newest.until:%Y-%m-%dT%H:%M:%SZ}"
    what = (
        f"the answer to registration attempt {newest.number} at {newest.endpoint} was lost: "
        f"a client made {window} may exist there"
    )
    if not held:
        return Verdict(reason=Reason.REGISTRATION_AMBIGUOUS, message=f"{what}; another attempt follows")
    advice = (
        "look for it at the authorization server and remove it, then annotate this resource with "
        f'oauth-operator.dev/resolve: "{uid}/{newest.number}"'
    )
    return Verdict(reason=Reason.REGISTRATION_AMBIGUOUS, message=f"{what}; {advice}", stalled=True)


def unreadable_registration(clients: tuple[Client, ...], *, held: bool) -> Verdict:
    """A registration's answer could not be read whole, but says which client was made."""
    names = ", ".join(quoted(c.information.client_id) for c in clients)
    what = "the answer to a registration could not be read whole"
    if not held:
        return Verdict(reason=Reason.REGISTRATION_AMBIGUOUS, message=f"{what}; another attempt follows")
    message = f"{what}, and what it made is still there: {names}; remove it at the authorization server"
    return Verdict(reason=Reason.REGISTRATION_AMBIGUOUS, message=message, stalled=True)


def record_missing(client_id: str | None) -> Verdict:
    """The record of a registered client is gone; without status only its Secret is known."""
    which = f"client {quoted(client_id)}" if client_id else "the client in this resource's Secret"
    message = (
        f"the registration record of {which} is missing from the records namespace: the client "
        "cannot be managed; restore the record, or delete this resource and create it again (a new client)"
    )
    return Verdict(reason=Reason.RECORD_MISSING, message=message, stalled=True)


def record_full() -> Verdict:
    """The record is so large that it could not take another answer."""
    message = (
        "the registration record is as large as it may be, for the authorization server's answers are: no call is made "
        "whose answer could not be kept; delete this resource and create it again (a new client)"
    )
    return Verdict(reason=Reason.CLUSTER_UNAVAILABLE, message=message, stalled=True)


def record_unreadable(why: str) -> Verdict:
    """The record cannot be used by this version."""
    return Verdict(
        reason=Reason.CLUSTER_UNAVAILABLE, message=f"{why}; it is not touched: run the operator version that wrote it"
    )


def crowded(limit: int) -> Verdict:
    """The namespace has as many registration records as it may have."""
    message = (
        f"this namespace has {limit} or more registrations, those that deleted resources left behind included, and "
        "none is added: delete OAuthClients that are not needed, or ask the cluster's administrator "
        "(--records-per-namespace, `oauthclient-operator orphans`)"
    )
    return Verdict(reason=Reason.PENDING, message=message, stalled=True)


def without_resource() -> Verdict:
    """A record's resource vanished without passing the finalizer."""
    message = (
        "a registration record belongs to no resource: its OAuthClient vanished without its finalizer; the record is "
        "kept and nothing is done (`oauthclient-operator orphans` lists it)"
    )
    return Verdict(reason=Reason.DELETION_UNCONFIRMED, message=message, stalled=True)


def not_owned(secret_name: str) -> Verdict:
    """The Secret to publish exists and is not this resource's."""
    message = (
        f"Secret {secret_name} exists and is not owned by this OAuthClient; it is neither overwritten nor deleted: "
        "remove it, or choose another spec.secret.name"
    )
    return Verdict(reason=Reason.SECRET_NOT_OWNED, message=message, stalled=True)


def contended(secret_name: str) -> Verdict:
    """Somebody else keeps changing the published Secret."""
    message = f"Secret {secret_name} keeps being changed by someone else; it is restored from time to time"
    return Verdict(reason=Reason.PENDING, message=message)


def immutable(secret_name: str) -> Verdict:
    """The published Secret was made immutable."""
    message = (
        f"Secret {secret_name} is immutable, so that it cannot be brought up to date: delete it, and it is made again, "
        "or choose another spec.secret.name"
    )
    return Verdict(reason=Reason.SECRET_NOT_PUBLISHABLE, message=message, stalled=True)


def update_unsupported(obstacle: str | None) -> Verdict:
    """The edit cannot be brought to the server, which says so where there is no other obstacle."""
    why = obstacle or "the authorization server answers that it does not support updates (RFC 7592)"
    message = (
        f"the edit cannot be applied: {why}; the previous registration and its "
        "Secret keep working: undo the edit, or delete this resource and create it again (a new client)"
    )
    return Verdict(reason=Reason.UPDATE_UNSUPPORTED, message=message, stalled=True)


def management_lost(call: ClosedCall | None) -> Verdict:
    """The registration access token is not accepted."""
    said = f" ({server_words(call)})" if call else ""
    message = (
        f"the authorization server no longer accepts the registration access token{said}; the Secret keeps what was "
        "published last, and the client may or may not still exist: ask the server's administrator, "
        "or delete this resource and create it again (a new client)"
    )
    return Verdict(reason=Reason.MANAGEMENT_LOST, message=message, stalled=True)


def update_lost() -> Verdict:
    """One update had no complete answer."""
    message = "the answer to an update was lost; the update is repeated"
    return Verdict(reason=Reason.UPDATE_AMBIGUOUS, message=message)


def update_ambiguous() -> Verdict:
    """An update had no complete answer, and its repetition settled nothing."""
    message = (
        "the answer to an update was lost, and repeating it did not tell which metadata and which client secret the "
        "authorization server holds now; what is published may be out of date; "
        "the update is repeated from time to time, and at once when the spec changes"
    )
    return Verdict(reason=Reason.UPDATE_AMBIGUOUS, message=message)


def secret_expired(client: Client) -> Verdict:
    """The client secret's time is over (RFC 7591 section 3.2.1)."""
    message = (
        f"the client secret of client {quoted(client.information.client_id)} has expired by the server's word; "
        "delete this resource and create it again (a new client)"
    )
    return Verdict(reason=Reason.SECRET_EXPIRED, message=message, stalled=True)


def deregistering() -> Verdict:
    """A call may still be answered while the resource goes."""
    message = "a call to the authorization server is in flight; then the client is deregistered"
    return Verdict(reason=Reason.DEREGISTERING, message=message)


def deletion_unconfirmed(client: Client, call: ClosedCall | None) -> Verdict:
    """A deregistration was tried and is not known to have worked."""
    said = f" ({server_words(call)})" if call else ""
    message = (
        f"deregistration of client {quoted(client.information.client_id)} is not confirmed{said}; it is tried again, "
        "and after the operator's --release-after the resource is let go and the client reported as left behind"
    )
    return Verdict(reason=Reason.DELETION_UNCONFIRMED, message=message)


def left_behind(names: tuple[str, ...], suspects: int) -> Verdict:
    """The resource goes although a client may live on."""
    what = [f"client {quoted(name)} may live on" for name in names]
    if suspects:
        what.append(f"{suspects} lost registration answers may have left clients")
    message = f"{', '.join(what) or 'a client may live on'} at the authorization server; the record is kept"
    return Verdict(reason=Reason.DELETION_UNCONFIRMED, message=message)
