"""Who waits for an answer waits for shares of others, and nobody is forgotten in the line, whatever others compute."""

import asyncio
from collections.abc import Callable

import pytest

from oauthclient_operator.loop_turns import IN_ALL, PER_GROUP

from .computing import Answer, Computing, at_once, ended, from_outside
from .virtual_time import in_virtual_time

_ANSWERS = 30
"""As many a new client waits for until it is Ready."""
ANSWERS = pytest.mark.parametrize("answer", [at_once, from_outside])


@ANSWERS
@pytest.mark.parametrize("step", [0.0005, 0.006])
@pytest.mark.parametrize("groups", [1, 4, 12])
def test_a_new_client_waits_for_shares_and_one_step_of_each_turn(groups: int, step: float, answer: Answer) -> None:
    loop = Computing()

    async def main() -> float:
        busy = [loop.begin("busy", number % groups, [step] * 2000, answer) for number in range(96)]
        for _ in range(50):
            await asyncio.sleep(0)
        took = await loop.begin("good", "good", [0.0005] * _ANSWERS, answer)
        await ended(*busy)
        return took

    # It may come right after one turn began, and what was ready before it is done first. With all steps that are ready
    # in each turn it was thirty times 96 of them.
    assert asyncio.run(main()) <= (_ANSWERS + 2) * 2 * (0.0005 + step + 0.000_001) + IN_ALL + step


@pytest.mark.parametrize("groups", [1, 2, 4, 8])
def test_whoever_stands_in_line_has_its_turn_though_others_never_cease(groups: int) -> None:
    """One begins within a step of a busy group, and so stands in the loop's order before the end of that turn."""
    loop, begun = Computing(), asyncio.Event()

    async def main() -> float:
        async def begins() -> None:
            if not begun.is_set() and loop.now > 1:
                begun.set()
                begun_at.append(loop.now)
                others.append(loop.begin("begun", "good" if groups > 3 else 0, [0.001], from_outside))
            await from_outside()

        begun_at: list[float] = []
        others: list[asyncio.Task[float]] = []
        busy = [loop.begin("busy", number % groups, [0.006] * 2000, begins) for number in range(20 * groups)]
        await begun.wait()
        await others[0]
        await ended(*busy, *others)
        return loop.now - begun_at[0]

    # Twice, to begin and after the answer: its group's twenty before it, and as many of each other one.
    assert asyncio.run(main()) <= 2 * 22 * groups * 0.006 + IN_ALL


@ANSWERS
def test_what_nobody_is_charged_with_comes_after_the_share_of_all(answer: Answer) -> None:
    loop = Computing()

    async def main() -> float:
        tasks = [loop.begin("busy", number, [0.001] * 10, answer) for number in range(100)]
        return await loop.longest_turn(lambda: all(task.done() for task in tasks))

    longest = asyncio.run(main())
    assert loop.now == pytest.approx(1.0)
    assert longest <= IN_ALL + 2 * 0.001 + 0.000_001


def test_of_one_group_those_that_came_first_go_on_first() -> None:
    loop = Computing()

    async def main() -> None:
        await asyncio.gather(*(loop.begin(name, "one", [PER_GROUP] * 3, at_once) for name in "abc"))

    asyncio.run(main())
    assert loop.order == list("abc" * 3)


def test_of_several_groups_the_one_that_had_least_goes_on_first() -> None:
    loop = Computing()

    async def main() -> None:
        many = [loop.begin("many", "many", [0.01] * 10) for _ in range(50)]
        await asyncio.sleep(0)
        await asyncio.gather(*(loop.begin("few", "few", [0.01] * 10) for _ in range(2)))
        await ended(*many)

    asyncio.run(main())
    assert loop.order[-40:].count("few") >= 18, "each second step, and not two of fifty"


@pytest.mark.parametrize(
    "fail",
    [
        pytest.param(lambda answer: answer.set_exception(ConnectionResetError()), id="the answers are failures"),
        pytest.param(lambda answer: answer.cancel(), id="whoever waits is cancelled"),
        pytest.param(lambda answer: answer.set_result(None), id="the answers are there"),
    ],
)
def test_what_comes_to_many_of_a_group_at_once_does_not_keep_the_loop(
    fail: Callable[[asyncio.Future[None]], None],
) -> None:
    loop = Computing()

    async def main() -> float:
        answers = [asyncio.get_running_loop().create_future() for _ in range(60)]

        def asking(answer: asyncio.Future[None]) -> asyncio.Task[float]:
            async def asks() -> float:
                try:
                    await answer
                finally:
                    loop.now += 0.006
                return 0.0

            return loop.metered("one", asks)

        tasks = [asking(answer) for answer in answers]
        await asyncio.sleep(0)
        for answer in answers:
            fail(answer)
        longest = await loop.longest_turn(lambda: all(task.done() for task in tasks))
        await asyncio.gather(*tasks, return_exceptions=True)
        return longest

    assert asyncio.run(main()) <= 2 * 0.006 + 0.000_001
    assert loop.now == pytest.approx(0.36)


def test_who_leaves_the_line_is_passed_over_and_leaves_nothing_there() -> None:
    loop, emptied = Computing(), 0

    def note() -> None:
        nonlocal emptied
        emptied += 1

    loop.turns._emptied = note

    async def main() -> None:
        first = loop.begin("first", "one", [PER_GROUP])
        others = [loop.begin("other", "one", [0.001]) for _ in range(5)]
        await asyncio.sleep(0)
        assert loop.turns.stands("one")
        await ended(*others)
        await first
        # One more turn, for those that were passed over.
        await loop.begin("last", "another", [0.0])
        await from_outside()

    asyncio.run(main())
    assert loop.order == ["first", "last"]
    assert emptied > 0
    left = (len(loop.turns._line), loop.turns._groups, loop.turns._standing)
    assert left == (0, {}, {})


def test_a_group_that_is_alone_waits_for_nothing_but_a_look_at_what_is_ready() -> None:
    """Time goes on where nothing else can alone: it does not."""
    loop = Computing()

    async def main() -> float:
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(loop.begin("a", "one", [PER_GROUP * 2] * 10, at_once) for _ in range(10)))
        return asyncio.get_running_loop().time() - began

    assert in_virtual_time(main()) == 0
    assert len(loop.order) == 100
