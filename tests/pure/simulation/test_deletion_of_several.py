"""A deletion that has several clients to end: it takes no longer than that of one, and each is asked for in that time."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.exchange import Answer, NotSent, Purpose, Request, Response
from oauthclient_operator.reach import IssuerAddress
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.lives import Life
from tests.pure.simulation.phases import DAY, MINUTE
from tests.pure.simulation.two_issuers import OTHER, TwoIssuers

HOUR = timedelta(hours=1)


class EndsNone(TwoIssuers):
    """Answers a deregistration at its first issuer with something else, while it has something to say."""

    def __init__(self, says: Answer | None) -> None:
        super().__init__()
        self.says = says
        self.asked = Counter[str]()

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        if request.method == "DELETE" and issuer.issuer == ISSUER and request.purpose is not Purpose.PROVE:
            self.asked[request.url.rpartition("/")[2]] += 1
            if self.says is not None:
                return self.says
        return await super().exchange(request, issuer, **options)


@pytest.mark.parametrize(
    "says",
    [
        pytest.param(Response(status=502), id="502"),
        pytest.param(Response(status=403), id="403"),
        pytest.param(Response(status=429), id="429"),
        pytest.param(NotSent(cause="connection refused"), id="connection refused"),
    ],
)
def test_what_is_published_and_three_that_leave_hold_the_resource_back_for_one_release_after(says: Answer) -> None:
    async def main() -> None:
        server = EndsNone(says)
        life = Life(server=server)
        life.apply(rotation={"overlap": "240h"})
        await life.live(MINUTE)
        for number in range(3):
            life.rotate(str(number))
            await life.live(10 * MINUTE)
        assert len(life.record().leaving) == 3
        life.delete()
        await life.live(HOUR - MINUTE)
        assert life.world.resource() is not None
        assert set(server.asked) == {"client-1", "client-2", "client-3", "client-4"}
        await life.live(10 * MINUTE)
        assert life.world.resource() is None
        life.check()

    asyncio.run(main())


def test_an_issuer_that_ends_nothing_keeps_no_client_of_another_one_alive() -> None:
    async def main() -> None:
        server = EndsNone(Response(status=502))
        life = Life(server=server)
        life.apply(rotation={"overlap": "240h"})
        await life.live(DAY)
        life.apply(issuer=OTHER)
        await life.live(MINUTE)
        assert life.shown() is not None
        life.delete()
        await life.live(MINUTE)
        assert server.other.clients == {}
        server.says = None
        await life.live(10 * MINUTE)
        assert life.world.resource() is None
        assert life.living() == set()

    asyncio.run(main())
