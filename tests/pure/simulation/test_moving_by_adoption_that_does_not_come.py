"""Another issuer and a client of it in one edit, and nothing comes of that while the published secret expires."""

import asyncio
from typing import Any

import pytest

from oauthclient_operator import names
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.expiring import expiring, left
from tests.pure.simulation.lives import METADATA, Life
from tests.pure.simulation.phases import DAY, MINUTE
from tests.pure.simulation.test_moving_by_adoption import ADOPT, hand_over
from tests.pure.simulation.two_issuers import OTHER, TwoIssuers

NEVER, REFUSED, ELSEWHERE = "the Secret never comes", "its token is refused", "its client is of another issuer"


async def waiting(why: str) -> tuple[Life, TwoIssuers, dict[str, Any]]:
    """Return a life whose published secret expires, and that waits for a client that is handed over at another issuer."""
    server = TwoIssuers()
    life = expiring(server)
    life.apply()
    await life.live(DAY)
    made = server.other.made(METADATA)
    if why == REFUSED:
        hand_over(life, made, registration_access_token="stale")
    if why == ELSEWHERE:
        hand_over(life, made, issuer=ISSUER)
    life.apply(**ADOPT)
    return life, server, made


@pytest.mark.parametrize("why", [NEVER, REFUSED, ELSEWHERE])
def test_it_is_renewed_at_its_own_issuer_and_none_is_registered_at_the_other(why: str) -> None:
    async def main() -> None:
        life, server, _ = await waiting(why)
        for _ in range(80):
            await life.live(DAY)
            shown = life.shown()
            assert shown is not None
            assert shown[0] == ISSUER
            assert left(life) > 5 * DAY
            assert life.world.condition() == ("False", "AdoptionFailed")
        assert "POST" not in server.other.calls
        assert 4 <= server.calls.count("POST") <= 6
        life.check()

    asyncio.run(main())


def test_a_person_who_asks_for_another_client_meanwhile_gets_one_of_its_own_issuer() -> None:
    async def main() -> None:
        life, server, _ = await waiting(NEVER)
        await life.live(MINUTE)
        life.rotate("once")
        await life.live(MINUTE)
        assert life.shown() == (ISSUER, "client-2")
        assert "POST" not in server.other.calls

    asyncio.run(main())


def test_what_is_handed_over_in_the_end_is_published_also_in_the_middle_of_a_renewal() -> None:
    async def main() -> None:
        life, server, made = await waiting(NEVER)
        await life.live(25 * DAY)
        hand_over(life, made)
        await life.live(MINUTE)
        assert life.shown() == (OTHER, made["client_id"])
        assert life.world.condition() == ("True", "Registered")
        await life.live(3 * DAY)
        assert server.clients == {}
        life.check()

    asyncio.run(main())


def test_without_a_reason_it_is_only_waited_for() -> None:
    async def main() -> None:
        life, server, _ = await waiting(NEVER)
        await life.live(10 * DAY)
        assert life.shown() == (ISSUER, "client-1")
        assert server.calls == ["POST"]
        assert life.world.condition("Renewing") == ("False", names.Reason.RENEWAL_FAILED)

    asyncio.run(main())
