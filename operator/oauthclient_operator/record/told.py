"""What a record at rest has for its resource's status to tell, in few characters that stand in its metadata.

A process may die after it changed the record and before it said so. What of that its state, its dates and its suspects
do not show to the next one is compared by this: the edition that is published, what came of a read and of a proof.
"""

import zlib
from datetime import datetime
from typing import Final

from ..names import REFRESH_ANNOTATION, ConditionType, Reason
from ..oauth.proof.results import NotProvable
from ..oauth.rfc7591 import deviations
from ..resource.status import Status
from .clients import Client
from .pairs import expiry
from .reading import last_failed
from .record import Record

REPORTED_DEVIATIONS: Final = 100


def reported_deviations(client: Client) -> tuple[str, ...]:
    """Return the names of what the server holds otherwise than asked, as many as a status tells."""
    named = {*deviations(client.accepted, client.information), *client.kept}
    return tuple(sorted(named))[:REPORTED_DEVIATIONS]


def told(record: Record, client: Client) -> str:
    """Return what there is to tell of the published client of a record at rest."""
    proof = None
    if client.calibration is not None:
        proof = Reason.NOT_PROVABLE if isinstance(client.calibration.found, NotProvable) else Reason.PROVEN
    unread = client.manageable and last_failed(record, client) is not None
    return _digest(record.edition, reported_deviations(client), expiry(client), proof, unread=unread)


def told_by(status: Status) -> str | None:
    """Return what a status tells; None where it is an older operator's, which did not say what is published."""
    if status.edition is None:
        return None
    registration = status.registration
    ready = next((c for c in status.conditions if c.type == ConditionType.READY), None)
    return _digest(
        status.edition,
        () if registration is None else registration.deviations,
        None if registration is None else registration.secret_expires_at,
        next((c.reason for c in status.conditions if c.type == ConditionType.CREDENTIALS_VALID), None),
        # Whatever became of a read that brought nothing, its sentence names what asked for it.
        unread=ready is not None and REFRESH_ANNOTATION in ready.message,
    )


def _digest(
    edition: int, deviating: tuple[str, ...], expires_at: datetime | None, proof: str | None, *, unread: bool
) -> str:
    expires = None if expires_at is None else int(expires_at.timestamp())
    said = (edition, deviating, expires, None if proof is None else str(proof), unread)
    return f"{zlib.crc32(repr(said).encode(errors='backslashreplace')):08x}"
