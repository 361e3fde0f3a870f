"""Refusals become a fact when they were confirmed three times over ten minutes, and not before."""

from dataclasses import replace
from datetime import timedelta

import pytest

from oauthclient_operator.oauth.proof.results import Doubt, NotKnown, ProofResult, Refused, Unavailable, Valid
from oauthclient_operator.record.doubts import APART, Doubts, absent, after, answered
from tests.pure.records import NOW

REFUSED, WRONG, UNDATED = Refused(known=False), Refused(known=True), Refused(known=False, alone=False)
SILENT: list[ProofResult] = [
    NotKnown(Doubt.CONTROL_DIFFERS),
    Unavailable(why="the answer was HTTP 429", retry_after=9.0),
]


def doubted(*verdicts: tuple[float, ProofResult], configuration_refused: bool = False) -> Doubts | None:
    """Return what is left by verdicts, each at so many minutes."""
    doubts = None
    for minutes, verdict in verdicts:
        at = NOW + timedelta(minutes=minutes)
        doubts = after(doubts, verdict, at, configuration_refused=configuration_refused)
    return doubts


@pytest.mark.parametrize(
    ("minutes", "confirmed"),
    [
        ([0], False),
        ([0, 5], False),
        ([0, 10], False),
        ([0, 5, 10], True),
        ([0, 5, 9.9], False),
        ([0, 0.1, 0.2, 0.3, 9], False),
        ([0, 1, 2, 3, 4], False),
        ([0, 1, 5, 6, 10], True),
        ([0, 30, 60], True),
        ([0, 5, 70], False),
        ([0, 61, 122], False),
        ([0, 5, 10, 24 * 60], True),
        ([0, -5, -10], False),
    ],
    ids=str,
)
def test_three_refusals_over_ten_minutes_confirm_a_doubt(minutes: list[float], confirmed: bool) -> None:
    doubts = doubted(*((m, REFUSED) for m in minutes))
    assert doubts is not None
    assert doubts.confirmed is confirmed


def test_who_asks_when_it_is_due_needs_ten_minutes_and_three_proofs() -> None:
    doubts, at = after(None, REFUSED, NOW), NOW
    asked = 1
    while doubts is not None and not doubts.confirmed:
        at = doubts.due_at
        doubts = after(doubts, REFUSED, at)
        asked += 1
    assert (asked, at - NOW) == (3, timedelta(minutes=10))


@pytest.mark.parametrize("at", [5, 10, 15])
def test_valid_ends_every_doubt(at: float) -> None:
    assert doubted((0, REFUSED), (5, REFUSED), (10, REFUSED), (at, Valid())) is None


@pytest.mark.parametrize("verdict", SILENT, ids=lambda v: type(v).__name__)
def test_what_says_nothing_changes_nothing(verdict: ProofResult) -> None:
    assert doubted((0, verdict)) is None
    assert doubted((0, REFUSED), (5, verdict)) == doubted((0, REFUSED))
    assert doubted((0, REFUSED), (5, verdict), (5, REFUSED), (10, verdict), (10, REFUSED)) == doubted(
        (0, REFUSED), (5, REFUSED), (10, REFUSED)
    )


def test_a_doubt_that_is_confirmed_stays_so_without_a_write_for_each_proof() -> None:
    confirmed = doubted((0, REFUSED), (5, REFUSED), (10, REFUSED))
    assert confirmed is not None
    assert after(confirmed, REFUSED, NOW + timedelta(days=30)) == confirmed


def test_a_refusal_that_may_be_one_of_the_time_counts_only_with_the_configuration_endpoints() -> None:
    alone = [(minutes, UNDATED) for minutes in (0, 5, 10)]
    left = doubted(*alone, (7 * 24 * 60, UNDATED))
    assert left is not None
    assert (left.count, left.confirmed) == (1, False)
    both = doubted(*alone, configuration_refused=True)
    assert both is not None
    assert both.confirmed
    assert both.configuration_refused


@pytest.mark.parametrize(
    ("minutes", "undated"),
    [([0], False), ([0, 5], False), ([0, 10], True), ([0, 5, 10], True), ([0, 5, 70], False), ([0, 4, 10], True)],
    ids=str,
)
def test_over_ten_minutes_it_leaves_a_doubt_that_stays_without_a_write_for_each_proof(
    minutes: list[float], undated: bool
) -> None:
    doubts = doubted(*((m, UNDATED) for m in minutes))
    assert doubts is not None
    assert (doubts.undated, doubts.lasting) == (undated, undated)
    later = after(doubts, UNDATED, NOW + timedelta(days=2))
    assert (later == doubts) is undated
    assert after(doubts, Valid(), NOW + timedelta(days=2)) is None


def test_it_takes_back_nothing_that_was_counted() -> None:
    counted = doubted((0, REFUSED), (5, REFUSED))
    assert counted is not None
    assert after(counted, UNDATED, NOW + timedelta(minutes=10)) == counted
    third = after(counted, REFUSED, NOW + timedelta(minutes=11))
    assert third is not None
    assert third.confirmed
    confirmed = doubted((0, REFUSED), (5, REFUSED), (10, REFUSED))
    assert confirmed is not None
    assert after(confirmed, UNDATED, NOW + timedelta(hours=2)) == confirmed
    assert not any(doubts.undated for doubts in (confirmed, absent(NOW)))


def test_the_configuration_endpoint_confirms_such_a_doubt_three_times_and_its_answer_does_not_end_it() -> None:
    undated = doubted((0, UNDATED), (5, UNDATED), (10, UNDATED))
    assert undated is not None
    answering = answered(undated)
    assert answering == replace(undated, configuration_answered=True)
    assert after(answering, UNDATED, NOW + timedelta(hours=3)) == answering
    assert after(answering, NotKnown(Doubt.CONTROL_DIFFERS), NOW + timedelta(hours=3)) == answering
    doubts: Doubts | None = undated
    for minutes in (180, 185, 190):
        assert doubts is not None
        assert not doubts.confirmed
        doubts = after(doubts, UNDATED, NOW + timedelta(minutes=minutes), configuration_refused=True)
    assert doubts is not None
    assert doubts.confirmed


def test_that_the_configuration_endpoint_answers_has_its_refusal_taken_back_and_only_a_proof_ends_doubts() -> None:
    confirmed = doubted((0, REFUSED), (5, REFUSED), (10, REFUSED), configuration_refused=True)
    assert confirmed is not None
    assert answered(None) is None
    counted = doubted((0, REFUSED), (5, REFUSED))
    assert counted is not None
    assert answered(counted) == replace(counted, configuration_answered=True)
    assert answered(absent(NOW)) is None
    left = answered(confirmed)
    assert left == replace(confirmed, configuration_refused=False, configuration_answered=True)
    assert after(left, REFUSED, NOW + timedelta(hours=1)) == left
    assert after(left, Valid(), NOW + timedelta(hours=1)) is None
    refused = after(left, REFUSED, NOW + timedelta(hours=1), configuration_refused=True)
    assert refused == confirmed


def test_of_a_client_that_the_server_answered_for_nothing_is_believed_that_no_proof_says() -> None:
    confirmed = doubted((0, REFUSED), (5, REFUSED), (10, REFUSED))
    later, word = NOW + timedelta(hours=1), NotKnown(Doubt.CONTROL_DIFFERS)
    assert after(confirmed, word, later) == confirmed
    assert after(answered(confirmed), word, later) is None
    left = after(answered(confirmed), UNDATED, later)
    assert left is not None
    assert (left.confirmed, left.undated, left.configuration_answered) == (False, True, True)
    away = Unavailable(why="the answer was HTTP 503")
    assert after(answered(confirmed), away, later) == answered(confirmed)


def test_that_the_configuration_endpoint_refused_once_is_remembered() -> None:
    first = after(None, UNDATED, NOW, configuration_refused=True)
    second = after(first, UNDATED, NOW + timedelta(minutes=5))
    assert second is not None
    assert (second.count, second.configuration_refused) == (2, True)


def test_whether_the_client_is_known_is_what_was_said_last() -> None:
    found = [doubted((0, a), (5, b)) for a, b in ((REFUSED, WRONG), (WRONG, REFUSED))]
    assert [doubts is not None and doubts.known for doubts in found] == [True, False]


def test_a_doubt_of_a_clock_that_was_ahead_is_begun_anew() -> None:
    ahead = doubted((60, REFUSED), (65, REFUSED))
    assert ahead is not None
    assert ahead.count == 2
    doubts = after(ahead, REFUSED, NOW)
    assert doubts is not None
    assert (doubts.count, doubts.first_at, doubts.due_at) == (1, NOW, NOW + APART)
