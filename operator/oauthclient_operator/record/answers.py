"""What a success means for the clients and attempts of a record: who is known by it, and whose credentials hold."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from ..oauth.rfc7591 import ClientInformation, kept_members
from ..oauth.rfc7592 import merged
from .model import Attempt, Call, CallOutcome, Client, Record, Spare, fingerprint

SPARES_KEPT: Final = 8


def registered(
    record: Record, call: Call, information: ClientInformation, endpoints: Mapping[str, str], now: datetime
) -> Record:
    """Take in a new client, or news of one that is known: the first one answered is the published one, for good."""
    attempt = call.attempt or 1
    record = with_attempt_outcome(record, call, CallOutcome.COMMITTED)
    first = record.current is None and record.released is None and not record.recreated
    same = next((c for c in record.clients if is_same(c.information, information)), None)
    if same is not None:
        if call.number < same.answered_by:
            return record.with_client(_with_spare(same, call, information))
        known = replace(
            _with_credentials(same, call, information),
            endpoints=endpoints,
            confirmed=call.metadata,
            confirmed_digest=call.digest,
            # A server may give the same identifier out again.
            deregistered_at=None,
            deletion_ambiguous=False,
        )
        return replace(record.with_client(known), current=same.key if first else record.current)
    if record.client(call.number) is not None:
        # Another process made the record anew, and numbered its own calls from the beginning.
        record, key = replace(record, next_call=record.next_call + 1), record.next_call
    else:
        key = call.number
    client = Client(
        key=key,
        attempt=attempt,
        information=information,
        answered_by=call.number,
        registered_at=now,
        endpoints=endpoints,
        confirmed=call.metadata,
        confirmed_digest=call.digest,
    )
    return replace(record.with_client(client), current=client.key if first else record.current)


def updated(client: Client, call: Call, information: ClientInformation, endpoints: Mapping[str, str]) -> Client:
    """Take in the answer to the client's newest call: its credentials and metadata hold."""
    whole = merged(client.information, information)
    kept = {name: value for name, value in client.information.metadata.items() if name in client.kept}
    return replace(
        _with_credentials(client, call, whole),
        endpoints=endpoints,
        confirmed=call.metadata,
        confirmed_digest=call.digest,
        kept=kept_members({**kept, **(client.confirmed or {})}, call.metadata or {}, whole),
        unresolved=(),
        update_due=False,
    )


def late_update(client: Client, call: Call, information: ClientInformation) -> Client:
    """Take in the answer to an update that was given up: another update is due, and whose credentials hold depends."""
    client = replace(client, unresolved=tuple(n for n in client.unresolved if n != call.number), update_due=True)
    unchanged = fingerprint(client.information.registration_access_token) in (call.bearer, None)
    if unchanged and client.answered_by < call.number:
        # Its sender slept with the only live registration access token in hand.
        return _with_credentials(client, call, merged(client.information, information))
    return _with_spare(client, call, information)


def with_attempt_outcome(record: Record, call: Call, outcome: CallOutcome) -> Record:
    """Return the record with the outcome of the attempt that a call belongs to."""
    attempt = attempt_of(record, call)
    return record if attempt is None else record.with_attempt(replace(attempt, outcome=outcome))


def attempt_of(record: Record, call: Call) -> Attempt | None:
    """Return the attempt that a call belongs to; in a record that was made anew its number may be another's."""
    return next((a for a in record.attempts if a.number == call.attempt and a.sent_at == call.opened_at), None)


def is_same(one: ClientInformation, other: ClientInformation) -> bool:
    """Whether two answers of one issuer are about one client."""
    uri = one.registration_client_uri
    return one.client_id == other.client_id or (uri is not None and uri == other.registration_client_uri)


def _with_credentials(client: Client, call: Call, information: ClientInformation) -> Client:
    return replace(
        client,
        information=information,
        answered_by=call.number,
        management_lost=False,
        deletion_refused=False,
        spares=tuple(s for s in client.spares if s.call > call.number),
    )


def _with_spare(client: Client, call: Call, information: ClientInformation) -> Client:
    spare = Spare(
        call=call.number,
        registration_access_token=information.registration_access_token,
        client_secret=information.client_secret,
    )
    return replace(client, spares=(*client.spares, spare)[-SPARES_KEPT:])
