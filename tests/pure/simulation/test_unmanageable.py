"""An edit that the server cannot take: held, or by policy another client takes it."""

import asyncio
import base64
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.exchange import Answer, Response
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE, Simulation

METADATA = {"client_name": "web", "redirect_uris": ["https://shop.example/cb"]}
EDITED = {**METADATA, "client_name": "shop"}
UNAUTHORIZED = Response(status=401, body=b'{"error": "invalid_token"}')
DENIED = Response(status=400, body=b'{"error": "access_denied"}')
"""As Authlib's kin say the same."""


def world_of(answers: dict[str, Answer], **issued: Any) -> Simulation:
    async def fault(label: str, call: Any) -> Any:
        return answers[label] if label in answers else await call()

    world = Simulation(fault=fault)
    world.server.issued = issued
    return world


def apply(world: Simulation, metadata: dict[str, Any], policy: str) -> None:
    spec = {"issuer": ISSUER, "clientMetadata": metadata, "policy": {"unmanageable": policy}}
    world.api.apply(NAMESPACE, NAME, spec)


def shown(world: Simulation) -> str:
    return base64.b64decode(world.api.objects["secrets", NAMESPACE, NAME]["data"]["client_id"]).decode()


async def settled_edit(world: Simulation, policy: str, hours: float) -> None:
    process = world.start()
    apply(world, METADATA, policy)
    await process.reconcile(KEY)
    apply(world, EDITED, policy)
    for _ in range(int(hours * 12)):
        world.clock.time += timedelta(minutes=5)
        await process.reconcile(KEY)


NO_PUT: dict[str, Answer] = {"exchange:PUT": Response(status=405)}
NO_ADDRESS = {"registration_client_uri": None, "registration_access_token": None}


@pytest.mark.parametrize(
    ("answers", "issued"),
    [pytest.param(NO_PUT, {}, id="no PUT"), pytest.param({}, NO_ADDRESS, id="no management")],
)
def test_by_policy_another_client_takes_an_edit_that_cannot_be_brought(
    answers: dict[str, Answer], issued: dict[str, Any]
) -> None:
    async def main() -> None:
        world = world_of(answers, **issued)
        await settled_edit(world, "Reregister", hours=1)
        assert shown(world) == "client-2"
        assert world.server.calls.count("POST") == 2
        assert world.server.clients["client-2"]["client_name"] == "shop"
        assert world.condition() == ("True", "Registered")

    asyncio.run(main())


def test_without_the_policy_the_edit_is_held() -> None:
    async def main() -> None:
        world = world_of(NO_PUT)
        await settled_edit(world, "Hold", hours=1)
        assert (shown(world), world.server.calls.count("POST")) == ("client-1", 1)
        assert world.condition() == ("False", "UpdateUnsupported")

    asyncio.run(main())


@pytest.mark.parametrize("refusal", [UNAUTHORIZED, DENIED], ids=["401", "400 access_denied"])
def test_a_token_that_is_refused_has_to_be_refused_three_times_over_ten_minutes(refusal: Response) -> None:
    async def main() -> None:
        answers: dict[str, Answer] = {"exchange:PUT": refusal}
        world = world_of(answers)
        await settled_edit(world, "Reregister", hours=0.4)
        assert world.server.calls.count("POST") == 1
        process = world.start()
        for _ in range(30):
            world.clock.time += timedelta(minutes=5)
            await process.reconcile(KEY)
        assert (shown(world), world.server.calls.count("POST")) == ("client-2", 2)

    asyncio.run(main())


def test_a_gateway_that_refuses_for_a_while_has_nothing_registered_anew() -> None:
    async def main() -> None:
        answers: dict[str, Answer] = {"exchange:PUT": UNAUTHORIZED}
        world = world_of(answers)
        await settled_edit(world, "Reregister", hours=0.4)
        answers.clear()
        process = world.start()
        for _ in range(30):
            world.clock.time += timedelta(minutes=5)
            await process.reconcile(KEY)
        assert (shown(world), world.server.calls.count("POST")) == ("client-1", 1)
        assert world.server.clients["client-1"]["client_name"] == "shop"

    asyncio.run(main())
