"""Credentials that answers bring: the newest hold, those of late, unreadable or refusing answers are spares."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from ..confidential import Confidential
from ..exchange import NotSent
from ..oauth.client_information import ClientInformation
from ..oauth.hidden_secrets import hidden
from ..oauth.json_object import JSON
from ..oauth.outcome import Ambiguous, NotUnderstood, Rejected
from .calls import Call, CallKind, Managing, fingerprint
from .clients import Alive, Answer, Client, LeftBehind, Previous, Spare, UpdateDue
from .pairs import SHORTEST_LIFETIME

SPARES_KEPT: Final = 8
Failure = NotSent | Rejected | Ambiguous | NotUnderstood


def is_same(client: Client, issuer: str, information: ClientInformation) -> bool:
    """Whether an answer of an issuer is about that client: servers may answer a second request with the first one.

    The address says nothing. RFC 7592 appendix B: "the server MAY simply return the client registration endpoint URL
    as the client configuration endpoint URL and change behavior based on the authentication context".
    """
    return client.issuer == issuer and client.information.client_id == information.client_id


def answers_for(client: Client, call: Call, information: ClientInformation, *, late: bool) -> bool:
    """Whether the answer to a call about that client is about it, whatever the server calls it there.

    RFC 7592 section 2.2: "The value of the "client_id" MUST NOT change"; where it does, the address still says whose it
    is. A late one may be to a call of a record that knew another client by that number.
    """
    uri = information.registration_client_uri
    at_its_address = uri is not None and uri == client.information.registration_client_uri and not late
    return is_same(client, call.issuer, information) or (client.issuer == call.issuer and at_its_address)


def is_about(client: Client, call: Call) -> bool:
    """Whether a late call can be about that client: a record that was made anew may know another by its number.

    A server may have one address for all its clients: then the token that was presented tells them apart.
    """
    known = client.information
    if client.issuer != call.issuer or known.registration_client_uri is None:
        return client.issuer == call.issuer
    at_its_address = call.endpoint in (known.registration_client_uri, client.previous.registration_client_uri)
    own = isinstance(call.what, Managing) and not call.what.by_access
    bearer = call.what.bearer if own and isinstance(call.what, Managing) else None
    return at_its_address and (bearer is None or bearer in _tokens(client))


def _tokens(client: Client) -> set[str | None]:
    """Return the fingerprints of all tokens that a client is, was or may be managed with."""
    known: tuple[ClientInformation | Previous | Spare, ...] = (client.information, client.previous, *client.spares)
    return {fingerprint(holder.registration_access_token) for holder in known}


def with_answer(
    client: Client,
    call: Call,
    information: ClientInformation,
    endpoints: Mapping[str, str],
    used: ClientInformation | None = None,
) -> Client:
    """Return the client with the server's newest word: its credentials hold, and nobody has refused them yet.

    `used` has the address and the token of the call, where those are not the newest. A client secret that looks like a
    hash or a mask takes the place of none that worked and looked otherwise: it is kept as a spare.
    """
    used = used or client.information
    before = (used.registration_client_uri, used.registration_access_token)
    now = (information.registration_client_uri, information.registration_access_token)
    spares = tuple(s for s in client.spares if s.call > call.number)
    known, secret = client.information.client_secret, information.client_secret
    if known is not None and secret != known and hidden(secret) is not None and hidden(known) is None:
        information = information.with_client_secret_of(client.information)
        spares = (Spare(call=call.number, client_secret=secret), *spares)
    same_term = is_same_term(client, information, call.opened_at)
    return replace(
        client,
        answer=Answer(information=information, call=call.number, endpoints=endpoints),
        # Nobody doubts a client that is given out anew. Of one that was there who takes the answer says what is left.
        doubts=None,
        credential_at=client.credential_at if same_term else call.opened_at,
        credential_dated=client.credential_dated if same_term else None,
        unresolved_reads=tuple(n for n in client.unresolved_reads if n > call.number),
        refused=frozenset(),
        # What was left behind because its token was refused can be ended with the one that came late.
        end=Alive() if isinstance(client.end, LeftBehind) else client.end,
        spares=spares,
        previous=client.previous
        if before == now
        else Previous(registration_client_uri=before[0], registration_access_token=before[1]),
    )


def is_same_term(client: Client, information: ClientInformation, at: datetime) -> bool:
    """Whether a client's secret lives on as it did; also where an answer of then tells that it has ended, or will soon.

    A secret whose end alone is news lived before: of what is left of it, its lifetime cannot be told. Where that is
    long enough to be renewed within, it counts as a new one all the same, for many a server prolongs a secret so.
    """
    before, expires_at = client.information, information.client_secret_expires_at
    if before.client_secret != information.client_secret:
        return False
    ends_soon = bool(expires_at) and datetime.fromtimestamp(expires_at, UTC) - at < SHORTEST_LIFETIME
    return before.client_secret_expires_at == expires_at or ends_soon


def with_spare(client: Client, call: Call, information: ClientInformation) -> Client:
    """Return the client with the credentials of an answer that came late beside those that hold."""
    spare = Spare(
        call=call.number,
        registration_access_token=information.registration_access_token,
        client_secret=information.client_secret,
    )
    return replace(client, spares=(*client.spares, spare)[-SPARES_KEPT:])


def with_salvage(client: Client, call: Call, failure: Failure) -> Client:
    """Return the client with the credentials that came in an answer which is no success."""
    salvage: Mapping[str, JSON] = {} if isinstance(failure, NotSent) else failure.salvage
    token, secret = salvage.get("registration_access_token"), salvage.get("client_secret")
    if not isinstance(token, str) and not isinstance(secret, str):
        return client
    spare = Spare(
        call=call.number,
        registration_access_token=Confidential(token) if isinstance(token, str) else None,
        client_secret=Confidential(secret) if isinstance(secret, str) else None,
    )
    return replace(client, spares=(*client.spares, spare)[-SPARES_KEPT:])


def with_spare_token(client: Client) -> Client | None:
    """Return the client with its newest spare token in use, or None without one.

    Nobody knows what the server holds then, so an update is due.
    """
    found = ((s, s.registration_access_token) for s in reversed(client.spares))
    spare, token = next(((s, t) for s, t in found if t is not None), (None, None))
    if token is None:
        return None
    return replace(
        client,
        answer=replace(client.answer, information=client.information.with_registration_access_token(token)),
        spares=tuple(s for s in client.spares if s is not spare),
        standing=UpdateDue(client.unresolved),
        # Whether the server takes this one is not known: what it refused an update with still stands.
        refused=client.refused - {CallKind.DEREGISTER},
    )


def refused_for(client: Client, kind: CallKind) -> Client:
    """Return the client with the server's word that the token is not accepted for such a call."""
    return replace(client, refused=client.refused | {kind})


def presented_newest(client: Client, what: Managing) -> bool:
    """Whether a call presented the token that is recorded: a late answer may have replaced it under the call."""
    return what.bearer == fingerprint(client.information.registration_access_token)
