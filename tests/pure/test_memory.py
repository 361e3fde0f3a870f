"""What a failure makes of the next try: a backoff that doubles, that a server can only lengthen, and that a change ends."""

from datetime import timedelta

import pytest

from oauthclient_operator.names import Reason
from oauthclient_operator.plan.observed import Problem
from oauthclient_operator.reconcile.memory import LONGEST_BACKOFF, Memory
from oauthclient_operator.verdict import Verdict
from tests.pure.values import NOW

FIRST = timedelta(seconds=1)
VERDICT = Verdict(reason=Reason.ISSUER_UNAVAILABLE, message="down")


def waits(memory: Memory) -> timedelta:
    assert memory.held is not None
    assert memory.held.until is not None
    return memory.held.until - NOW


@pytest.mark.parametrize("failures", range(20))
def test_the_backoff_doubles_with_jitter_and_is_bounded(failures: int) -> None:
    wait = waits(Memory(failures=failures).failed(Problem(VERDICT, backoff=True), NOW, FIRST))
    longest = min(FIRST * 2**failures, LONGEST_BACKOFF)
    assert longest / 2 <= wait <= longest


def test_a_server_can_only_lengthen_it() -> None:
    asked = Problem(VERDICT, until=NOW + timedelta(hours=1), backoff=True)
    assert waits(Memory().failed(asked, NOW, FIRST)) == timedelta(hours=1)
    soon = Problem(VERDICT, until=NOW + timedelta(milliseconds=1), backoff=True)
    assert waits(Memory(failures=8).failed(soon, NOW, FIRST)) >= timedelta(seconds=100)


def test_a_failure_is_forgotten_after_its_time_or_with_a_change() -> None:
    memory = Memory(basis="a").failed(Problem(VERDICT, until=NOW + FIRST), NOW, FIRST)
    assert memory.seen("a", NOW).held is not None
    assert memory.seen("a", NOW + FIRST).held is None
    assert memory.seen("a", NOW + FIRST).failures == 1
    assert memory.seen("b", NOW) == Memory(basis="b")


def test_what_only_a_change_can_mend_is_held_until_one_comes() -> None:
    memory = Memory(basis="a").failed(Problem(VERDICT), NOW, FIRST)
    assert memory.seen("a", NOW + timedelta(days=365)).held == Problem(VERDICT)
    assert memory.seen("b", NOW).held is None


def test_a_secret_is_healed_at_once_the_first_times_and_then_less_and_less_often() -> None:
    memory = Memory()
    pauses = []
    for _ in range(12):
        memory = memory.healed(NOW)
        pauses.append(memory.heal_not_before - NOW if memory.heal_not_before else timedelta())
    assert pauses[:2] == [timedelta(), timedelta()]
    assert pauses[2:] == sorted(pauses[2:])
    assert pauses[2] > timedelta()
    assert pauses[-1] == LONGEST_BACKOFF
    assert memory.seen(None, NOW + timedelta(hours=1)).heal_not_before is None


def test_a_memory_of_nothing_is_blank() -> None:
    failed = Memory(basis="a").failed(Problem(VERDICT, backoff=True), NOW, FIRST)
    assert Memory(basis="a").is_blank
    assert not failed.is_blank
    assert not failed.seen("a", NOW + LONGEST_BACKOFF).is_blank, "how often it failed counts also after the wait"
    assert failed.succeeded().is_blank
    assert not Memory().healed(NOW).is_blank
