"""What anything but a success means for a record: a suspect, a lost token, and sometimes a confirmation."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from ..confidential import Confidential
from ..exchange import NotSent
from ..oauth.json_object import JSON
from ..oauth.outcome import Ambiguous, Rejected
from ..oauth.rfc7591 import ClientInformation
from ..oauth.rfc7592 import is_unsupported, says_gone
from .answers import SPARES_KEPT, attempt_of, with_attempt_outcome
from .model import Call, CallOutcome, Client, Record, Spare, fingerprint

UNRESOLVED_KEPT: Final = 16
Failure = NotSent | Rejected | Ambiguous


def not_registered(record: Record, call: Call, outcome: Failure, kind: CallOutcome, now: datetime) -> Record:
    """Take in that a registration had no success: a lost answer makes a suspect, or a client if it can be named."""
    if not isinstance(outcome, Ambiguous):
        attempt = attempt_of(record, call)
        # Known late, this settles the suspect; known in time, the same attempt goes on.
        late = attempt is not None and attempt.outcome is not None
        return with_attempt_outcome(record, call, kind) if late else record
    salvaged = _salvaged_client(call, outcome, now)
    if salvaged is None:
        return with_attempt_outcome(record, call, CallOutcome.AMBIGUOUS)
    # The client can be named and managed: it is not a suspect but a surplus client, to be deregistered.
    return with_attempt_outcome(record, call, CallOutcome.COMMITTED).with_client(salvaged)


def not_updated(client: Client, call: Call, outcome: Failure) -> Client:
    """Take in that an update had no success."""
    if isinstance(outcome, Ambiguous):
        return replace(client, unresolved=(*client.unresolved, call.number)[-UNRESOLVED_KEPT:])
    if isinstance(outcome, NotSent):
        return client
    if is_unsupported(outcome):
        return replace(client, update_unsupported=True)
    if says_gone(outcome) and _presented_ours(client, call):
        return _with_spare_token(client) or replace(client, management_lost=True)
    return client


def not_deregistered(client: Client, call: Call, outcome: Failure, now: datetime) -> Client:
    """Take in that a deregistration had no plain success; it may be confirmed all the same."""
    if isinstance(outcome, Ambiguous):
        return replace(client, deletion_ambiguous=True)
    if isinstance(outcome, NotSent):
        return client
    if says_gone(outcome) and not _presented_ours(client, call):
        return client
    if says_gone(outcome) and (renewed := _with_spare_token(client)) is not None:
        return renewed
    # The repetition of a DELETE whose answer was lost: the first one worked. With an update unresolved the
    # registration access token may have been rotated, and where it was refused before, that proves nothing now.
    refused = client.deletion_refused or client.management_lost
    if says_gone(outcome) and client.deletion_ambiguous and not refused and not client.unresolved:
        return replace(client, deregistered_at=now)
    if outcome.status in (405, 501):
        # Not a 404 that is no JSON, though: what stands before a server answers so while the server is away.
        return replace(client, deletion_unsupported=True)
    return replace(client, deletion_refused=True) if says_gone(outcome) else client


def with_salvage(client: Client, call: Call, outcome: Failure) -> Client:
    """Keep credentials that came in an answer that is no success."""
    salvage: Mapping[str, JSON] = {} if isinstance(outcome, NotSent) else outcome.salvage
    token, secret = salvage.get("registration_access_token"), salvage.get("client_secret")
    if not isinstance(token, str) and not isinstance(secret, str):
        return client
    spare = Spare(
        call=call.number,
        registration_access_token=Confidential(token) if isinstance(token, str) else None,
        client_secret=Confidential(secret) if isinstance(secret, str) else None,
    )
    return replace(client, spares=(*client.spares, spare)[-SPARES_KEPT:])


def _presented_ours(client: Client, call: Call) -> bool:
    """Whether a call presented the token that is recorded: a late answer may have replaced it under the call."""
    return call.bearer == fingerprint(client.information.registration_access_token)


def _with_spare_token(client: Client) -> Client | None:
    """Return the client with its newest spare token in use, or None without one."""
    found = ((s, s.registration_access_token) for s in reversed(client.spares))
    spare, token = next(((s, t) for s, t in found if t is not None), (None, None))
    if token is None:
        return None
    information = client.information.with_registration_access_token(token)
    others = tuple(s for s in client.spares if s is not spare)
    return replace(client, information=information, spares=others, update_due=True, deletion_refused=False)


def _salvaged_client(call: Call, outcome: Ambiguous, now: datetime) -> Client | None:
    needed = ("client_id", "registration_access_token", "registration_client_uri")
    if not all(outcome.salvage.get(name) for name in needed):
        return None
    return Client(
        key=call.number,
        attempt=call.attempt or 1,
        information=ClientInformation.parse(outcome.salvage),
        answered_by=call.number,
        registered_at=now,
    )
