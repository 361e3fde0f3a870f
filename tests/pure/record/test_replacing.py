"""What a replacement does to a record; applied twice, or to a record that moved on, each step does no more."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.clients import LeftBehind
from oauthclient_operator.record.pairs import pair_of
from oauthclient_operator.record.record import Record, ReleaseOutcome
from oauthclient_operator.record.replacements import Leaving, ReplacementReason, WithoutEffect
from oauthclient_operator.record.replacing import (
    begin,
    end_without_effect,
    give_up,
    leave_behind,
    promote,
    retire,
    return_to,
    show,
    withdraw,
)
from oauthclient_operator.record.transitions import absorb, close, release
from tests.pure.record import replacements as step
from tests.pure.record.replacements import OVERLAP, begun, candidate, promoted, replacement, shown, with_candidate
from tests.pure.record.steps import LATER, LOST, answered, named, update
from tests.pure.records import NOW, information, published, registered_record

FIRST: Final = registered_record()
ONE, TWO = pair_of(published(FIRST)), candidate(with_candidate())
SHOWN: Final = shown()
BEGUN: Final = begun()


def retired() -> Record:
    return retire(SHOWN, ONE)


def end(record: Record) -> Record:
    assert BEGUN.replacement is not None
    return end_without_effect(record, BEGUN.replacement, LATER)


def withdrawn(record: Record) -> Record:
    assert BEGUN.replacement is not None
    return withdraw(record, BEGUN.replacement)


def test_the_answer_of_its_registration_is_the_candidate_and_what_is_published_stays() -> None:
    record = with_candidate()
    assert (record.pair, record.edition, record.surplus) == (ONE, 1, ())
    assert candidate(record).client == 2


def test_promoted_it_is_published_and_the_one_before_leaves_without_a_date() -> None:
    record = promoted(at=LATER)
    assert (record.pair, record.edition, record.replacement) == (TWO, 2, None)
    assert record.leaving == (Leaving(pair=ONE),)
    assert (record.published_at, record.surplus) == (LATER, ())


def test_promoting_serves_who_asked_meanwhile() -> None:
    assert promote(with_candidate(), TWO, "asked", NOW).rotate == "asked"
    before = replace(with_candidate(), rotate="before")
    assert promote(before, TWO, None, NOW).rotate == "before"


def test_promoting_forgets_what_was_without_effect() -> None:
    record = replace(with_candidate(), without_effect=WithoutEffect(times=3, at=NOW))
    assert promote(record, TWO, None, NOW).without_effect is None


def test_promoting_forgets_nothing_of_what_the_new_pair_lacks_as_well() -> None:
    moved, expiry = ReplacementReason.MOVED, ReplacementReason.EXPIRY
    ended = WithoutEffect(times=3, at=NOW, reasons=(moved, expiry))
    record = replace(with_candidate(), without_effect=ended)
    assert promote(record, TWO, None, NOW, (moved,)).without_effect == ended
    assert promote(record, TWO, None, NOW, (ReplacementReason.KEY_CHANGED,)).without_effect is None


def test_what_asks_when_it_ends_is_what_it_was_without_effect_for() -> None:
    assert BEGUN.replacement is not None
    asking = (ReplacementReason.EXPIRY, ReplacementReason.REQUESTED)
    ended = end_without_effect(BEGUN, BEGUN.replacement, LATER, asking)
    assert ended.without_effect == WithoutEffect(times=1, at=LATER, reasons=asking)


def test_shown_it_is_dated_once_and_later_words_change_nothing() -> None:
    record = shown(at=LATER)
    assert record.leaving == (Leaving(pair=ONE, shown_at=LATER, until=LATER + OVERLAP),)
    assert show(record, 2, LATER + OVERLAP, timedelta(hours=1)) == record


def test_of_several_that_leave_only_those_without_a_date_get_one() -> None:
    record = promoted(step.answered(begun(shown()), "c3", client_secret="s3", registration_access_token="r3"))
    record = show(record, 3, LATER, timedelta(hours=2))
    assert [leaving.until for leaving in record.leaving] == [NOW + OVERLAP, LATER + timedelta(hours=2)]


def test_a_pair_that_was_retired_leaves_its_client_to_be_ended() -> None:
    assert [client.key for client in retired().surplus] == [1]


def test_a_candidate_that_is_given_up_leaves_its_client_to_be_ended_and_the_next_may_come() -> None:
    record = give_up(with_candidate(), TWO)
    assert [client.key for client in record.surplus] == [2]
    assert record.replacement is not None
    assert (record.replacement.pair, record.replacement.given_up) == (None, 1)
    third = step.answered(begun(record), "c3")
    assert candidate(third).client == 3


def test_returned_to_it_is_published_again_and_the_other_leaves() -> None:
    record = return_to(SHOWN, ONE, LATER)
    assert (record.pair, record.edition, record.leaving) == (ONE, 3, (Leaving(pair=TWO),))
    assert (record.published_at, record.surplus) == (LATER, ())


def test_the_same_client_in_answer_is_without_effect_and_counted() -> None:
    record = step.answered(begun(), client_id="c1", at=LATER)
    assert record.replacement is None
    assert record.without_effect == WithoutEffect(times=1, at=LATER, reasons=step.REQUESTED)
    again = step.answered(begun(record), client_id="c1", at=LATER)
    assert again.without_effect == WithoutEffect(times=2, at=LATER, reasons=step.REQUESTED)
    assert again.surplus == ()


def test_the_same_client_with_another_secret_supersedes_at_once() -> None:
    record = step.answered(begun(), client_id="c1", client_secret="other")
    assert (record.edition, record.leaving, record.surplus) == (2, (), ())
    assert record.pair == pair_of(published(record))


def test_an_update_of_the_candidate_moves_its_pair() -> None:
    record = with_candidate()
    about = {**update(record), "client": 2}
    record = answered(record, CallKind.UPDATE, about, **named("c2"), client_secret="newest")
    assert candidate(record) == pair_of(record.client(2) or published(record))
    assert record.edition == 1


def test_a_late_answer_of_this_replacement_becomes_its_candidate() -> None:
    record = BEGUN
    assert record.open is not None
    record = close(record, late := record.open, LOST, LATER)
    assert [attempt.number for attempt in record.suspects] == [2]
    record = absorb(record, late, information(**named("c2"), **step.SECRET), {}, LATER)
    assert candidate(record).client == 2
    assert record.suspects == ()


def test_a_late_answer_where_there_is_a_candidate_is_to_be_ended() -> None:
    record = BEGUN
    assert record.open is not None
    record = close(record, late := record.open, LOST, LATER)
    record = step.answered(begun(record), "c3")
    record = absorb(record, late, information(**named("c2"), **step.SECRET), {}, LATER)
    assert candidate(record).client == 3
    assert [client.key for client in record.surplus] == [2]


def test_a_late_answer_of_an_earlier_replacement_is_to_be_ended() -> None:
    assert BEGUN.open is not None
    record = withdrawn(close(BEGUN, late := BEGUN.open, LOST, LATER))
    record = begun(record)
    record = absorb(record, late, information(**named("c2"), **step.SECRET), {}, LATER)
    assert record.replacement is not None
    assert record.replacement.pair is None
    assert [client.key for client in record.surplus] == [2]


def test_a_late_answer_after_it_was_let_go_changes_no_pair() -> None:
    assert BEGUN.open is not None
    record = close(BEGUN, late := BEGUN.open, LOST, LATER)
    record = release(record, ReleaseOutcome.UNCONFIRMED, LATER)
    record = absorb(record, late, information(**named("c2"), **step.SECRET), {}, LATER)
    assert record.replacement is not None
    assert (record.replacement.pair, record.pair) == (None, ONE)


def test_a_client_that_is_leaving_already_in_answer_is_no_candidate_and_without_effect() -> None:
    given = {"client_id": "c1", "client_secret": "s1", "registration_access_token": "r1"}
    current = begun(SHOWN)
    assert current.replacement is not None
    record = step.answered(current, at=LATER, **given)
    ended = WithoutEffect(times=1, at=LATER, reasons=current.replacement.reasons)
    assert (record.replacement, record.without_effect) == (None, ended)
    assert (record.pair, record.leaving, record.surplus) == (TWO, SHOWN.leaving, ())


def test_a_late_answer_with_a_client_that_is_leaving_takes_no_candidate_away() -> None:
    record = begun(SHOWN)
    assert record.open is not None
    record = close(record, late := record.open, LOST, LATER)
    record = step.answered(begun(record), "c3", client_secret="s3", registration_access_token="r3")
    given = {"client_secret": "s1", "registration_access_token": "r1"}
    record = absorb(record, late, information(**named("c1"), **given), {}, LATER)
    assert record.replacement is not None
    assert candidate(record).client == 4


def test_left_behind_nobody_waits_for_it_any_more() -> None:
    record = leave_behind(retired(), 1, LATER)
    assert record.surplus == ()
    (left,) = [client for client in record.clients if isinstance(client.end, LeftBehind)]
    assert (left.key, left.alive) == (1, True)


def test_what_a_pair_needs_is_not_left_behind() -> None:
    assert leave_behind(SHOWN, 1, LATER) == SHOWN
    assert leave_behind(SHOWN, 2, LATER) == SHOWN


TRANSITIONS: Final[dict[str, tuple[Record, Callable[[Record], Record]]]] = {
    "promote": (with_candidate(), lambda r: promote(r, TWO, "asked", LATER)),
    "return to": (SHOWN, lambda r: return_to(r, ONE, LATER)),
    "show": (promoted(), lambda r: show(r, 2, LATER, OVERLAP)),
    "retire": (SHOWN, lambda r: retire(r, ONE)),
    "give up": (with_candidate(), lambda r: give_up(r, TWO)),
    "leave behind": (retired(), lambda r: leave_behind(r, 1, LATER)),
    "withdraw": (BEGUN, withdrawn),
    "end without effect": (BEGUN, end),
}
each_transition = pytest.mark.parametrize(("before", "transition"), TRANSITIONS.values(), ids=TRANSITIONS)


@each_transition
def test_applied_twice_it_is_as_if_once(before: Record, transition: Callable[[Record], Record]) -> None:
    once = transition(before)
    assert once != before
    assert transition(once) == once


MOVED_ON: Final[dict[str, Record]] = {
    "never replaced": FIRST,
    "promoted, and another with a candidate": step.answered(
        begun(SHOWN), "c3", client_secret="s3", registration_access_token="r3"
    ),
    "retired": retired(),
    "released": release(with_candidate(), ReleaseOutcome.UNCONFIRMED, NOW),
}


@pytest.mark.parametrize("moved_on", MOVED_ON.values(), ids=MOVED_ON)
@each_transition
def test_applied_to_a_record_that_moved_on_it_publishes_nothing_that_was_not_meant(
    before: Record, transition: Callable[[Record], Record], moved_on: Record
) -> None:
    after = transition(moved_on)
    needed = {pair.client for pair in moved_on.pairs}
    assert after.edition in (moved_on.edition, moved_on.edition + 1)
    # A pair that was not needed is none that comes to be, and what is published never goes without another.
    assert {pair.client for pair in after.pairs} <= needed
    assert after.pair is not None
    if after.pair != moved_on.pair:
        assert before is SHOWN
        assert any(leaving.pair == moved_on.pair for leaving in after.leaving)


def test_one_that_was_begun_is_not_begun_again() -> None:
    assert begin(BEGUN, replacement(BEGUN)) == BEGUN


def test_nothing_is_published_after_it_was_let_go() -> None:
    record = release(with_candidate(), ReleaseOutcome.UNCONFIRMED, NOW)
    assert promote(record, TWO, None, NOW) == record
    record = release(SHOWN, ReleaseOutcome.UNCONFIRMED, NOW)
    assert return_to(record, ONE, NOW) == record
