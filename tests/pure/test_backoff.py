"""A backoff doubles from its first pause to its longest, whole or with a jitter that leaves at least half of it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthclient_operator.backoff import Backoff

MINUTES = Backoff(first=1.0, longest=300.0)
DATES = Backoff(first=timedelta(seconds=10), longest=timedelta(minutes=5))

SECONDS = st.floats(1e-3, 1e6)
BACKOFFS = st.tuples(SECONDS, SECONDS).map(lambda two: Backoff(first=min(two), longest=max(two)))
FAILURES = st.integers(1, 10**9)
CHANCES = st.floats(0, 1, exclude_max=True)


@pytest.mark.parametrize(
    ("failures", "chance", "pause"),
    [
        pytest.param(1, 1.0, 1.0, id="one failure: the first pause"),
        pytest.param(1, 0.0, 0.5, id="one failure, at least: half of it"),
        pytest.param(2, 1.0, 2.0, id="two: twice as long"),
        pytest.param(2, 0.5, 1.5, id="two, in the middle: three quarters of it"),
        pytest.param(9, 1.0, 256.0, id="the last that is below the longest"),
        pytest.param(10, 1.0, 300.0, id="the longest"),
        pytest.param(10, 0.0, 150.0, id="the longest, too, has jitter"),
        pytest.param(10**9, 1.0, 300.0, id="a server that is never repaired"),
    ],
)
def test_how_long_to_wait(failures: int, chance: float, pause: float) -> None:
    assert MINUTES.after(failures, chance) == pause


@pytest.mark.parametrize(
    ("failures", "pause"),
    [
        pytest.param(1, timedelta(seconds=10), id="the first"),
        pytest.param(4, timedelta(seconds=80), id="doubled three times"),
        pytest.param(6, timedelta(minutes=5), id="the longest"),
        pytest.param(10**9, timedelta(minutes=5), id="a timedelta is not endless either"),
    ],
)
def test_dates_are_counted_in_timedeltas(failures: int, pause: timedelta) -> None:
    assert DATES.without_jitter(failures) == pause
    assert DATES.after(failures, 0.0) == pause / 2


def test_one_that_never_grows() -> None:
    constant = Backoff(first=5.0, longest=5.0)
    assert [constant.without_jitter(failures) for failures in (1, 2, 1000)] == [5.0, 5.0, 5.0]


@given(backoff=BACKOFFS, failures=FAILURES)
def test_it_begins_with_the_first_and_grows_by_doubling_until_the_longest(
    backoff: Backoff[float], failures: int
) -> None:
    assert backoff.without_jitter(1) == backoff.first
    pause, following = backoff.without_jitter(failures), backoff.without_jitter(failures + 1)
    assert following == pytest.approx(min(2 * pause, backoff.longest))


@given(backoff=BACKOFFS, failures=FAILURES, chance=CHANCES)
def test_jitter_takes_away_half_at_most(backoff: Backoff[float], failures: int, chance: float) -> None:
    whole = backoff.without_jitter(failures)
    assert whole / 2 <= backoff.after(failures, chance) <= whole


@given(backoff=BACKOFFS, failures=FAILURES, chances=st.tuples(CHANCES, CHANCES))
def test_more_chance_is_a_longer_pause(backoff: Backoff[float], failures: int, chances: tuple[float, float]) -> None:
    assert backoff.after(failures, min(chances)) <= backoff.after(failures, max(chances))


@pytest.mark.parametrize(
    ("first", "longest"),
    [
        pytest.param(0.0, 1.0, id="no pause at all would be a hot loop"),
        pytest.param(-1.0, 1.0, id="nor does it go back in time"),
        pytest.param(2.0, 1.0, id="the first is not longer than the longest"),
    ],
)
def test_what_is_no_backoff(first: float, longest: float) -> None:
    with pytest.raises(ValueError, match="first pause"):
        Backoff(first=first, longest=longest)


def test_without_a_failure_there_is_nothing_to_wait_for() -> None:
    with pytest.raises(ValueError, match="failure"):
        MINUTES.after(0, 0.5)
