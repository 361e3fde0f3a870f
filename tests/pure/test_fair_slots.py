"""Slots that groups share fairly: so many in all, so many of one group, and none lost to who gives up or hangs."""

import asyncio

from oauthclient_operator.fair_slots import FairSlots
from tests.pure.virtual_time import in_virtual_time, now


async def holds(slots: FairSlots, group: str, begun: list[tuple[str, float]], *, seconds: float = 1.0) -> None:
    """Hold a slot for a while, and note when that begins."""
    async with slots.slot(group):
        begun.append((group, now()))
        await asyncio.sleep(seconds)


def test_a_group_has_its_share_at_once_and_others_begin_beside_it() -> None:
    async def main() -> list[tuple[str, float]]:
        begun: list[tuple[str, float]] = []
        slots = FairSlots(in_all=4, per_group=2, clock=now)
        many = [holds(slots, "many", begun) for _ in range(6)]
        await asyncio.gather(*many, holds(slots, "one", begun), holds(slots, "other", begun))
        return begun

    begun = in_virtual_time(main())
    assert sorted(begun) == [("many", n // 2) for n in range(6)] + [("one", 0), ("other", 0)]


def test_where_all_are_held_the_group_that_held_least_is_next() -> None:
    async def main() -> list[tuple[str, float]]:
        begun: list[tuple[str, float]] = []
        slots = FairSlots(in_all=1, per_group=1, clock=now)
        many = [asyncio.create_task(holds(slots, "many", begun)) for _ in range(5)]
        await asyncio.sleep(1.5)
        await asyncio.gather(*many, holds(slots, "one", begun))
        return begun

    assert in_virtual_time(main())[:4] == [("many", 0), ("many", 1), ("one", 2), ("many", 3)]


def test_who_gives_up_while_it_waits_keeps_no_slot() -> None:
    async def main() -> list[tuple[str, float]]:
        begun: list[tuple[str, float]] = []
        slots = FairSlots(in_all=1, per_group=1, clock=now)
        first = asyncio.create_task(holds(slots, "a", begun))
        await asyncio.sleep(0)
        waiting = [asyncio.create_task(holds(slots, "a", begun)) for _ in range(3)]
        await asyncio.sleep(0.5)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await asyncio.gather(first, holds(slots, "b", begun))
        return begun

    assert in_virtual_time(main()) == [("a", 0), ("b", 1)]


def test_who_gives_up_in_the_moment_of_its_turn_gives_the_slot_on() -> None:
    async def main() -> list[tuple[str, float]]:
        begun: list[tuple[str, float]] = []
        slots = FairSlots(in_all=1, per_group=1, clock=now)
        async with slots.slot("a"):
            second, third = (asyncio.create_task(holds(slots, group, begun)) for group in "bc")
            await asyncio.sleep(0)
        # Its turn has come, and it has not run since.
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        await third
        return begun

    assert in_virtual_time(main()) == [("c", 0)]


def test_groups_whose_holders_hang_keep_others_out_for_a_while_alone() -> None:
    async def main() -> list[tuple[str, float]]:
        begun: list[tuple[str, float]] = []
        slots = FairSlots(in_all=4, per_group=2, lasting=5.0, clock=now)
        hanging = [asyncio.create_task(holds(slots, group, begun, seconds=30.0)) for group in "aaaabb"]
        await asyncio.sleep(1)
        # The first of the four is taken back when somebody waits for it: who waits is one, and each gets its own.
        await asyncio.gather(*(holds(slots, "one", begun) for _ in range(3)))
        await asyncio.gather(*hanging)
        return begun

    assert in_virtual_time(main()) == [
        *[("a", 0), ("a", 0), ("b", 0), ("b", 0)],
        # Two of its own at once, as ever; and the groups that hang have no more than their share for all that.
        *[("one", 5), ("one", 5), ("one", 6)],
        *[("a", 30), ("a", 30)],
    ]


def test_a_slot_that_was_taken_back_is_not_free_twice() -> None:
    async def main() -> list[tuple[str, float]]:
        begun: list[tuple[str, float]] = []
        slots = FairSlots(in_all=1, per_group=1, lasting=5.0, clock=now)
        first = asyncio.create_task(holds(slots, "a", begun, seconds=6.0))
        await asyncio.sleep(0)
        await asyncio.gather(first, *(holds(slots, group, begun, seconds=4.0) for group in "bcd"))
        return begun

    assert in_virtual_time(main()) == [("a", 0), ("b", 5), ("c", 9), ("d", 13)]


def test_a_slot_is_taken_back_where_somebody_waits_and_not_before() -> None:
    async def main() -> list[tuple[str, float]]:
        begun: list[tuple[str, float]] = []
        slots = FairSlots(in_all=1, per_group=2, lasting=5.0, clock=now)
        first = asyncio.create_task(holds(slots, "a", begun, seconds=20.0))
        await asyncio.sleep(10)
        await asyncio.gather(first, *(holds(slots, "b", begun, seconds=1.0) for _ in range(2)))
        return begun

    assert in_virtual_time(main()) == [("a", 0), ("b", 10), ("b", 11)]
