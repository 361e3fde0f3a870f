"""How soon a watch is begun again, by what became of those before it."""

from collections.abc import Callable

import pytest

from oauthclient_operator.cluster.watch_pace import AGAIN, SHORTEST, WatchPace


def pace() -> WatchPace:
    return WatchPace(chance=lambda: 1.0)


def test_one_that_ended_in_its_time_is_begun_again_at_once() -> None:
    watch = pace()
    watch.ended(SHORTEST)
    assert watch.pause() == 0


def test_those_that_end_too_soon_are_begun_again_later_and_later() -> None:
    watch, pauses = pace(), []
    for _ in range(9):
        watch.ended(SHORTEST / 2)
        pauses.append(watch.pause())
    assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert pauses[-1] == AGAIN.longest


def test_the_pages_of_the_list_that_follows_wait_once() -> None:
    watch = pace()
    watch.failed(0)
    assert [watch.pause() for _ in range(3)] == [AGAIN.first, 0, 0]


@pytest.mark.parametrize("ended", [WatchPace.ended, WatchPace.failed])
def test_those_that_tell_something_first_and_end_too_soon_are_too(ended: Callable[[WatchPace, float], None]) -> None:
    watch = pace()
    for expected in (0.5, 1, 2):
        ended(watch, SHORTEST / 2)
        assert watch.pause() == expected


@pytest.mark.parametrize(("ended", "pause"), [(WatchPace.ended, 0), (WatchPace.failed, AGAIN.first)])
def test_those_before_one_that_lasted_count_no_more(ended: Callable[[WatchPace, float], None], pause: float) -> None:
    watch = pace()
    watch.failed(0)
    watch.failed(0)
    assert watch.pause() == 2 * AGAIN.first
    ended(watch, SHORTEST)
    assert watch.pause() == pause
