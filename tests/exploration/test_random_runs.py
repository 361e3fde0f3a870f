"""Long ways with many surprises, the same ones each time: their seeds are their names."""

from collections.abc import Callable

import pytest

from tests.exploration import core
from tests.exploration.found import Found
from tests.exploration.random_runs import shrunk, wander
from tests.exploration.scenarios import SCENARIOS

RUNS = 2


@pytest.mark.exhaustive
@pytest.mark.timeout(300)
def test_long_ways_with_many_surprises_break_no_law(record_property: Callable[[str, object], None]) -> None:
    found = Found()
    with core.deterministic():
        for name, scenario in SCENARIOS.items():
            for number in range(RUNS):
                wander(scenario, f"{name} {number}", found)
        broken = [shrunk(SCENARIOS[v.scenario], v) for v in found.undecided()]
    record_property("explored", "random runs: " + "\n  ".join(found.lines()))
    assert [f"{v.kind} [{v.scenario}]: {v.trace}" for v in broken] == []
