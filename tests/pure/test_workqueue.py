"""The work queue: one worker per key, nothing forgotten, nothing early, and an end that lets work finish."""

import asyncio
import functools
from collections.abc import Awaitable, Callable

import pytest

from oauthclient_operator.workqueue import WorkQueue
from tests.pure.virtual_time import in_virtual_time, now

Seen = list[tuple[str, float]]


class Works:
    """Work that takes its time and remembers when it began and how many were in work at once."""

    def __init__(self, seconds: float = 1.0) -> None:
        self.begun: Seen = []
        self.ended: Seen = []
        self.seconds = seconds
        self.now_in_work: list[str] = []
        self.most = 0

    async def __call__(self, key: str) -> None:
        assert key not in self.now_in_work, "two workers on one key"
        self.now_in_work.append(key)
        self.most = max(self.most, len(self.now_in_work))
        self.begun.append((key, now()))
        await asyncio.sleep(self.seconds)
        self.now_in_work.remove(key)
        self.ended.append((key, now()))


async def _during(queue: WorkQueue[str], *steps: tuple[float, Callable[[], None]], until: float = 1000.0) -> None:
    """Run a queue, take each step at its time, and stop."""
    running = asyncio.create_task(queue.run())
    for at, step in steps:
        await asyncio.sleep(at - now())
        step()
    await asyncio.sleep(until - now())
    queue.stop()
    await running


def _played(works: Callable[[str], Awaitable[None]], *steps: tuple[float, str, float | None], workers: int = 8) -> None:
    """Add keys: (when, key, None), or later: (when, key, delay)."""
    queue = WorkQueue(works, workers=workers)

    def step(key: str, delay: float | None) -> Callable[[], None]:
        return lambda: queue.add(key) if delay is None else queue.add_after(key, delay)

    in_virtual_time(_during(queue, *((at, step(key, delay)) for at, key, delay in steps)))


@pytest.mark.parametrize(
    ("steps", "begun"),
    [
        pytest.param([(0, "a", None)], [("a", 0)], id="what is added is worked on at once"),
        pytest.param(
            [(0, "a", None), (0.5, "a", None)], [("a", 0), ("a", 1)], id="added while in work: once more, right after"
        ),
        pytest.param(
            [(0, "a", None), (0.2, "a", None), (0.5, "a", None), (0.9, "a", None)],
            [("a", 0), ("a", 1)],
            id="added thrice while in work: once more",
        ),
        pytest.param([(0, "a", 60)], [("a", 60)], id="a delay is kept to the moment"),
        pytest.param([(0, "a", 60), (1, "a", 20)], [("a", 21)], id="the earlier of two delays wins, coming second"),
        pytest.param([(0, "a", 20), (1, "a", 60)], [("a", 20)], id="the earlier of two delays wins, coming first"),
        pytest.param([(0, "a", -5)], [("a", 0)], id="what was due in the past is due now"),
        pytest.param(
            [(0, "a", 60), (10, "a", None)],
            [("a", 10)],
            id="work that begins sooner stops the timer: it says anew when",
        ),
        pytest.param(
            [(0, "a", None), (0.5, "a", 30)], [("a", 0), ("a", 30.5)], id="a delay set while in work outlives it"
        ),
        pytest.param(
            [(0, "a", None), (0.1, "a", 0.3)],
            [("a", 0), ("a", 1)],
            id="a delay that ends while in work waits for its end",
        ),
    ],
)
def test_when_a_key_is_worked_on(steps: list[tuple[float, str, float | None]], begun: Seen) -> None:
    works = Works()
    _played(works, *steps)
    assert [(key, round(at, 6)) for key, at in works.begun] == begun


@pytest.mark.parametrize(
    ("added", "disregarded", "begun"),
    [
        pytest.param(["w"], ["w"], [0], id="what is known by who works is no reason"),
        pytest.param(["w", "w"], ["w"], [0], id="nor if it was told twice"),
        pytest.param(["w", "x"], ["w", "x"], [0], id="nor are several"),
        pytest.param(["w"], ["x"], [0, 1], id="what is not known is one"),
        pytest.param(["w", "x"], ["w"], [0, 1], id="also beside what is known"),
        pytest.param(["w", None], ["w"], [0, 1], id="also if it has no name"),
        pytest.param([None], ["w"], [0, 1], id="also if it is the only one"),
    ],
)
def test_what_a_key_in_work_was_added_for_may_turn_out_to_be_known(
    added: list[str | None], disregarded: list[str], begun: list[float]
) -> None:
    works = Works()
    queue = WorkQueue(works, workers=1)
    steps: list[tuple[float, Callable[[], None]]] = [(0, functools.partial(queue.add, "a"))]
    steps += [(0.2, functools.partial(queue.add, "a", because)) for because in added]
    steps += [(0.5, functools.partial(queue.disregard, "a", because)) for because in disregarded]
    in_virtual_time(_during(queue, *steps))
    assert [round(at, 6) for _, at in works.begun] == begun


def test_a_key_that_waits_is_worked_on_whatever_is_disregarded() -> None:
    works = Works()
    queue = WorkQueue(works, workers=1)
    steps = [functools.partial(queue.add, "a", "w"), functools.partial(queue.disregard, "a", "w")]
    in_virtual_time(_during(queue, *((0, step) for step in steps)))
    assert works.begun == [("a", 0)]


def test_no_more_than_so_many_are_in_work_and_the_first_come_first() -> None:
    works = Works()
    _played(works, *((0, key, None) for key in "abcde"), workers=2)
    assert works.most == 2
    assert [key for key, _ in works.begun] == list("abcde")
    assert [at for _, at in works.begun] == [0, 0, 1, 1, 2]


def test_added_thrice_before_its_turn_it_is_worked_on_once() -> None:
    works = Works()
    _played(works, (0, "first", None), (0.1, "a", None), (0.2, "a", None), (0.3, "a", None), workers=1)
    assert works.begun == [("first", 0), ("a", 1)]


def test_stopping_begins_nothing_and_lets_what_is_in_work_finish() -> None:
    works = Works(seconds=10)
    queue = WorkQueue(works, workers=1)

    def stop() -> None:
        queue.stop()
        queue.add("late")
        queue.add_after("later", 1)

    async def main() -> float:
        running = asyncio.create_task(queue.run())
        queue.add("in work")
        queue.add("waiting")
        queue.add_after("due", 2)
        await asyncio.sleep(1)
        queue.add("in work")
        stop()
        await running
        return now()

    assert in_virtual_time(main()) == 10
    assert works.ended == [("in work", 10)]
    assert len(queue) == 0


def test_a_queue_stopped_before_it_runs_ends_at_once() -> None:
    async def main() -> None:
        queue = WorkQueue(Works(), workers=1)
        queue.add("a")
        queue.stop()
        await queue.run()

    in_virtual_time(main())


def test_cancelled_it_cancels_what_is_in_work_and_waits_for_its_end() -> None:
    ended = []

    async def work(key: str) -> None:
        try:
            await asyncio.sleep(100)
        finally:
            await asyncio.sleep(5)
            ended.append((key, now()))

    async def main() -> None:
        queue = WorkQueue(work, workers=1)
        queue.add("a")
        running = asyncio.create_task(queue.run())
        await asyncio.sleep(1)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert running.cancelled()

    in_virtual_time(main())
    assert ended == [("a", 6)]


def test_a_mistake_in_the_work_on_one_key_is_logged_without_its_words_and_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen: Seen = []

    async def work(key: str) -> None:
        seen.append((key, now()))
        if len(seen) == 1:
            raise RuntimeError("client_secret=hunter2")

    _played(work, (0, "a", None))
    assert len(seen) == 2
    assert 0.5 <= seen[1][1] <= 1
    (record,) = caplog.records
    assert "hunter2" not in str(vars(record))
    assert vars(record)["error"] == "RuntimeError"
    assert __file__ in vars(record)["at"]


def test_backoff_doubles_from_a_second_to_five_minutes_with_jitter_below() -> None:
    chances = iter([0.5] * 10 + [0.0, 0.25, 0.75] + [0.5] * 2)
    queue = WorkQueue(Works(), workers=1, chance=lambda: next(chances))
    assert [queue.backoff("a") for _ in range(10)] == [0.75 * min(300, 2**failures) for failures in range(10)]
    assert [queue.backoff("a") for _ in range(3)] == [150, 187.5, 262.5]
    assert queue.backoff("b") == 0.75
    queue.forget("a")
    assert queue.backoff("a") == 0.75


def test_many_that_wait_alike_come_back_each_at_another_moment() -> None:
    works = Works()
    chances = iter([0.0, 0.5, 0.75])
    queue = WorkQueue(works, workers=8, chance=lambda: next(chances))
    in_virtual_time(_during(queue, *((0, functools.partial(queue.add_within, key, 100)) for key in "abc")))
    assert works.begun == [("a", 50), ("b", 75), ("c", 87.5)]


def test_its_length_is_what_waits_and_what_is_in_work() -> None:
    lengths = []

    async def main() -> None:
        queue = WorkQueue(Works(), workers=1)
        queue.add("a")
        queue.add("b")
        queue.add_after("c", 50)
        lengths.append(len(queue))
        running = asyncio.create_task(queue.run())
        for _ in range(3):
            await asyncio.sleep(0.9)
            lengths.append(len(queue))
        queue.stop()
        await running

    in_virtual_time(main())
    assert lengths == [2, 2, 1, 0]
