"""Secrets that are looked at so many a second: whose turn it is where there are more."""

import asyncio
from contextlib import suppress
from itertools import pairwise
from typing import Any

from oauthclient_operator.watching.checks import SecretChecks
from tests.pure.secret_checks import COUNT, World
from tests.pure.virtual_time import in_virtual_time, now


def test_however_many_there_are_no_more_are_looked_at_than_so_many_a_second() -> None:
    async def main() -> None:
        world = World(COUNT)
        world.checks = SecretChecks(
            world.read, interval=5.0, per_second=2.0, on_change=lambda _, name: world.told.append(name)
        )
        world.follow("web-0", None)
        await world.passes(60.0)
        assert 10 <= len(world.reads) <= 14, "one alone is looked at every five seconds"
        for number in range(COUNT):
            world.follow(f"web-{number}", None)
        await world.passes(20.0)
        world.reads.clear()
        await world.passes(300.0)
        assert 300 * 1.5 <= len(world.reads) <= 300 * 2.5

    in_virtual_time(main())


def test_a_tenant_with_many_delays_no_look_at_anothers() -> None:
    async def main() -> None:
        looks: list[tuple[str, float]] = []

        async def read(namespace: str, _: str) -> dict[str, Any] | None:
            looks.append((namespace, now()))
            return None

        checks = SecretChecks(read, interval=5.0, per_second=2.0, on_change=lambda *_: None)
        for number in range(1000):
            checks.follow(("many", f"web-{number}"), {("many", f"web-{number}"): None})
        checks.follow(("shop", "web"), {("shop", "web"): None})
        with suppress(TimeoutError):
            async with asyncio.timeout(300):
                await checks.run()
        good = [at for namespace, at in looks if namespace == "shop"]
        assert max(later - at for at, later in pairwise([0.0, *good])) < 7.0, "its interval, and one turn"
        assert 590 <= len(looks) <= 601, "and what is left is used"

    in_virtual_time(main())


def test_what_was_due_and_is_followed_no_more_costs_no_memory_and_no_turn() -> None:
    async def main() -> None:
        world = World(1)
        world.checks = SecretChecks(world.read, interval=5.0, per_second=2.0, on_change=lambda *_: None)
        for number in range(1000):
            world.follow(f"gone-{number}", None)
        world.follow("web-0", None)
        looking = asyncio.create_task(world.checks.run())
        await asyncio.sleep(6)
        for number in range(1000):
            world.checks.follow(("shop", f"gone-{number}"), {})
        world.reads.clear()
        await asyncio.sleep(60)
        looking.cancel()
        assert {name for _, name in world.reads} == {"web-0"}
        assert 10 <= len(world.reads) <= 14

    in_virtual_time(main())
