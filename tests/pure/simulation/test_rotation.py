"""A pair that is replaced on request: a second client beside the first, published, and the first one's time over."""

import asyncio
import base64
from datetime import timedelta
from typing import Any

from oauthclient_operator.names import ROTATE_ANNOTATION
from oauthclient_operator.reconcile.reconciler import Reconciler
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.lives import Life, said_of
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE, Simulation, no_fault
from tests.pure.simulation.phases import DAY, MINUTE

METADATA = {"client_name": "web", "redirect_uris": ["https://shop.example/cb"]}


def apply(world: Simulation, **spec: Any) -> None:
    world.api.apply(NAMESPACE, NAME, {"issuer": ISSUER, "clientMetadata": METADATA, **spec})


def rotate(world: Simulation, value: str) -> None:
    world.api.annotate(NAMESPACE, NAME, {ROTATE_ANNOTATION: value})


def published(world: Simulation) -> str:
    return base64.b64decode(world.api.objects["secrets", NAMESPACE, NAME]["data"]["client_id"]).decode()


def status(world: Simulation) -> dict[str, Any]:
    found: dict[str, Any] = (world.resource() or {})["status"]
    return found


async def passes(process: Reconciler, times: int = 3) -> None:
    for _ in range(times):
        await process.reconcile(KEY)


def test_a_rotation_on_request() -> None:
    async def main() -> None:
        world = Simulation(fault=no_fault)
        process = world.start()
        apply(world)
        await passes(process)
        assert (published(world), status(world)["edition"]) == ("client-1", 1)
        rotate(world, "now")
        await passes(process)
        assert world.server.calls == ["POST", "POST"]
        assert (published(world), status(world)["edition"]) == ("client-2", 2)
        assert [x["clientID"] for x in status(world)["rotation"]["leaving"]] == ["client-1"]
        assert sorted(world.server.clients) == ["client-1", "client-2"]
        world.clock.time += timedelta(hours=24, seconds=1)
        await passes(process)
        assert world.server.calls == ["POST", "POST", "DELETE"]
        assert sorted(world.server.clients) == ["client-2"]
        assert "leaving" not in status(world)["rotation"]
        await passes(process)
        assert world.server.calls == ["POST", "POST", "DELETE"]

    asyncio.run(main())


class GivesOutAgain(AuthorizationServer):
    """Answers a registration with a client that it has, while that lives."""

    again: str | None = None

    def _made(self, metadata: dict[str, Any]) -> dict[str, Any]:
        return self.clients[self.again] if self.again in self.clients else super()._made(metadata)


def test_a_server_that_answers_with_the_client_that_leaves_ends_the_rotation_and_no_later_renewal() -> None:
    async def main() -> None:
        server = GivesOutAgain()
        life = Life(server=server)
        server.expires_at = lambda: int((life.world.clock.now() + 30 * DAY).timestamp())
        life.apply()
        await life.live(MINUTE)
        life.rotate("once")
        await life.live(MINUTE)
        server.again = "client-1"
        life.rotate("twice")
        await life.live(MINUTE)
        assert server.calls == ["POST"] * 3
        assert "answered with nothing better (the same client, one that was published before" in said_of(
            life, "Renewing"
        )
        assert life.shown() == (ISSUER, "client-2")
        assert life.leaving() == ["client-1"]
        for _ in range(20):
            await life.live(2 * DAY)
            life.check()
            shown = life.secret()
            assert shown is not None
            assert server.clients[shown["client_id"]]["client_secret_expires_at"] > life.world.clock.now().timestamp()

    asyncio.run(main())
