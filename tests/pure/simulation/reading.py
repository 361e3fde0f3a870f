"""A world in which a person asks that a client be read at its server, and what came of it."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from oauthclient_operator import names
from oauthclient_operator.errors import RequestRefused
from oauthclient_operator.exchange import Answer, Incomplete
from oauthclient_operator.reconcile.reconciler import Reconciler
from oauthclient_operator.record.envelope import read
from oauthclient_operator.record.record import Record
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE, Simulation

METADATA = {"client_name": "web", "redirect_uris": ["https://shop.example/cb"]}
LOST = Incomplete(cause="timeout")


class World(Simulation):
    """A simulation whose server answers as it is told, or loses the answer to what it did."""

    answers: dict[str, Answer]
    lost: dict[str, int]
    quota: bool
    rehearsals: int

    @classmethod
    def new(cls, **server: Any) -> "World":
        async def fault(label: str, call: Callable[[], Awaitable[Any]]) -> Any:
            method = label.partition(":")[2]
            if method == "dry-run":
                world.rehearsals += 1
                if world.quota:
                    raise RequestRefused("exceeded quota")
            if (said := world.answers.get(method)) is not None:
                world.server.calls.append(method)
                return said
            answer = await call()
            if world.lost.get(method, 0) > 0:
                world.lost[method] -= 1
                return LOST
            return answer

        world = cls(fault=fault, server=AuthorizationServer(**server))
        world.answers, world.lost, world.quota, world.rehearsals = {}, {}, False, 0
        return world

    def apply(self, **metadata: Any) -> None:
        self.api.apply(NAMESPACE, NAME, {"issuer": ISSUER, "clientMetadata": {**METADATA, **metadata}})

    def ask(self, value: str = "now") -> None:
        self.api.annotate(NAMESPACE, NAME, {names.REFRESH_ANNOTATION: value})

    async def passes(self, process: Reconciler, count: int = 6) -> list[str]:
        """Take some passes, three seconds apart, and return which calls reached the server."""
        before = len(self.server.calls)
        for _ in range(count):
            await process.reconcile(KEY)
            self.clock.time += timedelta(seconds=3)
        return self.server.calls[before:]

    @property
    def client(self) -> dict[str, Any]:
        (client,) = self.server.clients.values()
        return client

    @property
    def stored(self) -> Record:
        return read(self.record()).record

    def published(self, key: str = "client_secret") -> str:
        secret = self.secret()
        assert secret is not None
        return base64.b64decode(secret["data"][key]).decode()

    def message(self) -> str:
        conditions = (self.resource() or {})["status"]["conditions"]
        return str(next(c["message"] for c in conditions if c["type"] == "Ready"))


def in_world(life: Callable[[World, Reconciler], Awaitable[None]], **server: Any) -> None:
    async def main() -> None:
        world = World.new(**server)
        world.apply()
        process = world.start()
        await world.passes(process)
        assert world.condition() == ("True", "Registered")
        await life(world, process)

    asyncio.run(main())
