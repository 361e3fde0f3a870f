"""Every change of a record as a compare-and-swap of a pure transition, applied to the newest copy until it holds."""

from collections.abc import Callable
from typing import Final

from ..backoff import Backoff
from ..errors import AlreadyExists, ClusterError, Conflict, NotFound, RequestRefused, Unanswered
from ..record.envelope import Stored
from ..record.record import Record
from .ports import Clock, Records

Transition = Callable[[Record], Record]
TRIES: Final = 6
LONGEST: Final = 60.0
"""Seconds after which a write is not tried again: an admission webhook may hold each try, and the pod's grace period
covers two of them, and not six."""
_PAUSE: Final = Backoff(first=0.05, longest=1.0)


async def create(records: Records, record: Record) -> Stored:
    """Create a record; one whose answer was lost is recognised by what it holds.

    Raises:
        Conflict: there is another record already.
        ClusterError: it could not be written.
    """
    try:
        return await records.create(record)
    except (AlreadyExists, Unanswered) as error:
        stored = await _read_after(error, records, record.subject.uid)
        if stored is not None and stored.record == record:
            return stored
        if isinstance(error, Unanswered) and stored is None:
            raise
        raise Conflict("another process wrote the registration record first", status=409) from None


async def change(records: Records, clock: Clock, stored: Stored, transition: Transition) -> Stored:
    """Apply a transition to the newest copy of the record.

    The transition is applied again after a conflict and after a write whose answer was lost, so it must be safe to
    repeat. Whatever it raises is passed on.

    Raises:
        NotFound: the record is gone.
        ClusterError: it could not be written.
    """
    too_often = Conflict("the registration record is being changed too often", status=409)
    failed: ClusterError = too_often
    began = clock.elapsed()
    for attempt in range(TRIES):
        changed = transition(stored.record)
        if changed == stored.record:
            return stored
        if attempt and clock.elapsed() >= began + LONGEST:
            # Not before it was read whether one of them was done after all.
            raise failed
        try:
            return await records.write(stored, changed)
        except Conflict:
            failed = too_often
        except Unanswered as error:
            if attempt == TRIES - 1:
                raise
            failed = error
            await clock.sleep(_PAUSE.without_jitter(attempt + 1))
        newest = await _read_after(failed, records, stored.record.subject.uid)
        if newest is None:
            raise NotFound("the registration record is gone", status=404)
        stored = newest
    raise too_often


async def _read_after(failed: ClusterError, records: Records, uid: str) -> Stored | None:
    """Read a record after a write of it failed.

    Raises:
        ClusterError: it could not be read. That it may not be read refuses no write, which may have been done: what was
            to be written must not be undone for that.
    """
    try:
        return await records.read(uid)
    except RequestRefused:
        raise failed from None
