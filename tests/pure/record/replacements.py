"""A registered record on its way to another pair, one step at a time."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.record.calls import Asked, Call, CallKind, RegisterCall
from oauthclient_operator.record.pairs import Pair
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.registering import next_attempt
from oauthclient_operator.record.replacements import Replacement, ReplacementReason, Strategy
from oauthclient_operator.record.replacing import begin, promote, show
from oauthclient_operator.record.transitions import absorb, open_call
from tests.pure.record.steps import named
from tests.pure.records import NOW, call, information, registered_record

OVERLAP: Final = timedelta(hours=24)
DAY: Final = timedelta(days=1)
REQUESTED: Final = (ReplacementReason.REQUESTED,)
SECRET: Final[dict[str, Any]] = {"client_secret": "s2", "registration_access_token": "r2"}


def replacement(record: Record, reasons: tuple[ReplacementReason, ...] = REQUESTED, at: datetime = NOW) -> Replacement:
    """Return what is written down when the next call of a record begins a replacement."""
    return Replacement(
        reasons=reasons,
        strategy=Strategy.REREGISTER,
        begun_at=at,
        first_call=record.next_call,
        first_attempt=next_attempt(record),
    )


def begun(
    record: Record | None = None, reasons: tuple[ReplacementReason, ...] = REQUESTED, at: datetime = NOW
) -> Record:
    """Return the record in the write that begins a replacement: its first call is open."""
    record = registered_record() if record is None else record
    record = begin(record, replacement(record, reasons, at))
    return open_call(record, call(record, CallKind.REGISTER, at=at))


def answered(record: Record, client_id: str = "c2", at: datetime = NOW, **members: Any) -> Record:
    """Return the record after the open registration was answered with that client."""
    assert record.open is not None
    return absorb(record, record.open, information(**{**SECRET, **named(client_id), **members}), {}, at)


def with_candidate(record: Record | None = None, at: datetime = NOW, **members: Any) -> Record:
    """Return the record with a candidate."""
    return answered(begun(record, at=at), at=at, **members)


def candidate(record: Record) -> Pair:
    """Return the pair that is about to be published."""
    assert record.replacement is not None
    assert record.replacement.pair is not None
    return record.replacement.pair


def promoted(record: Record | None = None, at: datetime = NOW) -> Record:
    """Return the record after the candidate was published; the pair before it was not seen to be gone yet."""
    record = with_candidate(at=at) if record is None else record
    return promote(record, candidate(record), None, at)


def shown(record: Record | None = None, at: datetime = NOW, overlap: timedelta = OVERLAP) -> Record:
    """Return the record after what is published was seen in the Secret: the pair before has a date."""
    record = promoted(at=at) if record is None else record
    return show(record, record.edition, at, overlap)


def asking(call: Call, metadata: ClientMetadata) -> Call:
    """Return a registration that asks for those metadata."""
    assert isinstance(call.what, RegisterCall)
    return replace(call, what=replace(call.what, asked=Asked(metadata.digest(), metadata.members)))
