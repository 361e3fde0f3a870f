"""Which status was written last, of the resources that were written lately: the same one is not written hot."""

from collections import OrderedDict
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, NamedTuple

from ..plan import pauses
from ..resource.status import Status

KEPT: Final = 1024
"""Resources that are remembered; whose turn is forgotten may have its status written once more."""
_NO_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)


class _Written(NamedTuple):
    said: int
    times: int
    at: datetime


class LastWritten:
    """How often in a row a resource's status was written to say the same, by its UID.

    Somebody else may change it back, or the API server prune it; the pauses are those of a Secret that is put right.
    """

    def __init__(self) -> None:
        self._by_uid: OrderedDict[str, _Written] = OrderedDict()

    def not_before(self, uid: str, status: Status, now: datetime) -> datetime | None:
        """Return when that status may be written again, or None where it may be now."""
        last = self._by_uid.get(uid)
        if last is None or last.said != _said(status):
            return None
        not_before = pauses.heal_not_before(last.times, last.at)
        return not_before if not_before is not None and now < not_before else None

    def note(self, uid: str, status: Status, now: datetime) -> None:
        """Take down that it was written."""
        last, said = self._by_uid.pop(uid, None), _said(status)
        again = last is not None and last.said == said and now <= last.at + pauses.HEALS_FORGOTTEN_AFTER
        self._by_uid[uid] = _Written(said, last.times + 1 if last is not None and again else 1, now)
        if len(self._by_uid) > KEPT:
            self._by_uid.popitem(last=False)


def _said(status: Status) -> int:
    """Return a number for what a status says, but for the times: they move when somebody turns a condition over."""
    return hash(replace(status, conditions=tuple(replace(c, last_transition_time=_NO_TIME) for c in status.conditions)))
