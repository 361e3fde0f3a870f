"""The operator's clock was ahead for half an hour and is right again: nothing waits for the times that it wrote down."""

import asyncio
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from oauthclient_operator.exchange import Response
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.reach import IssuerAddress
from tests.pure.simulation.authorization_server import AuthorizationServer
from tests.pure.simulation.lives import EDITED, Life
from tests.pure.simulation.operator_process import Crash
from tests.pure.simulation.phases import DAY, MINUTE

HOUR = timedelta(hours=1)
HALF_AN_HOUR = timedelta(minutes=30)
MONTH = timedelta(days=30)
LIMITS = Limits(retry_slowly=timedelta(minutes=15))
NOT_AVAILABLE = Response(status=503)


class RightServer(AuthorizationServer):
    """Has a clock that is right whatever the operator's is, and dates its answers if it is to; may be away."""

    def __init__(self, lifetime: timedelta = MONTH, *, dates: bool = False) -> None:
        super().__init__()
        self.life = Life(server=self, limits=LIMITS)
        self.ahead = timedelta()
        self.away = False
        self.dates = dates
        self.expires_at = lambda: int((self.now() + lifetime).timestamp())

    def now(self) -> Any:
        return self.life.world.clock.now() - self.ahead

    def put(self, ahead: timedelta) -> None:
        """Put the operator's clock that far ahead of this one."""
        self.life.world.clock.put(ahead - self.ahead)
        self.ahead = ahead
        # What was seen was seen by the clock as it was.
        self.life.shown_last = dict.fromkeys(self.life.shown_last, self.life.world.clock.time)

    async def exchange(self, request: Any, issuer: IssuerAddress, **options: Any) -> Any:
        if self.away:
            self.calls.append(f"{request.method} away")
            return NOT_AVAILABLE
        answer = await super().exchange(request, issuer, **options)
        if not self.dates or not isinstance(answer, Response):
            return answer
        dated = {**answer.headers, "date": format_datetime(self.now(), usegmt=True)}
        return Response(status=answer.status, headers=dated, body=answer.body)

    def lives(self) -> bool:
        """Whether what is published is good."""
        shown = self.life.shown()
        assert shown is not None
        client = self.clients.get(shown[1])
        return client is not None and client["client_secret_expires_at"] > self.now().timestamp()


@pytest.mark.parametrize("restarts", [True, False], ids=["by another process", "by the same process"])
@pytest.mark.parametrize(
    ("lifetime", "ahead"),
    [
        (DAY, timedelta(hours=23, minutes=55)),
        (DAY, timedelta(hours=20)),
        (DAY, timedelta(hours=25)),
        (MONTH, timedelta(days=29)),
        (MONTH, timedelta(days=31)),
    ],
    ids=["nearly its life", "most of its life", "more than its life", "nearly a month", "more than a month"],
)
def test_a_secret_that_was_renewed_meanwhile_is_renewed_again(
    lifetime: timedelta, ahead: timedelta, *, restarts: bool
) -> None:
    async def main() -> None:
        server = RightServer(lifetime)
        life = server.life
        life.apply()
        await life.live(HOUR)
        server.put(ahead)
        await life.live(HALF_AN_HOUR)
        server.put(timedelta())
        if restarts:
            life.process = life.world.start()
        for _ in range(30):
            await life.live(lifetime / 10)
            assert server.lives()
        assert life.world.condition() == ("True", "Registered")
        assert len(server.clients) <= 3

    asyncio.run(main())


def test_where_the_answer_is_dated_a_process_that_starts_again_and_again_renews_it() -> None:
    async def main() -> None:
        server = RightServer(DAY, dates=True)
        life = server.life
        server.put(timedelta(hours=23, minutes=55))
        life.apply()
        await life.live(MINUTE)
        server.put(timedelta())
        for _ in range(25 * 12):
            # It has always just begun, and nothing but the answer tells since when the secret is there.
            life.process = life.world.start()
            await life.live(5 * MINUTE)
            assert server.lives()
        assert life.record().edition == 2

    asyncio.run(main())


def test_a_call_whose_process_died_is_given_up_within_the_minute() -> None:
    async def main() -> None:
        armed = False

        async def dies(label: str, call: Any) -> Any:
            if armed and label == "exchange:PUT":
                raise Crash
            return await call()

        server = RightServer()
        life = server.life
        life.fault = dies
        life.apply()
        await life.live(HOUR)
        server.put(MONTH)
        armed = True
        life.apply(clientMetadata=EDITED)
        await life.live(MINUTE, to_death=True)
        armed = False
        server.put(timedelta())
        await life.live(MINUTE)
        assert life.record().open is None
        await life.live(HALF_AN_HOUR)
        assert life.world.condition() == ("True", "Registered")
        shown = life.shown()
        assert shown is not None
        assert server.clients[shown[1]]["client_name"] == EDITED["client_name"]

    asyncio.run(main())


@pytest.mark.parametrize("restarts", [True, False], ids=["another process", "the same process"])
def test_what_failed_meanwhile_is_tried_again_in_time(*, restarts: bool) -> None:
    async def main() -> None:
        server = RightServer()
        life = server.life
        life.apply()
        await life.live(HOUR)
        server.put(MONTH - DAY)
        server.away = True
        life.apply(clientMetadata=EDITED)
        await life.live(HALF_AN_HOUR)
        server.away = False
        server.put(timedelta())
        if restarts:
            life.process = life.world.start()
        await life.live(HOUR)
        assert life.world.condition() == ("True", "Registered")

    asyncio.run(main())


def test_a_deletion_that_failed_meanwhile_goes_on_and_is_given_up_no_sooner_than_its_time() -> None:
    async def main() -> None:
        server = RightServer()
        life = server.life
        life.apply()
        await life.live(HOUR)
        server.put(DAY)
        server.away = True
        life.delete()
        await life.live(HALF_AN_HOUR)
        server.put(timedelta())
        life.process = life.world.start()
        await life.live(LIMITS.release_after - MINUTE)
        assert life.world.resource() is not None
        await life.live(HALF_AN_HOUR)
        assert life.world.resource() is None
        assert life.record().released is not None

    asyncio.run(main())


def test_a_pair_that_was_replaced_meanwhile_leaves_when_its_overlap_is_over() -> None:
    async def main() -> None:
        server = RightServer(timedelta(days=300))
        life = server.life
        life.apply()
        await life.live(HOUR)
        server.put(MONTH)
        life.rotate("once")
        await life.live(HALF_AN_HOUR)
        assert len(server.clients) == 2
        server.put(timedelta())
        life.process = life.world.start()
        await life.live(DAY - MINUTE)
        assert len(server.clients) == 2
        await life.live(HOUR)
        assert len(server.clients) == 1
        assert server.lives()

    asyncio.run(main())
