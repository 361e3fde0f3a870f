"""At every request that the operator sends it is killed by SIGKILL; or its answer is lost, or it is repeated.

Every request goes through a relay, to a real API server and to node-oidc-provider. The requests of a life without a
fault are its points; each is hit in a run of its own, and whoever is there afterwards goes on. All faults at all points:
`make crash`.
"""

from collections.abc import Callable

import pytest

from tests.cluster.crash.lives import LIVES
from tests.cluster.crash.points import Point
from tests.cluster.crash.runs import Lanes
from tests.cluster.crash.stage import Life
from tests.parts.relay import Fault

LONG = ("proof", "read", "gone", "older record")
"""Lives for which there is no time."""
IN_PART = ("turning back", "renewal by update")
"""Lives for which there is time at the requests that may change something: after another one nothing else is there."""
IN_TIME = [(life, Fault.KILLED_AFTER) for life in LIVES if life.name not in LONG] + [
    (life, fault) for life in LIVES if life.name == "registration" for fault in (Fault.ANSWER_LOST, Fault.REPEATED)
]
"""What there is time for in each run of the tests."""


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("life", "fault"), IN_TIME, ids=lambda value: value.name)
def test_whatever_becomes_of_a_request_the_books_are_right_in_the_end(
    life: Life, fault: Fault, lanes: Lanes, record_property: Callable[[str, object], None]
) -> None:
    hits = lanes.hit(life, fault, where=_leaves_something if life.name in IN_PART else _everywhere)
    record_property("explored", str(hits))
    assert (hits.wrong, hits.missed) == ([], [])


def _everywhere(_: Point) -> bool:
    return True


def _leaves_something(point: Point) -> bool:
    return point.leaves_something
