"""A replacement whose answers are lost: it has a budget of its own, and what is published stays."""

import asyncio
from datetime import timedelta
from typing import Any

from oauthclient_operator.exchange import Incomplete
from oauthclient_operator.names import RESOLVE_ANNOTATION
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.lives import EDITED, Life
from tests.pure.simulation.operator_process import NAME, NAMESPACE
from tests.pure.simulation.phases import DAY, MINUTE

FIRST = (ISSUER, "client-1")


class Losing:
    """Loses so many of the next answers to registrations; the server did what was asked."""

    def __init__(self) -> None:
        self.times = 0

    async def __call__(self, label: str, call: Any) -> Any:
        answer = await call()
        if label == "exchange:POST" and self.times:
            self.times -= 1
            return Incomplete(cause="no answer")
        return answer


def test_an_answer_that_is_lost_is_a_suspect_and_the_next_attempt_brings_the_pair() -> None:
    async def main() -> None:
        fault = Losing()
        life = Life(fault=fault)
        life.apply()
        await life.live(MINUTE)
        fault.times = 1
        life.rotate("once")
        await life.live(timedelta(seconds=5))
        assert life.shown() == FIRST
        assert life.world.condition() == ("True", "Registered")
        status, _ = life.world.condition("Renewing")
        assert status == "False"
        await life.live(timedelta(hours=1))
        life.check()
        assert life.shown() == (ISSUER, "client-3")
        assert [suspect["attempt"] for suspect in life.status()["suspectedOrphans"]] == [2]

    asyncio.run(main())


def test_the_suspects_of_the_first_registration_take_nothing_from_the_budget_of_a_replacement() -> None:
    async def main() -> None:
        fault = Losing()
        life = Life(fault=fault)
        fault.times = 2
        life.apply()
        await life.live(timedelta(hours=1))
        assert life.shown() == (ISSUER, "client-3")
        fault.times = 2
        life.rotate("once")
        await life.live(timedelta(hours=1))
        life.check()
        assert life.shown() == (ISSUER, "client-6")
        assert len(life.record().suspects) == 4

    asyncio.run(main())


def test_three_lost_answers_wait_for_a_person_and_the_published_pair_is_kept_true_and_takes_edits() -> None:
    async def main() -> None:
        fault = Losing()
        life = Life(fault=fault)
        life.apply()
        await life.live(MINUTE)
        fault.times = 9
        life.rotate("once")
        await life.live(2 * DAY)
        life.check()
        assert life.server.calls == ["POST"] * 4
        assert life.shown() == FIRST
        assert life.world.condition() == ("True", "Registered")
        assert life.world.condition("Renewing")[0] == "False"
        life.apply(clientMetadata=EDITED)
        await life.live(MINUTE)
        assert life.server.clients["client-1"]["client_name"] == "shop"
        fault.times = 0
        uid = life.record().subject.uid
        life.world.api.annotate(NAMESPACE, NAME, {RESOLVE_ANNOTATION: f"{uid}/4"})
        await life.live(MINUTE)
        assert life.shown() not in (None, FIRST)
        assert life.record().suspects == ()

    asyncio.run(main())


def test_several_requests_in_a_row_are_served_by_one_where_they_come_before_it_is_promoted() -> None:
    async def main() -> None:
        fault = Losing()
        life = Life(fault=fault)
        life.apply()
        await life.live(MINUTE)
        fault.times = 1
        for value in ("one", "two", "three"):
            life.rotate(value)
            await life.live()
        await life.live(timedelta(hours=1))
        assert life.record().edition == 2

    asyncio.run(main())


def test_requests_one_after_the_other_wait_while_three_pairs_are_leaving() -> None:
    async def main() -> None:
        life = Life()
        life.apply()
        await life.live(MINUTE)
        for number in range(5):
            life.rotate(f"request {number}")
            await life.live(MINUTE)
        life.check()
        assert (life.record().edition, len(life.leaving())) == (4, 3)
        assert life.world.condition("Renewing") == ("True", "Renewing")
        await life.live(2 * DAY)
        life.check()
        assert life.record().edition == 5
        assert len(life.living()) == 1

    asyncio.run(main())
