"""What happens to a record in tests, one call at a time: opened, given up, answered, refused."""

from datetime import timedelta
from typing import Any

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.exchange import NotSent
from oauthclient_operator.oauth.outcome import Ambiguous, NotUnderstood, Rejected
from oauthclient_operator.record.calls import Call, CallKind
from oauthclient_operator.record.clients import Client
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.transitions import absorb, close, open_call
from tests.pure.records import ISSUER, NOW, call, information, metadata, published

LOST = Ambiguous(cause="timeout", salvage={})
LATER = NOW + timedelta(minutes=5)
EDITED = metadata(client_name="Web shop")
NAMED = {"client_id": "c1", "registration_access_token": "r1", "registration_client_uri": f"{ISSUER}/register/c1"}
"""What can be read of an answer that was cut short, enough to manage its client."""


def opened(record: Record, kind: CallKind, **values: Any) -> tuple[Record, Call]:
    """Return the record with its next call open, and the call."""
    record = open_call(record, call(record, kind, **values))
    assert record.open is not None
    return record, record.open


def given_up(record: Record, kind: CallKind, **values: Any) -> tuple[Record, Call]:
    """Return the record after a call of which no answer came, and the call, whose sender may only sleep."""
    record, made = opened(record, kind, **values)
    return close(record, made, LOST, LATER), made


def answered(record: Record, kind: CallKind, values: dict[str, Any] | None = None, **members: Any) -> Record:
    """Return the record after a call that was answered with those members over the default ones."""
    record, made = opened(record, kind, **(values or {}))
    answer = None if kind is CallKind.DEREGISTER else information(**members)
    return absorb(record, made, answer, {}, LATER)


def failed(
    record: Record, kind: CallKind, outcome: NotSent | Ambiguous | NotUnderstood | Rejected, **values: Any
) -> Record:
    """Return the record after a call that was not answered by a success."""
    record, made = opened(record, kind, **values)
    return close(record, made, outcome, LATER)


def named(client_id: str, **members: Any) -> dict[str, Any]:
    """Return members of an answer about a client of that identifier."""
    return {"client_id": client_id, "registration_client_uri": f"{ISSUER}/register/{client_id}", **members}


def refused(status: int = 401, **values: Any) -> Rejected:
    """Return a complete refusal."""
    return Rejected(**{"status": status, "error": "invalid_token", "description": None, "retry_after": None, **values})


def update(record: Record, **values: Any) -> dict[str, Any]:
    """Return what an update of the published client says."""
    return {"client": published(record).key, "digest": EDITED.digest(), "metadata": EDITED.members, **values}


def of(record: Record) -> dict[str, Any]:
    """Return what says that a call is about the published client."""
    return {"client": published(record).key}


def text(credential: Confidential | None) -> str | None:
    """Return a credential as it can be compared."""
    return credential.reveal() if credential is not None else None


def token(client: Client) -> str | None:
    """Return a client's registration access token."""
    return text(client.information.registration_access_token)


def tokens(client: Client) -> list[str | None]:
    """Return the registration access tokens of a client's spares."""
    return [text(spare.registration_access_token) for spare in client.spares]
