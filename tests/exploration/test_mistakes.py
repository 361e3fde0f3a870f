"""Each deliberate mistake in the core is found: a law that nothing can break says nothing."""

import pytest

from tests.exploration import core
from tests.exploration.deliberate import MISTAKES
from tests.exploration.explorer import Explorer
from tests.exploration.found import Found, Trace, Violation
from tests.exploration.mistakes import Mistake
from tests.exploration.mistakes_of_pairs import MISTAKES_OF_PAIRS
from tests.exploration.more_mistakes import MORE_MISTAKES
from tests.exploration.scenario import replay

ALL = {mistake.name: mistake for mistake in (*MISTAKES, *MORE_MISTAKES, *MISTAKES_OF_PAIRS)}


def kinds(mistake: Mistake) -> set[str]:
    found, scenario = Found(), mistake.world()
    if not mistake.way:
        Explorer(scenario, found, surprises_at_most=mistake.surprises).explore()
    for step in replay(scenario, Trace(mistake.way)) if mistake.way else ():
        for kind in step.wrong:
            found.take(Violation(kind, scenario.name, Trace(mistake.way)))
    return set(found.kinds)


@pytest.mark.exhaustive
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ALL)
def test_a_mistake_breaks_a_law_that_the_right_core_keeps(name: str) -> None:
    mistake = ALL[name]
    with core.deterministic():
        right = kinds(mistake)
        with mistake.made():
            wrong = kinds(mistake)
    assert wrong - right
