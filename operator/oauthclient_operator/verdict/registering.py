"""The words for a registration: refused, lost, or not to be asked for."""

import re
from collections.abc import Collection
from datetime import datetime

from ..names import ISSUER_KIND, RESOLVE_ANNOTATION, RETRY_ANNOTATION, Reason
from ..oauth.client_metadata import ClientMetadata
from ..oauth.hidden_secrets import hidden
from ..oauth.near_miss import near_miss
from ..oauth.rfc7591 import STATEMENT_ERRORS, deviations, returned_statement, says_unauthorized
from ..oauth.rfc9449 import INVALID_DPOP_PROOF, USE_DPOP_NONCE
from ..oauth.words import cleaned, quoted
from ..record.attempts import Attempt
from ..record.calls import ClosedCall, RegisterCall, UpdateCall
from ..record.clients import Client
from ..record.pairs import SecretOf, pair_of
from ..resource.access import ClientCredentials, ServiceAccountToken
from ..resource.terms import Access, IssuerTerms
from .publishing import odd_expiry
from .verdict import SLOWLY, Verdict
from .words import cause, listed, oddities, server_words


def registered(
    client: Client,
    answer: ClosedCall | None = None,
    *,
    not_kept: Collection[str] = (),
    not_sent: Collection[str] = (),
) -> Verdict:
    """All that the spec asks is registered and published.

    `answer` is the call that brought what holds; `not_kept` are labels and annotations of the Secret, `not_sent`
    members of the client metadata that the issuer's terms keep from its server.
    """
    message = f"registered as client {quoted(client.information.client_id)}"
    message += oddities(answer)
    if differing := _differing(client):
        message += f"; the authorization server registered otherwise than asked: {differing}{by_statement(client)}"
    if not_sent:
        message += f"; of clientMetadata these are not sent, as spec.dialect of the issuer has it: {listed(not_sent)}"
    if not_kept:
        message += (
            f"; of the Secret's labels and annotations these were written and changed again by someone else: "
            f"{listed(not_kept)}"
        )
    if (what := hidden(client.withheld)) is not None:
        message += (
            f"; what the server answered last as the client secret looks like {what}: the secret before it stays in "
            "the Secret, and whether that one still holds is not known"
        )
    elif (what := hidden(client.information.client_secret)) is not None and _is_published(client):
        message += f"; the client secret that the server issued looks like {what}, and is published as it came"
    if (odd := odd_expiry(client)) is not None and (client.ends_at_expiry or _is_published(client)):
        message += f"; {odd}"
    if not client.endpoints:
        message += "; the issuer publishes no endpoints, so its Secret names none"
    return Verdict(reason=Reason.REGISTERED, message=message)


def _differing(client: Client) -> str:
    """Name what the server changed, dropped or kept, and what may have been meant by a name that it does not know."""
    information = client.information
    if not information.metadata:
        # It answered with no metadata at all, which says nothing about them.
        return ""
    found = sorted({*deviations(client.accepted, information), *client.kept})
    return listed([f"{name} (did you mean {meant}?)" if (meant := near_miss(name)) else name for name in found])


def by_statement(client: Client) -> str:
    """Say what may have been the reason for what the server registered otherwise, where a software statement may."""
    # RFC 7591 section 3.1.1: "client metadata values conveyed in the software statement MUST take precedence over those
    # conveyed using plain JSON elements".
    if returned_statement(client.information) is None:
        return ""
    return " (what the software statement claims goes before spec.clientMetadata: write the same there)"


def not_supported(issuer: str) -> Verdict:
    """The issuer offers no registration (RFC 8414 section 2: registration_endpoint is OPTIONAL)."""
    message = (
        f"the metadata of {issuer} name no registration_endpoint: have the server's administrator turn on "
        "Dynamic Client Registration, or write the endpoint into spec.discovery.registrationEndpoint if there is "
        f"one{SLOWLY}"
    )
    return Verdict(reason=Reason.REGISTRATION_NOT_SUPPORTED, message=message, stalled=True)


def _statement_refused(call: ClosedCall, said: str, terms: IssuerTerms | None) -> str:
    """Say of a software statement that it was refused, or is wanted, and where one goes."""
    what = call.what
    if isinstance(what, RegisterCall) and what.returned:
        return (
            "the authorization server no longer accepts the software statement that it returned with the client which "
            f"is published ({said}); put one that it approves into the Secret that spec.registration.softwareStatement "
            "names"
        )
    if isinstance(what, RegisterCall) and what.statement is not None:
        return (
            f"the authorization server does not accept the software statement ({said}); put one that it approves into "
            "the Secret that spec.registration.softwareStatement names"
        )
    itself = "" if terms is None or terms.resource is None else "write spec.issuer in place of issuerRef, "
    return (
        f"the authorization server wants a software statement ({said}); {itself}put one into a Secret, and name that "
        "in spec.registration.softwareStatement"
    )


def rejected(call: ClosedCall, metadata: ClientMetadata | None = None, terms: IssuerTerms | None = None) -> Verdict:
    """The authorization server refused a registration or an update completely.

    `metadata` are what was asked, and `terms` say how the operator is let in now, and who says so.
    """
    access, token, secret, endpoint = _written(terms)
    said, status, error = server_words(call), call.said.status, call.said.error
    if status == 429:
        message = f"the authorization server asks to wait ({said}); the request is repeated later"
        return Verdict(reason=Reason.ISSUER_UNAVAILABLE, message=message)
    if isinstance(call.what, UpdateCall):
        message = (
            f"the authorization server rejected the update ({said}); the previous registration and its Secret keep "
            f"working; correct spec.clientMetadata{SLOWLY}"
        )
        return Verdict(reason=Reason.UPDATE_REJECTED, message=message, stalled=True)
    if call.proven and error in (USE_DPOP_NONCE, INVALID_DPOP_PROOF):
        # RFC 9449 section 5; of a nonce the first refusal is not shown, for another call follows at once.
        message = (
            f"the authorization server does not accept the DPoP proof ({said}); the token in the {secret} must be "
            "bound to the key in its dpop_key, and the clocks must agree; the request is repeated"
        )
        return Verdict(reason=Reason.REGISTRATION_UNAUTHORIZED, message=message, stalled=not call.nonce_wanted)
    if error in (USE_DPOP_NONCE, INVALID_DPOP_PROOF):
        message = (
            f"the authorization server asks for a DPoP proof ({said}); put the private key that the initial access "
            f"token is bound to beside it, as dpop_key in the {secret}{SLOWLY}"
        )
        return Verdict(reason=Reason.REGISTRATION_UNAUTHORIZED, message=message, stalled=True)
    if error in STATEMENT_ERRORS:
        # RFC 7591 section 3.2.2.
        message = f"{_statement_refused(call, said, terms)}{SLOWLY}"
        return Verdict(reason=Reason.REGISTRATION_REJECTED, message=message, stalled=True)
    if says_unauthorized(status, error):
        bearer = isinstance(call.what, RegisterCall) and call.what.bearer is not None
        advice = (
            f"put a valid initial access token into the {secret}"
            if bearer
            else f"name a Secret with an initial access token in {token}, or let the server's administrator allow open "
            "registration"
        )
        if bearer and status == 403:
            # RFC 6750 section 3.1: "The request requires higher privileges than provided by the access token." Another
            # token of the same kind is of no use then; Keycloak says so of a policy, and names it.
            advice = (
                "the initial access token does not suffice for what spec.clientMetadata asks: correct what the server "
                "names, have its administrator allow it, or put another token into the Secret"
            )
        if isinstance(access, ClientCredentials | ServiceAccountToken):
            advice = (
                "the access token was obtained as spec.access of the ClusterOAuthIssuer says: have the server's "
                "administrator let its client register others, or correct spec.access"
            )
        message = f"the authorization server does not let this operator register clients ({said}); {advice}{SLOWLY}"
        return Verdict(reason=Reason.REGISTRATION_UNAUTHORIZED, message=message, stalled=True)
    if status is not None and 300 <= status < 400:
        message = f"the registration endpoint answers with a redirect ({said}), which is not followed{SLOWLY}"
        return Verdict(reason=Reason.REGISTRATION_REJECTED, message=message, stalled=True)
    if status in (404, 405):
        message = (
            f"the registration endpoint does not register clients ({said}): correct {endpoint} where it is written, or "
            "ask the server's administrator; the metadata are read again"
        )
        return Verdict(reason=Reason.REGISTRATION_REJECTED, message=message, stalled=True)
    message = f"the authorization server rejected the registration ({said}); correct spec.clientMetadata"
    if metadata is not None and _misses_redirection(call, metadata):
        message += (
            "; for a client without redirection, as its grant_types say, write response_types: [], for absent ones "
            "mean code (RFC 7591 section 2) and some servers then want redirect_uris"
        )
    return Verdict(reason=Reason.REGISTRATION_REJECTED, message=f"{message}{SLOWLY}", stalled=True)


def _written(terms: IssuerTerms | None) -> tuple[Access | None, str, str, str]:
    """Return how the operator is let in, and where the token, its Secret and the endpoint are written: for a sentence.

    Who has a client of an issuer resource has nothing of that in their own spec.
    """
    endpoint = "spec.discovery.registrationEndpoint"
    if terms is None or terms.resource is None:
        token = "spec.registration.initialAccessToken"  # noqa: S105 - a place in a manifest
        return None if terms is None else terms.access, token, f"Secret that {token} names", endpoint
    whose = f"of {ISSUER_KIND} {terms.resource.name}"
    token = f"spec.access.initialAccessToken {whose}"
    secret = f"Secret that {token} names, in the operator's namespace"
    return terms.access, token, secret, f"{endpoint} {whose}"


def _misses_redirection(call: ClosedCall, metadata: ClientMetadata) -> bool:
    words = f"{call.said.error or ''} {call.said.description or ''}"
    absent = not {"redirect_uris", "response_types"} & metadata.members.keys()
    return absent and re.search("redirect_?uri", words, re.IGNORECASE) is not None


def ambiguous_registration(
    suspects: tuple[Attempt, ...], uid: str, last: ClosedCall | None, *, held: bool, at: datetime | None = None
) -> Verdict:
    """A registration's answer was lost: a client may exist that nobody can name; `last` is the last registration.

    `at` is when another one follows, where that is not soon.
    """
    newest = suspects[-1]
    own = last is not None and isinstance(last.what, RegisterCall) and last.what.attempt == newest.number
    why = cause(last) if own else ""
    what = (
        f"the answer to registration attempt {newest.number} at {cleaned(newest.endpoint)} was lost{why}: "
        f"a client made {_window(newest)} may exist there"
    )
    if not held:
        when = "" if at is None else f" at {at:%Y-%m-%dT%H:%M:%SZ}, for what is published is good until then"
        return Verdict(reason=Reason.REGISTRATION_AMBIGUOUS, message=f"{what}; another attempt follows{when}")
    message = f"{what}; {_resolution(newest, uid)}"
    return Verdict(reason=Reason.REGISTRATION_AMBIGUOUS, message=message, stalled=True)


def misnamed(suspects: tuple[Attempt, ...], uid: str, resolve: str | None) -> str | None:
    """Return what is wrong with the annotation by which a person settles suspects; `resolve` is what it says, if any.

    Where there is none of them it may stay as it is.
    """
    if not suspects or resolve in (None, wanted := f"{uid}/{suspects[-1].number}"):
        return None
    return (
        f"the annotation {RESOLVE_ANNOTATION} says {quoted(str(resolve))}, which settles nothing: the newest "
        f'registration attempt that may have left a client is "{wanted}"'
    )


def registration_not_understood(call: ClosedCall, suspect: Attempt | None, uid: str) -> Verdict:
    """A registration was answered, and no client can be read in that; `suspect` is its attempt while one may exist."""
    what = (
        f"the authorization server answered the registration at {cleaned(call.call.endpoint)}{cause(call)}, and no "
        "client can be read in that; it is not repeated, for the same answer would come again: have the server's "
        f"administrator correct it and set the annotation {RETRY_ANNOTATION} to anything new, or change "
        "spec.clientMetadata or spec.discovery"
    )
    if suspect is not None:
        what = f"{what}; a client made {_window(suspect)} may exist there: {_resolution(suspect, uid)}"
    return Verdict(reason=Reason.NOT_UNDERSTOOD, message=what, stalled=True)


def unreadable_registration(clients: tuple[Client, ...], last: ClosedCall | None, *, held: bool) -> Verdict:
    """A registration's answer could not be read whole, but says which client was made."""
    names = ", ".join(quoted(c.information.client_id) for c in clients)
    what = f"the answer to a registration could not be read whole{cause(last)}"
    if not held:
        return Verdict(reason=Reason.REGISTRATION_AMBIGUOUS, message=f"{what}; another attempt follows")
    if clients:
        message = f"{what}, and what it made is still there: {names}; remove it at the authorization server"
    else:
        message = (
            f"{what}, nor could those before it; the clients that they name were deregistered, and no other attempt "
            "follows until the spec changes: have the server's administrator find out what cuts its answers"
        )
    return Verdict(reason=Reason.REGISTRATION_AMBIGUOUS, message=message, stalled=True)


def _is_published(client: Client) -> bool:
    return isinstance(pair_of(client).credential, SecretOf)


def _window(attempt: Attempt) -> str:
    return f"between {attempt.sent_at:%Y-%m-%dT%H:%M:%SZ} and {attempt.until:%Y-%m-%dT%H:%M:%SZ}"


def _resolution(newest: Attempt, uid: str) -> str:
    return (
        "look for it at the authorization server and remove it, then annotate this resource with "
        f'{RESOLVE_ANNOTATION}: "{uid}/{newest.number}"'
    )


def crowded(limit: int) -> Verdict:
    """The namespace has as many registration records as it may have."""
    message = (
        f"this namespace has {limit} or more registrations, those that deleted resources left behind included, and "
        "none is added: delete OAuthClients that are not needed, or ask the cluster's administrator "
        f"(--records-per-namespace, `oauthclient-operator orphans`){SLOWLY}"
    )
    return Verdict(reason=Reason.PENDING, message=message, stalled=True)
