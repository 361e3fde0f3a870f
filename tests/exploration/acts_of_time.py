"""What comes when nobody does anything for long: time passes, and with it what was issued for a time."""

from tests.exploration import clock
from tests.exploration.issuer import LIFETIME, MORTAL_UNTIL
from tests.exploration.state import State

LEFT = 5400.0
"""Seconds; a world in which somebody tries again every quarter of an hour comes to rest after the end."""


def passes(state: State) -> State | None:
    """Let it be shortly before the end of what was issued in the beginning: there is time for some slow tries.

    Where nobody is at work and nothing is on its way: a request does not travel for so long.
    """
    if state.under_way or state.sleeper is not None or state.leader.tasks or state.now >= MORTAL_UNTIL:
        return None
    leader = state.leader._replace(short=False)
    return clock.with_due(state._replace(now=LIFETIME - LEFT, leader=leader))
