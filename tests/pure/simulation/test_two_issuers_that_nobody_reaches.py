"""A secret that expires is renewed neither at the issuer that the spec names nor at its own: neither hears of it in a storm."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

from oauthclient_operator.exchange import Answer, NotSent, Purpose, Request
from oauthclient_operator.reach import IssuerAddress
from tests.pure.simulation.expiring import expiring, left
from tests.pure.simulation.phases import DAY
from tests.pure.simulation.two_issuers import OTHER, TwoIssuers

HOUR = timedelta(hours=1)


class Unreached(TwoIssuers):
    """While `away`, nobody can connect to either of them."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.tried: Counter[str] = Counter()

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        if self.away and request.method == "POST" and request.purpose is not Purpose.PROVE:
            self.tried[issuer.issuer] += 1
            return NotSent(cause="no route")
        return await super().exchange(request, issuer, **options)


def test_each_is_tried_at_its_own_pace_and_what_comes_back_is_used() -> None:
    async def main() -> None:
        server = Unreached()
        life = expiring(server, 2 * DAY)
        life.apply()
        await life.live(HOUR)
        server.away = True
        life.apply(issuer=OTHER)
        # Into the last tenth, in which the own issuer is asked, too.
        await life.live(43 * HOUR)
        server.tried.clear()
        await life.live(HOUR)
        assert len(server.tried) == 2
        assert all(10 < tried < 30 for tried in server.tried.values())
        server.away = False
        await life.live(HOUR)
        assert left(life) > DAY

    asyncio.run(main())
