"""What a status knows and a record does not, because the record is lost: written down, so that it is looked for."""

from collections.abc import Collection
from datetime import datetime

from ..resource.status import Status, SuspectedOrphan, shown_client_id
from .attempts import Attempt, AttemptState
from .record import Record
from .transitions import name_lost


def name_all_lost(
    record: Record, status: Status, issuer: str, trust: str, now: datetime, *, but: Collection[str] = ()
) -> Record:
    """Write down the clients and the lost attempts that a status names, but for those clients.

    Of which issuer a client is a status does not say: that of the spec is taken.
    """
    known = {shown_client_id(client.information.client_id) for client in record.clients}
    known |= {shown_client_id(client_id) for client_id in but}
    for client_id in status.client_ids:
        if client_id not in known:
            record = name_lost(record, client_id, issuer, trust, now)
    for orphan in status.suspected_orphans:
        record = _with_suspect(record, orphan)
    return record


def _with_suspect(record: Record, orphan: SuspectedOrphan) -> Record:
    if any(a.issuer == orphan.issuer and a.sent_at.replace(microsecond=0) == orphan.sent_at for a in record.attempts):
        return record
    number = max((a.number for a in record.attempts), default=0) + 1
    lost = Attempt(
        number=number,
        issuer=orphan.issuer,
        endpoint=orphan.issuer,
        sent_at=orphan.sent_at,
        until=orphan.until,
        state=AttemptState.SUSPECT,
    )
    return record.with_attempt(lost)
