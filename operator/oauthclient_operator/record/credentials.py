"""Credentials that answers bring: the newest hold, those of late, unreadable or refusing answers are spares."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from ..confidential import Confidential
from ..exchange import NotSent
from ..oauth.client_information import ClientInformation
from ..oauth.json_object import JSON
from ..oauth.outcome import Ambiguous, Rejected
from .calls import Call, CallKind, DeregisterCall, UpdateCall, fingerprint
from .clients import Answer, Client, Spare, UpdateDue

SPARES_KEPT: Final = 8
Failure = NotSent | Rejected | Ambiguous


def is_same(client: Client, issuer: str, information: ClientInformation) -> bool:
    """Whether an answer of an issuer is about that client: servers may answer a second request with the first one."""
    known, uri = client.information, information.registration_client_uri
    same_uri = uri is not None and uri == known.registration_client_uri
    return client.issuer == issuer and (known.client_id == information.client_id or same_uri)


def is_about(client: Client, call: Call) -> bool:
    """Whether a late call can be about that client: a record that was made anew may know another by its number."""
    return client.issuer == call.issuer and client.information.registration_client_uri in (None, call.endpoint)


def with_answer(client: Client, call: Call, information: ClientInformation, endpoints: Mapping[str, str]) -> Client:
    """Return the client with the server's newest word: its credentials hold, and nobody has refused them yet."""
    return replace(
        client,
        answer=Answer(information=information, call=call.number, endpoints=endpoints),
        refused=frozenset(),
        spares=tuple(s for s in client.spares if s.call > call.number),
    )


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


def presented_newest(client: Client, what: UpdateCall | DeregisterCall) -> bool:
    """Whether a call presented the token that is recorded: a late answer may have replaced it under the call."""
    return what.bearer == fingerprint(client.information.registration_access_token)
