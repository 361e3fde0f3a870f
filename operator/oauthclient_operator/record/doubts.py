"""That a client's credentials are refused: believed when it was confirmed three times over ten minutes.

One refusal may be a replica that has not heard of the client yet, or a gateway's word. What is counted stands in the
record, so that a restart does not begin anew. A refusal that may be for the time alone counts nothing, however often it
comes: nobody knows then.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from ..oauth.proof.results import NotKnown, ProofResult, Refused, Unavailable, Valid

CONFIRMATIONS: Final = 3
OVER: Final = timedelta(minutes=10)
APART: Final = OVER / (CONFIRMATIONS - 1)
"""So far apart refusals are counted: what is asked in between, on request for instance, confirms nothing."""
STALE: Final = timedelta(hours=1)
"""Older doubts are begun anew, unless they are confirmed: nobody asked meanwhile, or nobody could say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """Refusals that were counted, from the first to the last.

    `configuration_refused` says that the client configuration endpoint refused meanwhile, too: together that is as good
    as the protocol gives, and no proof of a deletion; `configuration_answered`, that it answered instead. `known` says
    that the server knew the client last time: that its credentials are wrong. `absent` says that the server answered an
    access token, which may see all its clients, that there is none of that name: that needs no confirmation.
    """

    count: int
    first_at: datetime
    last_at: datetime
    configuration_refused: bool = False
    configuration_answered: bool = False
    known: bool = False
    absent: bool = False

    @property
    def confirmed(self) -> bool:
        """Whether the credentials count as refused."""
        if self.absent:
            return True
        return self.count >= CONFIRMATIONS and self.last_at - self.first_at >= OVER

    @property
    def undated(self) -> bool:
        """Whether refusals came for as long of which none counts, for each may have been for the time alone."""
        # What counts would have been counted meanwhile.
        return not self.absent and self.count == 1 and self.last_at - self.first_at >= OVER

    @property
    def lasting(self) -> bool:
        """Whether they stand until somebody accepts the credentials."""
        return self.confirmed or self.undated

    @property
    def due_at(self) -> datetime:
        """When to ask again, at the earliest, so that it counts."""
        return self.last_at + APART


def absent(at: datetime) -> Doubts:
    """Return what is believed of a client that its server does not have, as it said then."""
    return Doubts(count=1, first_at=at, last_at=at, absent=True)


def answered(doubts: Doubts | None) -> Doubts | None:
    """Return the doubts that are left when the configuration endpoint answers 200, whatever credentials it brings.

    The client lives. That its credentials are refused only a proof can end, which is made at once.
    """
    if doubts is None or doubts.absent:
        return None
    return replace(doubts, configuration_refused=False, configuration_answered=True)


def after(
    doubts: Doubts | None, verdict: ProofResult, now: datetime, *, configuration_refused: bool = False
) -> Doubts | None:
    """Return the doubts that are left by a proof; `configuration_refused` is the configuration endpoint's word of now.

    Valid ends them, and what says nothing leaves them as they are: unless they are confirmed and the configuration
    endpoint answered since, for then nobody says by now that anything is amiss.
    """
    match verdict:
        case Valid():
            return None
        case NotKnown():
            taken_back = doubts is not None and doubts.confirmed and doubts.configuration_answered
            return None if taken_back else doubts
        case Unavailable():
            return doubts
        case Refused(known=known, alone=alone):
            refused = configuration_refused or (doubts is not None and doubts.configuration_refused)
            if not alone and not refused:
                return _after_undated(doubts, now, known=known)
            if doubts is None or doubts.undated or _is_stale(doubts, now):
                return Doubts(
                    count=1,
                    first_at=now,
                    last_at=now,
                    configuration_refused=configuration_refused,
                    configuration_answered=doubts is not None and doubts.configuration_answered and not refused,
                    known=known,
                )
            doubts = replace(
                doubts,
                configuration_refused=refused,
                configuration_answered=doubts.configuration_answered and not refused,
                known=known and not doubts.absent,
            )
            if doubts.confirmed or now < doubts.due_at:
                return doubts
            return replace(doubts, count=doubts.count + 1, last_at=now)
        case _:
            assert_never(verdict)


def _after_undated(doubts: Doubts | None, now: datetime, *, known: bool) -> Doubts:
    """Return the doubts that are left by a refusal that does not count."""
    if doubts is None or _is_stale(doubts, now):
        answering = doubts is not None and doubts.configuration_answered
        return Doubts(count=1, first_at=now, last_at=now, configuration_answered=answering, known=known)
    if doubts.confirmed and doubts.configuration_answered:
        # They may have been believed for the configuration endpoint's word, which it took back.
        return replace(doubts, count=1, known=known)
    if doubts.lasting or doubts.count > 1 or now < doubts.due_at:
        # Nor does it take back what was counted.
        return doubts
    return replace(doubts, last_at=now, known=known)


def _is_stale(doubts: Doubts, now: datetime) -> bool:
    # One that is to come was counted by a clock that was ahead: it says nothing of what is apart from it.
    return not doubts.lasting and not timedelta() <= now - doubts.last_at <= STALE
