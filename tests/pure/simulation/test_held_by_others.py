"""A resource that is being deleted and is held by others' finalizers alone: what it says meanwhile is so."""

import asyncio
from collections.abc import Collection

import pytest

from oauthclient_operator import names
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE, Simulation, no_fault
from tests.pure.simulation.test_crash_points import SPEC

OTHER = "example.com/other"


async def deleted(finalizers: Collection[str]) -> Simulation:
    world = Simulation(fault=no_fault)
    world.api.apply(NAMESPACE, NAME, SPEC)
    await world.settle()
    resource = world.resource()
    assert resource is not None
    resource["metadata"] |= {"finalizers": [*finalizers], "deletionTimestamp": "2026-01-01T00:00:00Z"}
    world.api.put(("oauthclients", NAMESPACE, NAME), resource)
    await world.settle()
    return world


def said(world: Simulation) -> dict[str, tuple[str, str]]:
    body = world.resource() or {}
    return {c["type"]: (c["status"], c["message"]) for c in body["status"]["conditions"]}


@pytest.mark.parametrize("again", [False, True], ids=["by who ended it", "by who takes over"])
def test_where_the_client_has_ended_no_secret_is_said_to_hold_its_credentials(again: bool) -> None:
    async def main() -> None:
        world = await deleted([names.FINALIZER, OTHER])
        if again:
            await world.start().reconcile(KEY)
        assert not world.server.clients
        assert said(world)["SecretPublished"][0] == "Unknown"
        assert "the operator is done with it" in said(world)["Ready"][1]

    asyncio.run(main())


def test_where_somebody_else_took_our_finalizer_off_nobody_is_told_that_the_client_has_ended() -> None:
    async def main() -> None:
        world = await deleted([OTHER])
        assert len(world.server.clients) == 1
        assert said(world)["SecretPublished"] == ("True", "Secret web holds the credentials")
        assert "done with it" not in said(world)["Ready"][1]
        assert "a client may live on" in said(world)["Ready"][1]
        assert OTHER in said(world)["Ready"][1]

    asyncio.run(main())
