"""A server that refuses the credentials of a client that it has: not claimed otherwise because it answers for it."""

import asyncio
import base64
from datetime import timedelta

import pytest

from oauthclient_operator.names import PROVE_ANNOTATION, REFRESH_ANNOTATION
from oauthclient_operator.reconcile.reconciler import Reconciler
from tests.pure.simulation.operator_process import NAME, NAMESPACE, Simulation
from tests.pure.simulation.test_gone import EDITED, METADATA, apply, message, passing, proven_each_hour, world_of

REFUSED = ("False", "CredentialsRefused")
READY = ("True", "Registered")


def secret_of(world: Simulation) -> str:
    data = world.api.objects["secrets", NAMESPACE, NAME]["data"]
    return base64.b64decode(data["client_secret"]).decode()


async def refused_when_asked() -> tuple[Simulation, Reconciler]:
    """Return a world in which nothing is proven by interval, and persons found out that credentials are refused."""
    world = world_of()
    apply(world)
    process = world.start()
    await passing(world, process, 3)
    for asked in range(4):
        world.api.annotate(NAMESPACE, NAME, {PROVE_ANNOTATION: str(asked)})
        await passing(world, process, 6)
        world.server.refuses_secrets = True
    assert world.condition() == REFUSED
    return world, process


def test_one_that_its_server_has_stays_refused_and_is_not_replaced_and_read_once_a_day() -> None:
    async def main() -> None:
        world, process = await proven_each_hour(gone="Reregister")
        world.server.refuses_secrets = True
        await passing(world, process, 90)
        assert 'knows client "client-1" and refuses its credentials' in message(world)
        for day in (1, 2):
            for _ in range(22):
                await passing(world, process, 60, 15)
                assert (world.condition(), world.server.calls) == (REFUSED, ["POST", *["GET"] * day])
            await passing(world, process, 180, 15)
        process = world.start()
        await passing(world, process, 60, 15)
        assert (world.condition(), world.server.calls) == (REFUSED, ["POST", "GET", "GET", "GET"])
        world.server.refuses_secrets = False
        await passing(world, process, 40)
        assert (world.condition(), world.condition("CredentialsValid")) == (READY, ("True", "Proven"))

    asyncio.run(main())


def test_one_that_its_server_had_and_has_no_more_is_replaced_within_a_day() -> None:
    async def main() -> None:
        world, process = await proven_each_hour(gone="Reregister")
        world.server.refuses_secrets = True
        await passing(world, process, 180)
        assert (world.condition(), world.server.calls) == (REFUSED, ["POST", "GET"])
        world.server.refuses_secrets = False
        del world.server.clients["client-1"]
        await passing(world, process, 26 * 60, 15)
        assert (world.condition(), [*world.server.clients]) == (READY, ["client-2"])

    asyncio.run(main())


def test_each_refusal_that_is_confirmed_has_a_read_of_its_own() -> None:
    async def main() -> None:
        world, process = await proven_each_hour(gone="Reregister")
        for times in (1, 2, 3):
            world.server.refuses_secrets = True
            await passing(world, process, 120)
            assert (world.condition(), world.server.calls.count("GET")) == (REFUSED, times)
            world.server.refuses_secrets = False
            await passing(world, process, 120)
            assert (world.condition(), world.server.calls.count("GET")) == (READY, times)
        assert world.server.calls.count("POST") == 1

    asyncio.run(main())


def test_a_secret_that_was_changed_at_the_server_comes_with_the_read() -> None:
    async def main() -> None:
        world, process = await proven_each_hour(gone="Reregister")
        world.server.clients["client-1"]["client_secret"] = "changed"
        await passing(world, process, 120)
        assert (secret_of(world), world.condition()) == ("changed", READY)
        assert world.condition("CredentialsValid") == ("True", "Proven")
        assert world.server.calls == ["POST", "GET"]

    asyncio.run(main())


def test_a_server_that_renews_the_secret_with_each_read_is_asked_once_a_day_and_what_it_brought_is_proven_at_once() -> (
    None
):
    async def main() -> None:
        world = world_of(timedelta(hours=1))
        world.server.rotates_on_read = True
        apply(world, gone="Reregister")
        process = world.start()
        await passing(world, process, 90)
        world.server.refuses_secrets = True
        await passing(world, process, 90)
        for _ in range(22):
            await passing(world, process, 60, 15)
            assert (world.condition(), world.server.calls) == (REFUSED, ["POST", "GET"])
        world.server.refuses_secrets = False
        await passing(world, process, 40)
        assert (world.condition(), secret_of(world)) == (READY, "secret-2")

    asyncio.run(main())


def test_a_client_that_its_server_answers_for_is_not_replaced_though_it_has_no_token_of_its_own() -> None:
    """An access token manages it: that it has none of its own says nothing by then."""

    async def main() -> None:
        world, process = await refused_when_asked()
        client = world.server.clients["client-1"]
        apply(world, EDITED)
        await passing(world, process, 3)
        assert (world.condition(), "PUT" in world.server.calls) == (REFUSED, True)
        apply(world, EDITED, gone="Reregister")
        await passing(world, process, 600, 10)
        assert (world.server.clients, world.server.calls.count("POST")) == ({"client-1": {**client, **EDITED}}, 1)
        assert world.condition() == REFUSED

    asyncio.run(main())


@pytest.mark.parametrize("asks", ["a look", "an edit"])
def test_that_the_server_answers_for_it_does_not_say_that_its_credentials_are_accepted(asks: str) -> None:
    """Nothing is proven by interval: nobody would find out again."""

    async def main() -> None:
        world, process = await refused_when_asked()
        if asks == "a look":
            world.api.annotate(NAMESPACE, NAME, {REFRESH_ANNOTATION: "now"})
        else:
            apply(world, EDITED)
        await passing(world, process, 3)
        assert world.server.calls[1:] == ["GET" if asks == "a look" else "PUT"]
        assert (world.condition(), world.condition("CredentialsValid")) == (REFUSED, REFUSED)
        assert "knows client" in message(world)

    asyncio.run(main())


def test_an_edit_that_mends_it_is_found_out_at_once() -> None:
    async def main() -> None:
        world, process = await refused_when_asked()
        world.server.refuses_secrets = False
        apply(world, EDITED)
        await passing(world, process, 2)
        assert (world.condition(), world.condition("CredentialsValid")) == (READY, ("True", "Proven"))

    asyncio.run(main())


def test_doubts_about_a_secret_are_over_where_an_edit_asks_for_another_method() -> None:
    async def main() -> None:
        world, process = await refused_when_asked()
        apply(world, {**METADATA, "token_endpoint_auth_method": "none"})
        await passing(world, process, 5)
        assert world.condition() == READY

    asyncio.run(main())
