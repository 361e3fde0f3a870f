"""What an adoption does to a record: a client that a Secret hands over is read first, and then published.

    offer -> its read answers with it -> proven -> take up
    offer -> its read is refused, or another record holds it -> refuse

One that cannot be read is taken up, or refused, unproven. Each names what it is about, so that it changes nothing in a
record that has moved on.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from ..confidential import Confidential
from ..exchange import NotSent
from ..oauth.client_information import ClientInformation
from ..oauth.hidden_secrets import hidden
from ..oauth.outcome import Ambiguous, NotUnderstood, Rejected
from ..resource.client_information_secret import HandedOver
from . import handed_keys, reading
from .adoptions import Offered, Proven, Refused, Taken
from .calls import Asked, Call, ClosedCall, ReadCall
from .clients import Adopted, Alive, Answer, Client, NamedByStatus, Previous, Registered, Spare
from .credentials import SPARES_KEPT, Failure
from .pairs import OwnKey, pair_of
from .record import Record
from .signing_keys import SigningKey


def offer(record: Record, handed: HandedOver, endpoints: Mapping[str, str], trust: str, now: datetime) -> Record:
    """Write down what a Secret hands over, before it is read at its server."""
    current = record.adoption
    if record.open is not None or record.released is not None or isinstance(current, Proven):
        return record
    if isinstance(current, Offered) and current.fingerprint == handed.fingerprint:
        return record
    client = _client(handed, record.next_call, endpoints, trust, now)
    if isinstance(current, Offered | Refused) and current.client is not None:
        client = _as_read_before(client, current.client)
    offered = Offered(fingerprint=handed.fingerprint, client=client)
    return replace(record, next_call=record.next_call + 1, adoption=offered)


def committed(
    record: Record, call: Call, what: ReadCall, information: ClientInformation, now: datetime, *, late: bool
) -> Record:
    """Take in the server's answer: whoever holds the token holds the client."""
    adoption = record.adoption
    # Refused, if this answer comes late: its sender may have slept with the only live token in hand.
    offered = adoption.client if isinstance(adoption, Offered | Refused) else None
    held = known(record, call.issuer, information.client_id)
    if adoption is None or offered is None or offered.key != what.client:
        # Another Secret came meanwhile. What this answer may have renewed counts where the client is known.
        if held is None:
            return record
        return reading.committed(record.with_client(_by_token_alone(held)), call, what, information, now, late=late)
    asked = offered if held is None else _with_offered(held, offered.information, offered.endpoints)
    answered = replace(reading.answered(asked, call, what, information), end=Alive())
    for key in offered.keys:
        if handed_keys.is_against(answered, key, information.metadata):
            # A server may have renewed the token with the read: it is kept for who hands over the right key, beside
            # the one that the Secret has.
            refused = reading.answered(offered, call, what, information)
            refused = replace(refused, previous=offered.previous) if offered.previous != Previous() else refused
            record = record if held is None else record.with_client(replace(answered, end=held.end))
            return replace(record, adoption=Refused(fingerprint=adoption.fingerprint, at=now, client=refused))
        answered = handed_keys.with_key(answered, key, information.metadata)
    if held is not None and pair_of(answered) != pair_of(held):
        # What was doubted was the one before.
        answered = replace(answered, doubts=None)
    if held is None or isinstance(held.origin, Adopted | NamedByStatus):
        answered = replace(answered, origin=Adopted(at=held.origin.at if held else now, proven=True))
    record = record.with_client(answered)
    return replace(record, adoption=Proven(fingerprint=adoption.fingerprint, client=answered.key))


def failed(
    record: Record, call: Call, what: ReadCall, failure: Failure, closed: ClosedCall | None, now: datetime
) -> Record:
    """Take in that there was no success; `closed` is None for what came late, which says nothing."""
    offered = record.adoption
    if closed is None or not isinstance(offered, Offered) or offered.client.key != what.client:
        return record
    match failure:
        case NotSent():
            return record
        case Ambiguous():
            unresolved = (*offered.client.unresolved_reads, call.number)[-reading.UNRESOLVED_KEPT :]
            client = replace(offered.client, unresolved_reads=unresolved)
            return replace(record, adoption=replace(offered, client=client))
        case Rejected(status=429):
            return record
        case Rejected() | NotUnderstood():
            return replace(
                record,
                adoption=Refused(fingerprint=offered.fingerprint, at=now, client=offered.client, answer=closed),
            )


def refuse(record: Record, fingerprint: str, now: datetime) -> Record:
    """Write down that another record holds the client, or nobody asks for it any more: it is no client of ours.

    It is forgotten, not ended.
    """
    current = record.adoption
    if not isinstance(current, Offered | Proven) or current.fingerprint != fingerprint:
        return record
    refused = replace(record, adoption=Refused(fingerprint=fingerprint, at=now))
    client = record.client(current.client) if isinstance(current, Proven) else None
    needed = {pair.client for pair in record.pairs}
    if client is None or client.key in needed or not isinstance(client.origin, Adopted):
        return refused
    return replace(refused, clients=tuple(c for c in record.clients if c is not client))


def refuse_unproven(record: Record, fingerprint: str, now: datetime) -> Record:
    """Write down that a client secret is not taken up, for nobody says that the server accepts it."""
    if record.open is not None or record.released is not None or isinstance(record.adoption, Proven):
        return record
    return replace(record, adoption=Refused(fingerprint=fingerprint, at=now, unproven=True))


def take_up(record: Record, key: int, edition: int, now: datetime) -> Record:
    """Make a proven client the published one, as an edition that is at least that one; the pair before it leaves."""
    proven = record.adoption
    client = record.client(key)
    if not isinstance(proven, Proven) or proven.client != key or client is None or record.released is not None:
        return record
    return _published(replace(record, adoption=Taken(fingerprint=proven.fingerprint)), client, edition, now)


def take_up_unproven(
    record: Record,
    handed: HandedOver,
    asked: Asked,
    endpoints: Mapping[str, str],
    trust: str,
    edition: int,
    now: datetime,
) -> Record:
    """Publish what a Secret hands over as it is: who wrote it says that the client is what the spec asks for."""
    taken = Taken(fingerprint=handed.fingerprint)
    if record.open is not None or record.released is not None or record.adoption == taken:
        return record
    held = known(record, handed.issuer, handed.information.client_id)
    if held is not None:
        client = _with_offered(held, handed.information, endpoints)
        if _term(client) != _term(held):
            # What was doubted was the one before.
            client = replace(client, spares=_with_spare(held), credential_at=now, credential_dated=None, doubts=None)
        if handed.key is not None:
            client = handed_keys.with_unread_key(client, SigningKey.handed_over(handed.key, now))
            client = client if pair_of(client) == pair_of(held) else replace(client, doubts=None)
        # Whatever was to become of it, or was believed: who hands it over says that it lives, and it is in use now.
        client = replace(client, end=Alive())
    else:
        client = replace(_client(handed, record.next_call, endpoints, trust, now), confirmed=asked)
        record = replace(record, next_call=record.next_call + 1)
    return _published(replace(record.with_client(client), adoption=taken), client, edition, now)


def known(record: Record, issuer: str, client_id: str) -> Client | None:
    """Return the client of a record that is the one of that identifier at an issuer."""
    found = (c for c in record.clients if c.issuer == issuer and c.information.client_id == client_id)
    return next(found, None)


def was_renewed(client: Client) -> bool:
    """Whether it has another key of ours than the first, or another client secret that nobody handed over since."""
    if isinstance(pair_of(client).credential, OwnKey):
        return any(key.born_at > client.origin.at for key in client.keys if key.kid in client.kids)
    spares = (s.client_secret for s in client.spares if s.call == client.answer.call)
    handed_over = any(secret is not None and hidden(secret) is None for secret in spares)
    return client.credential_at is not None and not handed_over


def _published(record: Record, client: Client, edition: int, now: datetime) -> Record:
    pair, before = handed_keys.taken_pair(record, client), record.pair
    other_client = before is not None and before.client != client.key
    other_key = before is not None and before != pair and isinstance(pair.credential, OwnKey) and not other_client
    return replace(
        record,
        pair=pair,
        edition=max(record.edition + other_key, edition),
        promoted_at=now if before is not None else None,
        # What was to take the place of the pair before is not needed any more.
        replacement=None if other_client or other_key else record.replacement,
        leaving=handed_keys.staying(record, client, pair),
        recreated=False,
    )


def _client(handed: HandedOver, key: int, endpoints: Mapping[str, str], trust: str, now: datetime) -> Client:
    answer = Answer(information=handed.information, call=key, endpoints=endpoints)
    keys = () if handed.key is None else (SigningKey.handed_over(handed.key, now),)
    return Client(
        key=key,
        issuer=handed.issuer,
        trust=trust,
        origin=Adopted(at=now),
        answer=answer,
        keys=keys,
        kids=tuple(own.kid for own in keys),
    )


def _as_read_before(client: Client, read: Client) -> Client:
    """Return a client that is offered again with the token that its read brought in the place of this very one."""
    told, known, previous = client.information, read.information, read.previous.registration_access_token
    same = (client.issuer, told.client_id) == (read.issuer, known.client_id)
    renewed = known.registration_access_token
    if not same or renewed is None or previous is None or previous != told.registration_access_token:
        return client
    information = told.with_registration_access_token(renewed)
    return replace(client, answer=replace(client.answer, information=information), previous=read.previous)


def _with_offered(held: Client, told: ClientInformation, endpoints: Mapping[str, str]) -> Client:
    """Return a client that is known with the credentials that were handed over for it."""
    information = held.information if told.client_secret is None else held.information.with_client_secret_of(told)
    if told.registration_client_uri is not None:
        information = information.with_registration_client_uri(told.registration_client_uri)
    if told.registration_access_token is not None:
        information = information.with_registration_access_token(told.registration_access_token)
    answer = replace(held.answer, information=information, endpoints=endpoints or held.endpoints)
    return replace(_by_token_alone(held), answer=answer)


def _by_token_alone(client: Client) -> Client:
    """Return a client that is managed by its own token from now on: who hands it over names where that is.

    An access token of the operator's opens everybody's clients, and must not be led to one of theirs.
    """
    if not isinstance(client.origin, Registered):
        return client
    return replace(client, origin=replace(client.origin, admitted_by=None))


def _term(client: Client) -> tuple[Confidential | None, int]:
    return client.information.client_secret, client.information.client_secret_expires_at


def _with_spare(client: Client) -> tuple[Spare, ...]:
    """Return a client's spares with the client secret in whose place another one is handed over."""
    secret = client.information.client_secret
    if secret is None:
        return client.spares
    return (*client.spares, Spare(call=client.answer.call, client_secret=secret))[-SPARES_KEPT:]
