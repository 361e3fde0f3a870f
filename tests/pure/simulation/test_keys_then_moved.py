"""A rotation by keys that came to nothing, and a spec that names another issuer then."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.exchange import Incomplete
from oauthclient_operator.plan.observed import Limits
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.lives import Life
from tests.pure.simulation.phases import DAY, MINUTE
from tests.pure.simulation.test_keys import METADATA
from tests.pure.simulation.two_issuers import OTHER, TwoIssuers

SECOND = timedelta(seconds=1)


def proving() -> TwoIssuers:
    """Return two servers that tell a client from nobody, and where a lost answer to an update takes no token along."""
    server = TwoIssuers(rotates=False)
    server.metadata = {"revocation_endpoint": f"{ISSUER}/revoke"}
    server.other.metadata = {"revocation_endpoint": f"{OTHER}/revoke"}
    return server


def keys(server: TwoIssuers) -> list[list[str]]:
    """Return by which keys the first issuer knows each of its clients."""
    return [[key["kid"] for key in client["jwks"]["keys"]] for client in server.clients.values()]


async def moved(life: Life, server: TwoIssuers) -> None:
    """Have the resource move, and look at what became of it."""
    life.apply(issuer=OTHER)
    await life.live(MINUTE)
    shown = life.shown()
    assert shown is not None
    assert shown[0] == OTHER
    await life.live(2 * DAY)
    assert (life.world.condition(), server.clients) == (("True", "Registered"), {})


def test_a_second_key_that_is_not_accepted_is_taken_back_at_once_and_the_move_goes_on() -> None:
    async def main() -> None:
        server = proving()
        server.fails_with_two_keys = True
        life = Life(server=server, limits=Limits(retry_slowly=timedelta(hours=6)), spec={"privateKey": {}})
        life.apply(clientMetadata=METADATA)
        await life.live(MINUTE)
        first = keys(server)
        life.rotate("1")
        await life.live(30 * SECOND)
        assert len(keys(server)[0]) == 2
        life.apply(issuer=OTHER)
        await life.live(SECOND)
        assert keys(server) == first
        await moved(life, server)

    asyncio.run(main())


@pytest.mark.parametrize("why", ["a person asks", "another algorithm"])
def test_an_update_with_both_keys_that_got_no_answer_keeps_no_move_waiting(why: str) -> None:
    losing = False

    async def lose(label: str, call: Any) -> Any:
        nonlocal losing
        answer = await call()
        if label != "exchange:PUT" or not losing:
            return answer
        losing = False
        # The spec is edited while nobody knows.
        life.apply(issuer=OTHER)
        return Incomplete(cause="lost")

    async def main() -> None:
        nonlocal losing
        life.apply(clientMetadata=METADATA)
        await life.live(MINUTE)
        first, losing = keys(server), True
        if why == "a person asks":
            life.rotate("1")
        else:
            life.apply(privateKey={"algorithm": "EdDSA"})
        await life.live(5 * MINUTE)
        assert not losing
        assert keys(server) == first
        await moved(life, server)

    server = proving()
    life = Life(server=server, limits=Limits(retry_slowly=timedelta(hours=6)), spec={"privateKey": {}}, fault=lose)
    asyncio.run(main())
