"""Which writes are said to take long, and how often."""

from contextlib import suppress

import pytest

from oauthclient_operator.cluster.slow_writes import HELD, LONG, SlowWrites


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def said(caplog: pytest.LogCaptureFixture) -> list[tuple[object, object, object]]:
    found = [vars(record) for record in caplog.records]
    return [(one["request"], one["seconds"], one["why"]) for one in found]


def write(slow: SlowWrites, time: Time, seconds: float) -> None:
    with slow.timed("PATCH secrets shop/web"):
        time.now += seconds


def test_one_that_took_long_is_and_others_within_a_minute_are_not(caplog: pytest.LogCaptureFixture) -> None:
    slow = SlowWrites(time := Time())
    for seconds in (LONG - 1, 10, 10, 30, 20):
        write(slow, time, seconds)
    assert said(caplog) == [("PATCH secrets shop/web", 10, HELD), ("PATCH secrets shop/web", 20, HELD)]


def test_one_that_failed_in_the_end_is_too(caplog: pytest.LogCaptureFixture) -> None:
    slow = SlowWrites(time := Time())
    with suppress(TimeoutError), slow.timed("PATCH secrets shop/web"):
        time.now += 35
        raise TimeoutError
    assert said(caplog) == [("PATCH secrets shop/web", 35, HELD)]
