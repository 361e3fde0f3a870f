"""What the API server's clock says, by the dates of its answers."""

from datetime import UTC, datetime, timedelta

import pytest

from oauthclient_operator.cluster.server_clock import ServerClock

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def dated(moment: datetime) -> str:
    return moment.strftime("%a, %d %b %Y %H:%M:%S GMT")


def test_it_is_unknown_until_an_answer_has_a_date() -> None:
    clock = ServerClock(lambda: 5.0)
    clock.heard(None)
    clock.heard("soon")
    assert clock.now() is None


@pytest.mark.parametrize(
    ("heard", "now"),
    [
        pytest.param([(0.0, 0)], 10.0, id="it is reckoned on from an answer"),
        pytest.param([(0.0, 0), (0.9, 0)], 10.0, id="and of those of one second from the first, which is least behind"),
        pytest.param([(0.0, 0), (5.0, -3600)], 5.0 - 3600, id="a clock that was set back is believed"),
        pytest.param([(0.0, 0), (5.0, -3600), (6.0, 0)], 4.0, id="and so is one that is set forward again"),
    ],
)
def test_the_newest_date_counts(heard: list[tuple[float, int]], now: float) -> None:
    at = [0.0]
    clock = ServerClock(lambda: at[0])
    for at[0], seconds in heard:
        clock.heard(dated(NOON + timedelta(seconds=seconds)))
    at[0] = 10.0
    assert clock.now() == NOON + timedelta(seconds=now)


@pytest.mark.parametrize(
    ("ahead", "took", "said"),
    [
        pytest.param(0, 0, [], id="they agree"),
        pytest.param(29, 0, [], id="an answer takes its time"),
        pytest.param(60, 59, [], id="this process slept until it read it"),
        pytest.param(7200, 60, [7140], id="ours is ahead, by that at least"),
        pytest.param(-7200, 60, [-7200], id="ours is behind"),
    ],
)
def test_that_ours_differs_is_said(caplog: pytest.LogCaptureFixture, ahead: int, took: int, said: list[int]) -> None:
    clock = ServerClock(lambda: 5.0, own=lambda: NOON + timedelta(seconds=ahead))
    clock.heard(dated(NOON), took)
    assert [vars(record)["seconds_ahead"] for record in caplog.records] == said


def test_it_is_said_once_an_hour(caplog: pytest.LogCaptureFixture) -> None:
    at = [0.0]
    clock = ServerClock(lambda: at[0], own=lambda: NOON + timedelta(days=1, seconds=at[0]))
    for at[0] in (0.0, 10.0, 3599.0, 3600.0, 3700.0):
        clock.heard(dated(NOON + timedelta(seconds=at[0])))
    assert len(caplog.records) == 2
