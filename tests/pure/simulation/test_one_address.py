"""A server with one registration_client_uri for all its clients, which their tokens tell apart."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

from oauthclient_operator import names
from oauthclient_operator.exchange import Answer, Request
from oauthclient_operator.reach import IssuerAddress
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE, RECORDS, Simulation
from tests.pure.simulation.test_crash_points import SPEC
from tests.pure.simulation.test_one_client_twice import (
    OTHER,
    Faults,
    at_the_server,
    credentials,
    is_gone,
    is_ready,
    until,
    world,
)

ADDRESS = f"{ISSUER}/register"


class OneAddress(AuthorizationServer):
    """Whatever it registers is managed at one address, by the token."""

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        if request.method != "POST" and request.credentials is not None:
            token = request.credentials.reveal()
            found = [key for key, c in self.clients.items() if c["registration_access_token"] == token]
            request = replace(request, url=f"{ADDRESS}/{found[0] if found else 'nobody'}")
        return await super().exchange(request, issuer, **options)

    def _made(self, metadata: dict[str, Any]) -> dict[str, Any]:
        made = super()._made(metadata)
        made["registration_client_uri"] = ADDRESS
        return made


async def two() -> Simulation:
    simulation = world(OneAddress(), Faults())
    for key in (KEY, OTHER):
        simulation.api.apply(NAMESPACE, key.name, SPEC)
        await until(simulation, key, is_ready(simulation, key))
    return simulation


def test_each_has_a_client_of_its_own_and_ends_that_one() -> None:
    async def main() -> None:
        simulation = await two()
        assert sorted(at_the_server(simulation)) == sorted([credentials(simulation), credentials(simulation, "other")])
        simulation.api.delete(NAMESPACE, NAME)
        await until(simulation, KEY, is_gone(simulation))
        assert at_the_server(simulation) == [credentials(simulation, "other")]
        assert simulation.server.calls == ["POST", "POST", "DELETE"]

    asyncio.run(main())


def test_what_an_older_operator_wrote_is_believed_by_the_address() -> None:
    """It may be the same client: its record does not say."""

    async def main() -> None:
        simulation = await two()
        other = simulation.api.get("oauthclients", NAMESPACE, "other")
        assert other is not None
        labels = simulation.api.objects["secrets", RECORDS, other["metadata"]["uid"]]["metadata"]["labels"]
        for label in [name for name in labels if name.startswith(names.IDENTIFIER_LABEL_PREFIX)]:
            del labels[label]
        simulation.api.delete(NAMESPACE, NAME)
        process = simulation.start()
        for _ in range(4):
            simulation.clock.time += timedelta(minutes=1)
            await process.reconcile(KEY)
        assert "DELETE" not in simulation.server.calls

    asyncio.run(main())


def test_a_client_that_takes_another_one_s_place_is_published_and_the_one_before_is_ended() -> None:
    async def main() -> None:
        simulation = world(OneAddress(), Faults())
        simulation.api.apply(NAMESPACE, NAME, SPEC)
        await until(simulation, KEY, is_ready(simulation))
        before = credentials(simulation)
        simulation.api.annotate(NAMESPACE, NAME, {names.ROTATE_ANNOTATION: "now"})
        await until(simulation, KEY, lambda: credentials(simulation) != before)
        assert sorted(at_the_server(simulation)) == sorted([before, credentials(simulation)])
        await until(simulation, KEY, lambda: "DELETE" in simulation.server.calls)
        assert at_the_server(simulation) == [credentials(simulation)]

    asyncio.run(main())
