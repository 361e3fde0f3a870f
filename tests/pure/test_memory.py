"""What is remembered of a key between passes: failures in a row, what is held until a time or a change, and heals."""

from dataclasses import replace
from datetime import timedelta

import pytest

from oauthclient_operator.names import Reason
from oauthclient_operator.plan import pauses
from oauthclient_operator.plan.observed import Failures, Held
from oauthclient_operator.reconcile.memory import HEALS_FORGOTTEN_AFTER, Memory
from oauthclient_operator.verdict import Verdict
from tests.pure.values import NOW

SOON = NOW + timedelta(seconds=1)
VERDICT = Verdict(reason=Reason.ISSUER_UNAVAILABLE, message="down")


def test_failures_are_counted_in_a_row_each_with_a_chance_of_its_own() -> None:
    memory = Memory(basis="a").counted(0.25).counted(0.75)
    assert memory.failures == Failures(in_a_row=2, chance=0.75)
    assert memory.holding(VERDICT, SOON).failures == memory.failures, "to hold is not to count"


def test_a_failure_is_forgotten_after_its_time_or_with_a_change() -> None:
    memory = Memory(basis="a").counted(0.0).holding(VERDICT, SOON)
    assert memory.seen("a", NOW).held == Held(VERDICT, SOON)
    assert memory.seen("a", SOON).held is None
    assert memory.seen("a", SOON).failures.in_a_row == 1
    assert memory.seen("b", NOW) == Memory(basis="b")


def test_what_only_a_change_can_mend_is_held_until_one_comes() -> None:
    memory = Memory(basis="a").holding(VERDICT, None)
    assert memory.seen("a", NOW + timedelta(days=365)).held == Held(VERDICT, None)
    assert memory.seen("b", NOW).held is None


def test_a_change_does_not_make_forgotten_how_often_a_secret_was_put_right_nor_what_was_said() -> None:
    memory = replace(Memory(basis="a", said=VERDICT).healed(NOW), rests_until=SOON)
    seen = memory.seen("b", NOW)
    assert (seen.heals, seen.healed_at, seen.said, seen.rests_until) == (1, NOW, VERDICT, None)
    assert memory.seen("a", NOW).rests_until == SOON


def test_a_secret_is_healed_at_once_the_first_times_and_then_less_and_less_often() -> None:
    memory = Memory()
    waits = []
    for _ in range(12):
        memory = memory.healed(NOW)
        until = pauses.heal_not_before(memory.heals, memory.healed_at)
        waits.append(until - NOW if until else timedelta())
    assert waits[:2] == [timedelta(), timedelta()]
    assert waits[2:] == sorted(waits[2:])
    assert waits[2] > timedelta()
    assert waits[-1] == pauses.CALLS.longest
    later = memory.seen(None, NOW + HEALS_FORGOTTEN_AFTER)
    assert (later.heals, later.healed_at) == (12, NOW)
    forgotten = memory.seen(None, NOW + timedelta(hours=1))
    assert pauses.heal_not_before(forgotten.heals, forgotten.healed_at) is None
    assert forgotten.is_blank


@pytest.mark.parametrize(
    ("memory", "blank"),
    [
        pytest.param(Memory(basis="a"), True, id="of what was looked at alone"),
        pytest.param(Memory().counted(0.0), False, id="of a failure, also after its wait"),
        pytest.param(Memory().holding(VERDICT, None), False, id="of what is held"),
        pytest.param(Memory().healed(NOW), False, id="of a Secret that was put right"),
        pytest.param(Memory(rests_until=NOW), False, id="of a record that rests"),
        pytest.param(Memory(said=VERDICT), False, id="of what the log was told"),
        pytest.param(Memory().counted(0.0).holding(VERDICT, SOON).succeeded(), True, id="of failures after a success"),
    ],
)
def test_a_memory_of_nothing_is_blank(memory: Memory, blank: bool) -> None:
    assert memory.is_blank is blank


def test_a_success_forgets_failures_and_nothing_else() -> None:
    memory = Memory(basis="a", said=VERDICT).healed(NOW).counted(0.0).holding(VERDICT, SOON).succeeded()
    assert memory == Memory(basis="a", said=VERDICT, heals=1, healed_at=NOW)
