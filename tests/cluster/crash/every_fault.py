"""Every fault at every request of every life, which takes too long for each run of the tests: `make crash`."""

from collections.abc import Callable

import pytest

from tests.cluster.crash.lives import LIVES
from tests.cluster.crash.runs import Lanes
from tests.cluster.crash.stage import Life
from tests.parts.relay import Fault


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name)
@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name)
def test_whatever_becomes_of_a_request_the_books_are_right_in_the_end(
    life: Life, fault: Fault, lanes: Lanes, record_property: Callable[[str, object], None]
) -> None:
    hits = lanes.hit(life, fault)
    record_property("explored", str(hits))
    assert (hits.wrong, hits.missed) == ([], [])
