"""How soon a watch is begun again, by what became of those before it."""

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
    watch.failed()
    assert [watch.pause() for _ in range(3)] == [AGAIN.first, 0, 0]


def test_what_was_told_or_lasted_is_no_failure_any_more() -> None:
    for passed in (WatchPace.told, lambda watch: watch.ended(SHORTEST)):
        watch = pace()
        watch.failed()
        watch.failed()
        assert watch.pause() == 2 * AGAIN.first
        passed(watch)
        watch.failed()
        assert watch.pause() == AGAIN.first
