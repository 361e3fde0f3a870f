"""An access token that was refused and is kept all the same: what is made once more waits until another is had.

A token that all share is thrown away once a minute at most for what may be about one tenant's client; who is refused in
that minute has not been refused with another one.
"""

from datetime import datetime

from ..record.calls import ClosedCall, Managing, fingerprint
from ..resource.access import SELDOM
from ..resource.initial_access_token import InitialAccessToken
from ..verdict.updating import access_spared
from .action import Wait
from .observed import Observed


def is_spared(observed: Observed, last: ClosedCall | None, now: datetime) -> bool:
    """Whether the token at hand is the one that a client's call was refused with, less than a minute ago."""
    at_hand = observed.initial_access_token
    if last is None or not isinstance(at_hand, InitialAccessToken) or not isinstance(last.what, Managing):
        return False
    is_refused = last.rejected and last.by_access and last.said.status == 401
    return is_refused and last.what.bearer == fingerprint(at_hand.token) and now < last.at + SELDOM


def wait_for_another(last: ClosedCall) -> Wait:
    """Return what is said until then: the minute of that token began before the call that was refused."""
    return Wait(verdict=access_spared(last), until=last.at + SELDOM)
