"""A client secret that has little left when it is handed over, or nothing, is renewed: it lived before."""

import asyncio
from datetime import timedelta

import pytest

from tests.pure.simulation.adopting import HANDED, METADATA, World
from tests.pure.simulation.authorization_server import AuthorizationServer
from tests.pure.simulation.expiring import MONTH
from tests.pure.simulation.lives import Life
from tests.pure.simulation.operator_process import no_fault
from tests.pure.simulation.phases import DAY

MINUTES = [-60, -1, 1, 9, 15, 29, 60]


@pytest.mark.parametrize(
    ("manageable", "says"),
    [(True, True), (True, False), (False, True)],
    ids=["with its token", "with its token, and the read alone tells", "without a token"],
)
@pytest.mark.parametrize("minutes", MINUTES, ids=lambda minutes: f"{minutes} minutes left")
def test_it_is_renewed_before_it_ends_or_at_once(minutes: int, manageable: bool, says: bool) -> None:
    async def main() -> None:
        server = AuthorizationServer()
        life = Life(server=server)
        ends = life.world.clock.now() + timedelta(minutes=minutes)
        server.expires_at = lambda: int(ends.timestamp())
        client = server.made(METADATA)
        server.expires_at = lambda: int((life.world.clock.now() + MONTH).timestamp())
        told = client if manageable else {k: v for k, v in client.items() if not k.startswith("registration_")}
        world = World(fault=no_fault, api=life.world.api, server=server, clock=life.world.clock)
        world.hand_over(told, client_secret_expires_at=client["client_secret_expires_at"] if says else None)
        life.apply(adopt={"secretRef": {"name": HANDED}})
        began = life.world.clock.now()
        for _ in range(30):
            await life.live(timedelta(minutes=1))
            if life.shown() == (server.issuer, "client-1") and life.world.clock.now() > began + timedelta(minutes=1):
                assert life.world.clock.now() < ends
        await life.live(DAY)
        life.check()
        assert life.shown() != (server.issuer, "client-1")
        assert server.calls.count("POST") == 1
        assert life.world.condition() == ("True", "Registered")

    asyncio.run(main())


def test_a_secret_that_is_issued_for_less_than_ten_minutes_is_still_not_chased() -> None:
    async def main() -> None:
        server = AuthorizationServer()
        life = Life(server=server)
        server.expires_at = lambda: int((life.world.clock.now() + timedelta(minutes=9)).timestamp())
        world = World(fault=no_fault, api=life.world.api, server=server, clock=life.world.clock)
        client = server.made(METADATA)
        life.world.clock.time += timedelta(minutes=1)
        world.hand_over(client, client_secret_expires_at=client["client_secret_expires_at"])
        life.apply(adopt={"secretRef": {"name": HANDED}})
        await life.live(2 * DAY)
        assert server.calls.count("POST") == 1
        assert life.world.condition() == ("False", "SecretExpired")

    asyncio.run(main())
