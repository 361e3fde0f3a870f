"""What is lost at an interval's end, or when a person asks, neither hides the renewal nor eats all of its tries."""

import asyncio
from datetime import datetime, timedelta

import pytest

from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.expiring import left
from tests.pure.simulation.lives import Life
from tests.pure.simulation.phases import DAY, MINUTE
from tests.pure.simulation.test_renewal_through_a_gateway import Gateway, behind_a_gateway

HOUR = timedelta(hours=1)


def by_interval(interval: str) -> tuple[Life, Gateway]:
    life, server = behind_a_gateway()
    life.apply(rotation={"interval": interval, "strategy": "Reregister"})
    return life, server


def end_of(life: Life) -> datetime:
    return life.world.clock.now() + left(life)


def gave_way(life: Life, end: datetime) -> bool:
    """Whether another client was published a day before the first one's secret was dead."""
    shown = life.shown()
    return shown != (ISSUER, "client-1") and life.shown_last[(ISSUER, "client-1")] < end - DAY


@pytest.mark.parametrize("interval", ["48h", "72h"])
@pytest.mark.parametrize("well", [16, 16.5, 17], ids=lambda day: f"well on day {day}")
def test_a_rotation_that_waits_for_a_person_does_not_hide_when_the_secret_is_to_be_renewed(
    interval: str, well: float
) -> None:
    async def main() -> None:
        life, server = by_interval(interval)
        await life.live(DAY)
        server.bad = True
        await life.live((well - 1) * DAY)
        server.bad = False
        end = end_of(life)
        # In one go: nobody wakes it but time.
        await life.live((31 - well) * DAY)
        assert gave_way(life, end)

    asyncio.run(main())


def test_nor_does_one_that_a_person_asked_for_beside_the_interval() -> None:
    async def main() -> None:
        life, server = by_interval("48h")
        await life.live(1.7 * DAY)
        server.bad = True
        await life.live(0.4 * DAY)
        life.rotate("now")
        await life.live(5 * MINUTE)
        server.bad = False
        end = end_of(life)
        await life.live(29 * DAY)
        assert gave_way(life, end)

    asyncio.run(main())


@pytest.mark.parametrize("day", [18, 21])
def test_a_person_who_asks_while_a_renewal_is_under_way_does_not_spend_its_tries(day: int) -> None:
    async def main() -> None:
        life, server = behind_a_gateway()
        life.apply()
        await life.live(16.6 * DAY)
        server.bad = True
        await life.live((day - 16.6) * DAY)
        life.rotate("now")
        await life.live(5 * MINUTE)
        server.bad = False
        for _ in range(32):
            await life.live(DAY)
            assert left(life) > timedelta()

    asyncio.run(main())
