"""What is remembered of a key between passes: failures in a row, what is held until a time or a change, and heals."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import pytest

from oauthclient_operator.names import Reason
from oauthclient_operator.oauth.proof.results import Doubt, NotKnown, NotProvable, Obstacle, Refused, Unavailable, Valid
from oauthclient_operator.plan import pauses
from oauthclient_operator.plan.action import Wait
from oauthclient_operator.plan.observed import Failures, Held, Left, Problem, Unanswered, Unread
from oauthclient_operator.plan.pauses import HEALS_FORGOTTEN_AFTER
from oauthclient_operator.published_secret import Unkept
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.reconcile.asking import Asking
from oauthclient_operator.reconcile.memory import Memory
from oauthclient_operator.reconcile.presented import Presented
from oauthclient_operator.record.clients import LeftBehind, Untold
from oauthclient_operator.record.summary import left_behind_due
from oauthclient_operator.verdict.verdict import Verdict
from tests.pure.values import NOW, published, registered_record

SOON = NOW + timedelta(seconds=1)
VERDICT = Verdict(reason=Reason.ISSUER_UNAVAILABLE, message="down")
PROBLEM = Problem(VERDICT)


def test_failures_are_counted_in_a_row_each_with_a_chance_of_its_own() -> None:
    memory = Memory(basis="a").counted(0.25).counted(0.75)
    assert memory.failures == Failures(in_a_row=2, chance=0.75)
    assert memory.holding(PROBLEM, SOON).failures == memory.failures, "to hold is not to count"


def test_a_failure_is_forgotten_after_its_time_or_with_a_change() -> None:
    memory = Memory(basis="a").counted(0.0).holding(PROBLEM, SOON)
    assert memory.seen("a", NOW).held == Held(VERDICT, SOON)
    assert memory.seen("a", SOON).held is None
    assert memory.seen("a", SOON).failures.in_a_row == 1
    assert memory.seen("b", NOW) == Memory(basis="b")


def test_what_came_to_nothing_at_two_issuers_is_held_at_both_each_for_its_time() -> None:
    later = SOON + timedelta(minutes=1)
    memory = Memory(basis="a").holding(replace(PROBLEM, issuer="here"), SOON)
    memory = memory.holding(replace(PROBLEM, issuer="there"), later)
    assert memory.held is None, "a third one may be called"
    assert memory.held_at == {"here": Held(VERDICT, SOON), "there": Held(VERDICT, later)}
    assert [*memory.seen("a", SOON).held_at] == ["there"]
    assert [*memory.succeeded("there").held_at] == ["here"]
    assert memory.seen("b", NOW).held_at == {}
    assert not memory.is_blank


WITHOUT = Problem(VERDICT, issuer="here", of_metadata=True)


def lacking(memory: Memory, problem: Problem = WITHOUT) -> Memory:
    return memory.waiting(Wait(verdict=problem.verdict, until=SOON, failed=problem), 0.5)


def test_metadata_that_cannot_be_had_are_no_failure_of_calls_and_are_counted_by_issuer() -> None:
    memory = lacking(lacking(lacking(Memory(basis="a").counted(0.0)), replace(WITHOUT, issuer="there")))
    assert memory.failures.in_a_row == 1
    assert memory.unread == {"here": 2, "there": 1}
    assert memory.held_at == {"here": Held(VERDICT, SOON), "there": Held(VERDICT, SOON)}
    over = memory.seen("a", SOON)
    assert (over.held_at, over.unread, over.is_blank) == ({}, memory.unread, False)
    assert memory.having_metadata("here").unread == {"there": 1}
    assert memory.seen("b", NOW).unread == {}


def test_other_metadata_end_that_there_were_none_and_nothing_that_came_of_calls() -> None:
    called = Memory(basis="a").counted(0.0).holding(replace(PROBLEM, issuer="there"), SOON).holding(PROBLEM, None)
    memory = lacking(called).reading_anew(1)
    assert (memory.unread, memory.held_at, memory.held) == ({}, called.held_at, called.held)
    assert memory.failures == called.failures
    again = lacking(memory)
    assert again.reading_anew(1).held_at == again.held_at, "that is known already"
    assert again.reading_anew(2).held_at == called.held_at


def test_what_only_a_change_can_mend_is_held_until_one_comes() -> None:
    memory = Memory(basis="a").holding(PROBLEM, None)
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


SILENT: Final = Unavailable(why="the answer was HTTP 503")


def test_since_when_no_proof_has_told_anything_is_remembered_until_one_does_or_somebody_asks() -> None:
    first = Memory().asked("a", 1, NOW).proven(SILENT, NOW)
    again = first.proven(NotKnown(Doubt.CONTROL_DIFFERS), SOON)
    assert first.unanswered == Unanswered(NOW, SILENT.why)
    assert (again.proven_at, again.unanswered) == (SOON, Unanswered(NOW))
    for told in (Valid(), Refused(known=False), Refused(known=False, alone=False), NotProvable(Obstacle.NO_PROBE)):
        assert again.proven(told, SOON).unanswered is None
    assert (first.asked("a", 1, NOW), first.asked(None, 1, NOW)) == (first, first)
    assert first.asked("b", 1, NOW).unanswered is None
    assert first.asked("a", 2, NOW).unanswered is None


def test_what_a_record_says_of_clients_that_were_left_behind_is_remembered_as_long_as_it_does() -> None:
    record = registered_record()
    beside = replace(published(record), key=2, end=LeftBehind(at=NOW))
    left = record.with_client(beside)
    memory = Memory().having_read(left)
    assert memory.left == Left(left_behind_due(left, beside))
    assert not memory.is_blank
    untold = replace(record, untold=Untold(clients=1, until=NOW))
    assert memory.having_read(untold).left == Left(None)
    assert memory.having_read(record).is_blank


@pytest.mark.parametrize(
    ("memory", "blank"),
    [
        pytest.param(Memory(basis="a"), True, id="of what was looked at alone"),
        pytest.param(Memory().counted(0.0), False, id="of a failure, also after its wait"),
        pytest.param(Memory().holding(PROBLEM, None), False, id="of what is held"),
        pytest.param(Memory().healed(NOW), False, id="of a Secret that was put right"),
        pytest.param(Memory(rests_until=NOW), False, id="of a record that rests"),
        pytest.param(Memory(said=VERDICT), False, id="of what the log was told"),
        pytest.param(Memory().knowing(Presented("1"), "a"), True, id="of a version that is known"),
        pytest.param(
            Memory().knowing(Presented("1"), "a").reading(Presented("2"), "b"), False, id="of one that was read"
        ),
        pytest.param(
            Memory().knowing(Presented(Unread()), "a").reading(Presented("2"), "b"), True, id="of what is always read"
        ),
        pytest.param(
            Memory().counted(0.0).holding(PROBLEM, SOON).succeeded("here"), True, id="of failures after a success"
        ),
    ],
)
def test_a_memory_of_nothing_is_blank(memory: Memory, blank: bool) -> None:
    assert memory.is_blank is blank


def test_a_success_forgets_failures_and_nothing_else() -> None:
    memory = Memory(basis="a", said=VERDICT).healed(NOW).counted(0.0).holding(PROBLEM, SOON).succeeded("here")
    assert memory == Memory(basis="a", said=VERDICT, heals=1, healed_at=NOW)


def test_another_generation_makes_forgotten_what_did_not_stay() -> None:
    unkept = Unkept(labels=frozenset({("team", "a")}))
    memory = replace(Memory(generation=1, asking=Asking(value="1")).healed(NOW), unkept=unkept)
    assert (memory.asked("1", 1, NOW).heals, memory.asked("1", 1, NOW).unkept) == (1, unkept)
    again = memory.asked("1", 2, NOW)
    assert (again.heals, again.healed_at, again.unkept, again.asking) == (0, None, Unkept(), Asking(value="1"))
    assert memory.asked("2", 1, NOW).unkept == Unkept()


def test_a_persons_word_is_remembered_until_it_is_done_also_where_the_spec_changes_meanwhile() -> None:
    first = Memory().asked("1", 1, NOW)
    assert first.asking == Asking(value="1"), "it may have been done before this process began"
    said = first.asked("2", 1, SOON)
    assert said.asking == Asking(value="2", metadata=SOON, access=SOON)
    assert said.asked("2", 2, NOW).asking == said.asking
    assert said.asked(None, 2, NOW).asking == said.asking, "taken away again"


WAITS: Final = Wait(verdict=Verdict(reason=Reason.REGISTRATION_NOT_SUPPORTED, message="no endpoint"))


def test_what_waits_is_remembered_so_that_the_next_word_is_known_to_be_new() -> None:
    waiting = Memory().asked(None, 1, NOW).waiting(WAITS, 0.5)
    assert not waiting.is_blank
    assert waiting.asked("1", 1, SOON).asking.metadata == SOON
    assert waiting.waiting(Wait(verdict=Verdict(reason=Reason.REGISTERED, message="it works")), 0.5).is_blank
    failed = waiting.waiting(replace(WAITS, failed=PROBLEM, until=SOON), 0.5)
    assert (failed.failures.in_a_row, failed.held) == (1, Held(PROBLEM.verdict, SOON))


def test_what_an_issuer_holds_back_is_forgotten_after_its_time_or_when_that_issuer_lets_on() -> None:
    held, old, new = Held(VERDICT, SOON), IssuerAddress("old"), IssuerAddress("new")
    memory = Memory(basis="a").holding_back(old, held, 1).holding_back(new, held, 1)
    turns = {old: 1, new: 1}
    assert memory.turned(turns.__getitem__, NOW) == memory
    assert not memory.is_blank
    assert memory.why == "down"
    turns[old] = 2
    assert [*memory.turned(turns.__getitem__, NOW).held_back] == ["new"]
    assert memory.turned({old: 1, new: 1}.__getitem__, SOON).is_blank
    assert memory.seen("b", NOW).is_blank


@pytest.mark.parametrize("later", [SOON + timedelta(minutes=1), None], ids=["a minute later", "with a change"])
def test_of_what_an_issuer_holds_back_the_soonest_is_waited_for(later: datetime | None) -> None:
    at, soon = IssuerAddress("there"), Held(VERDICT, SOON)
    memory = Memory(basis="a").holding_back(at, soon, 1).holding_back(at, Held(VERDICT, later), 1)
    assert memory.held_at == {"there": soon}
    assert Memory(basis="a").holding_back(at, Held(VERDICT, later), 1).holding_back(at, soon, 1).held_at == {
        "there": soon
    }
    # Since it let on it holds back anew.
    assert memory.holding_back(at, Held(VERDICT, later), 2).held_at == {"there": Held(VERDICT, later)}


@pytest.mark.parametrize(
    ("before", "read", "held"),
    [
        pytest.param("1", "1", True, id="it is as it was known"),
        pytest.param("1", "2", False, id="it is another"),
        pytest.param(None, "2", False, id="none was known"),
        pytest.param("1", None, False, id="it is gone"),
        pytest.param(Unread(), "1", True, id="nobody had looked"),
    ],
)
def test_what_is_held_elsewhere_is_forgotten_when_what_is_presented_was_read_to_be_another(
    before: str | Unread | None, read: str | None, held: bool
) -> None:
    memory = Memory().knowing(Presented(before), "a").seen("basis", NOW)
    memory = memory.holding(PROBLEM, None).holding(replace(PROBLEM, issuer="there"), None)
    memory = memory.reading(Presented(read), basis="read")
    # What is known of it comes to the same, and so tells nothing new.
    memory = memory.knowing(Presented(read), "a").seen("read", NOW)
    assert (memory.held is not None, bool(memory.held_at)) == (held, held)
