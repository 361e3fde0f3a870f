"""A gateway that loses answers for a minute, or an hour, does not eat all attempts of a renewal that has days left."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.exchange import Answer, Purpose, Request, Response
from oauthclient_operator.reach import IssuerAddress
from tests.pure.simulation.authorization_server import AuthorizationServer
from tests.pure.simulation.expiring import expiring, left
from tests.pure.simulation.lives import Life
from tests.pure.simulation.operator_process import NAME, NAMESPACE
from tests.pure.simulation.phases import DAY, MINUTE

HOUR = timedelta(hours=1)


class Gateway(AuthorizationServer):
    """What registers is lost while it is bad; `lost` is when that was."""

    life: Life
    bad = False
    says: Answer = Response(status=502)
    lasts = timedelta(days=10_000)

    def __init__(self) -> None:
        super().__init__()
        self.lost: list[datetime] = []
        self.then: Callable[[], object] = bool
        """What a person does at once."""

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        now = self.life.world.clock.now()
        over = bool(self.lost) and now > self.lost[0] + self.lasts
        if self.bad and not over and request.method == "POST" and request.purpose is not Purpose.PROVE:
            self.lost.append(now)
            self.then()
            return self.says
        return await super().exchange(request, issuer, **options)


def behind_a_gateway() -> tuple[Life, Gateway]:
    server = Gateway()
    server.life = expiring(server)
    return server.life, server


PAGE = Response(status=200, headers={"content-type": "text/html"}, body=b"<html>We are back soon</html>")


@pytest.mark.parametrize("says", [Gateway.says, PAGE], ids=["502", "a page that says 200"])
@pytest.mark.parametrize("lasts", [MINUTE, HOUR, DAY], ids=["a minute", "an hour", "a day"])
def test_it_is_renewed_when_the_gateway_is_well_again(lasts: timedelta, says: Answer) -> None:
    async def main() -> None:
        life, server = behind_a_gateway()
        server.says = says
        life.apply()
        await life.live(DAY)
        server.bad, server.lasts = True, lasts
        for _ in range(40):
            await life.live(DAY)
            assert left(life) > 5 * DAY
        assert len(server.lost) == 1
        assert len(life.record().suspects) == 1

    asyncio.run(main())


@pytest.mark.parametrize("says", [Gateway.says, PAGE], ids=["502", "a page that says 200"])
def test_a_gateway_that_stays_so_is_asked_three_times_and_leaves_half_of_the_time_to_a_person(says: Answer) -> None:
    async def main() -> None:
        life, server = behind_a_gateway()
        server.says = says
        life.apply()
        await life.live(DAY)
        server.bad = True
        await life.live(28 * DAY)
        first, second, third = server.lost
        end = life.world.clock.now() + left(life)
        for at, part in ((second, 1 / 4), (third, 1 / 2)):
            assert abs(at - (first + (end - first) * part)) < HOUR
        assert life.world.condition("Renewing") == ("False", "RenewalFailed")
        assert life.world.condition("Ready") == ("True", "Registered")

    asyncio.run(main())


BY_INTERVAL = {"rotation": {"interval": "216h", "strategy": "Reregister"}}


@pytest.mark.parametrize(("spec", "lost"), [({}, 3), (BY_INTERVAL, 1)], ids=["a person", "an interval"])
def test_what_is_lost_for_another_reason_leaves_the_renewal_its_own_tries(spec: dict[str, Any], lost: int) -> None:
    async def main() -> None:
        life, server = behind_a_gateway()
        life.apply(**spec)
        await life.live(8 * DAY)
        server.bad, server.lasts = True, DAY
        if not spec:
            life.rotate("once")
        for _ in range(60):
            await life.live(DAY)
            assert left(life) > 2 * DAY
        assert len(server.lost) == len(life.record().suspects) == lost

    asyncio.run(main())


def test_who_asks_for_another_try_right_after_one_was_lost_gets_it_when_that_cannot_arrive_any_more() -> None:
    async def main() -> None:
        life, server = behind_a_gateway()
        life.apply()
        await life.live(DAY)
        server.bad, server.lasts = True, timedelta(seconds=1)
        server.then = lambda: life.world.api.annotate(NAMESPACE, NAME, {names.RETRY_ANNOTATION: "now"})
        while not server.lost:
            await life.live(2 * MINUTE)
        await life.live(2 * MINUTE)
        assert life.record().edition == 2
        assert life.record().retry is not None

    asyncio.run(main())


def test_a_first_registration_and_what_a_person_asks_for_keep_their_pace() -> None:
    async def main() -> None:
        life, server = behind_a_gateway()
        server.bad, server.lasts = True, timedelta(seconds=1)
        life.apply()
        await life.live(MINUTE)
        assert len(server.lost) == 1
        assert life.world.condition() == ("True", "Registered")
        server.lost.clear()
        life.rotate("once")
        await life.live(MINUTE)
        assert len(server.lost) == 1
        assert life.record().edition == 2

    asyncio.run(main())
