"""Every single surprise at every await of every scenario; `make explore` goes on from there."""

import functools
from collections.abc import Callable

import pytest

from tests.exploration import core, sites
from tests.exploration.explorer import Explorer
from tests.exploration.found import Found
from tests.exploration.scenarios import SCENARIOS


@functools.cache
def explored(name: str) -> Found:
    found = Found()
    with core.deterministic():
        Explorer(SCENARIOS[name], found, surprises_at_most=1).explore()
    return found


@pytest.mark.exhaustive
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", SCENARIOS)
def test_whatever_happens_once_breaks_no_law(name: str) -> None:
    assert [f"{v.kind}: {v.trace}" for v in explored(name).undecided()] == []


@pytest.mark.exhaustive
@pytest.mark.timeout(300)
def test_every_place_where_the_executor_waits_for_the_world_is_come_to(
    record_property: Callable[[str, object], None],
) -> None:
    total = Found()
    for name in SCENARIOS:
        total.add(explored(name))
    record_property("explored", "every single surprise: " + "\n  ".join(total.lines()))
    missing = sites.written() - sites.come_to(total.all_sites())
    assert missing == sites.OUT_OF_REACH.keys()
