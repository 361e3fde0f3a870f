"""By what a client is managed, and at which address: the newest, and where that is refused the one before, once.

A server may name a wrong address in the answer to an update (Keycloak 21.0 to 22.0.5: `…/ID/ID`), and one whose
database was restored knows the token before the newest. RFC 7592 section 2.2 has the client discard the token before;
it is used for nothing but this.

An access token of the operator's own stands in the place of the client's where the issuer says so. What a server says
to that one says nothing of the other.
"""

from dataclasses import replace
from enum import Enum
from typing import Final
from urllib.parse import urlsplit

from ..oauth.client_configuration_endpoint import names_client
from ..oauth.client_information import ClientInformation
from ..oauth.outcome import Rejected
from ..oauth.rfc7592 import says_gone, says_nothing_there, says_token_refused
from . import doubts
from .calls import Call, CallKind, Managing, Said, fingerprint
from .clients import Client
from .credentials import presented_newest, refused_for, with_spare_token
from .record import Record

_LATER: Final = (405, 429, 501)
"""Refusals that say nothing of what was asked, nor of who asked."""


class Way(Enum):
    """By what a client is managed."""

    TOKEN = "its registration access token"  # noqa: S105 - words
    ACCESS = "an access token of the operator's own"
    OUT_OF_REACH = "nothing, for its address is not to be called"
    NOTHING = "nothing, as its issuer resource says"


def to_be_called(record: Record, client: Client, kind: CallKind, *, by_access: bool = False) -> Client:
    """Return a client with what the next call of a kind uses: the previous address or token where it has its turn."""
    last = record.last(kind, client.key)
    refused = last is not None and last.rejected and last.by_access is by_access
    other = _other(client, last.call, last.said) if last is not None and refused else None
    return client if other is None else replace(client, answer=replace(client.answer, information=other))


def has_another_way(client: Client, call: Call, said: Rejected | Said) -> bool:
    """Whether a refusal is followed by the same call with the previous address or token."""
    return _other(client, call, said) is not None


def counts(record: Record, client: Client, call: Call) -> bool:
    """Whether a refusal is about the token that is recorded, or about the one before it, used for want of that one.

    A call that presented what was replaced under it, by a late answer, says nothing.
    """
    if not isinstance(call.what, Managing):
        return False
    newest = fingerprint(client.information.registration_access_token)
    if call.what.bearer == newest:
        return True
    previous = client.previous.registration_access_token
    refused = (c.what.bearer for c in record.closed if c.rejected and isinstance(c.what, Managing))
    return previous is not None and call.what.bearer == fingerprint(previous) and newest in refused


def after_refusal(record: Record, client: Client, call: Call, what: Managing, refusal: Rejected) -> Client:
    """Return a client after the refusal of a read or an update: another token is used, or management is lost."""
    # RFC 7592 section 2.1: "If the client does not exist on this server, the server MUST respond with HTTP 401
    # Unauthorized", and for a token that is not valid it answers the same: neither says that the client is gone. "If
    # the client does not have permission to read its record, the server MUST return an HTTP 403 Forbidden", which says
    # nothing of the token.
    if not says_gone(refusal) or not counts(record, client, call):
        return client
    another_way = has_another_way(client, call, refusal)
    if says_nothing_there(refusal.status, json=refusal.json) or (another_way and refusal.status == 404):
        # A page says nothing of the token, nor does a wrong address.
        return client
    if presented_newest(client, what) and (renewed := with_spare_token(client)) is not None:
        return renewed
    return client if another_way else refused_for(client, CallKind.UPDATE)


def after_access_refused(client: Client, call: Call, refusal: Rejected) -> Client:
    """Return a client after the refusal of a read or an update that presented an access token."""
    if refusal.status == 404:
        return replace(client, doubts=doubts.absent(call.opened_at)) if is_absent(client, call, refusal) else client
    if refusal.status < 400 or refusal.status in _LATER or _is_of_access(refusal):
        return client
    # It let us in, and refuses what was said: that its own token was refused before keeps nobody from managing it.
    return replace(client, refused=frozenset())


def _is_of_access(refusal: Rejected) -> bool:
    return refusal.status == 403 or says_token_refused(refusal.status, refusal.error)


def is_absent(client: Client, call: Call, refusal: Rejected) -> bool:
    """Whether a server that was shown an access token says that it has no such client.

    What has not the form of OAuth's refusals says nothing: whatever stands before a server answers so for a path that
    it does not know. Nor does an address that the server named last and that may be wrong.
    """
    says_so = refusal.status == 404 and refusal.error is not None and call.endpoint in client.addresses
    return says_so and not has_another_way(client, call, refusal)


def was_refused(record: Record, client: Client, call: Call) -> bool:
    """Whether a call before this one was refused with the token that is recorded: then another refusal is no news.

    It may not be in what a client is refused for yet: another way had its turn.
    """
    newest = fingerprint(client.information.registration_access_token)
    before = (c for c in record.closed if c.number < call.number and c.rejected and _says_token_refused(c.said))
    return any(isinstance(c.what, Managing) and c.what.bearer == newest for c in before)


def as_used(client: Client, call: Call) -> ClientInformation:
    """Return what is known of a client with the address and the token that a call used."""
    information, previous = client.information, client.previous.registration_access_token
    if isinstance(call.what, Managing):
        information = information.with_registration_client_uri(call.endpoint)
        if previous is not None and call.what.bearer == fingerprint(previous):
            information = information.with_registration_access_token(previous)
    return information


def _other(client: Client, call: Call, said: Rejected | Said) -> ClientInformation | None:
    newest, previous = client.information, client.previous
    uri, token = newest.registration_client_uri, newest.registration_access_token
    if not isinstance(call.what, Managing):
        return None
    if call.what.by_access:
        other = previous.registration_client_uri
        beside = call.endpoint == uri and said.status == 404 and _is_beside(other, uri)
        named = other is not None and names_client(other, newest.client_id)
        return newest.with_registration_client_uri(other or "") if beside and named else None
    if call.endpoint != uri or call.what.bearer != fingerprint(token):
        # It was the other way already.
        return None
    if said.status == 404 and _is_beside(previous.registration_client_uri, uri):
        return newest.with_registration_client_uri(previous.registration_client_uri or "")
    before = previous.registration_access_token
    if _says_token_refused(said) and before is not None and before != token:
        return newest.with_registration_access_token(before)
    return None


def _says_token_refused(said: Rejected | Said) -> bool:
    return says_token_refused(said.status, said.error)


def _is_beside(previous: str | None, newest: str | None) -> bool:
    """Whether an address is another one at the same origin: what may be called was judged of the newest."""
    if previous is None or newest is None or previous == newest:
        return False
    try:
        before, now = urlsplit(previous), urlsplit(newest)
    except ValueError:
        return False
    return (before.scheme, before.netloc) == (now.scheme, now.netloc)
