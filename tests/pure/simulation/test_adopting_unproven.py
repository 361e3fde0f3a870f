"""A client secret without a token, for a client that is published: what works is not overwritten by what is refused."""

import asyncio
from typing import Any

import pytest

from oauthclient_operator.names import PROVE_ANNOTATION, RETRY_ANNOTATION
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.reconcile.reconciler import Reconciler
from tests.pure.simulation.adopting import HANDED, METADATA, World
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.lives import NOT_MANAGED
from tests.pure.simulation.operator_process import NAME, NAMESPACE

REVOKES: dict[str, Any] = {"revocation_endpoint": f"{ISSUER}/revoke"}
NO_TOKEN: dict[str, Any] = {"registration_access_token": None, "registration_client_uri": None}


async def renewed_and_lost(world: World, *, proven: bool) -> tuple[Reconciler, dict[str, Any]]:
    """Adopt a client whose secret an update renews, and whose management is lost then; return it as it was at first."""
    first = dict(world.made_by_hand())
    world.hand_over(first)
    world.apply()
    process = world.start()
    await world.passes(process)
    if proven:
        world.api.annotate(NAMESPACE, NAME, {PROVE_ANNOTATION: "now"})
        await world.passes(process)
    world.server.renews = lambda _: True
    world.apply(clientMetadata={**METADATA, "client_name": "Web shop"})
    assert await world.passes(process) == ["PUT"]
    assert world.published() != first["client_secret"]
    world.server.renews = lambda _: False
    world.server.clients[first["client_id"]]["registration_access_token"] = "lost"
    world.apply(clientMetadata={**METADATA, "client_name": "third"})
    await world.passes(process)
    assert world.ready()[:2] == ("False", "ManagementLost")
    return process, first


@pytest.mark.parametrize("proven", [True, False], ids=["what proves clients there is known", "it is not known yet"])
@pytest.mark.parametrize("proves", [True, False], ids=["the server proves", "nothing proves"])
def test_a_secret_of_before_whose_stale_token_was_taken_out_takes_nothing_from_pods(proves: bool, proven: bool) -> None:
    async def main() -> None:
        world = World.new()
        world.server.metadata, world.server.proves = REVOKES, proves
        process, first = await renewed_and_lost(world, proven=proven)
        working = world.published()
        world.hand_over(first, **NO_TOKEN)
        for _ in range(3):
            await world.passes(process)
            assert world.published() == working
            world.clock.time += Limits().retry_slowly
        assert world.ready()[:2] == ("False", "ManagementLost")
        assert f"the client secret that Secret {HANDED} hands over is another one" in world.ready()[2]

    asyncio.run(main())


def test_where_nobody_answers_what_the_server_renewed_stays_until_somebody_does() -> None:
    async def main() -> None:
        world = World.new()
        world.server.metadata = REVOKES
        process, first = await renewed_and_lost(world, proven=True)
        working, client = world.published(), world.server.clients[first["client_id"]]
        client["client_secret"] = "made anew by a person"
        world.server.is_down = True
        world.hand_over(client, **NO_TOKEN)
        await world.passes(process)
        assert world.published() == working
        world.server.is_down = False
        world.clock.time += Limits().retry_slowly
        await world.passes(process)
        assert world.published() == "made anew by a person"

    asyncio.run(main())


@pytest.mark.parametrize("proves", [True, False], ids=["the server accepts it", "nothing proves"])
def test_a_secret_that_a_person_had_the_server_make_anew_is_taken_up_where_there_is_no_management(proves: bool) -> None:
    async def main() -> None:
        world = World.new()
        world.server.metadata, world.server.proves, world.server.issued = REVOKES, proves, dict(NOT_MANAGED)
        world.apply(adopt=None)
        process = world.start()
        await world.passes(process)
        (client,) = world.server.clients.values()
        before = world.published()
        for number in (1, 2):
            client["client_secret"] = f"made anew {number}"
            world.hand_over(client)
            world.apply(adopt=HANDED)
            world.api.annotate(NAMESPACE, NAME, {RETRY_ANNOTATION: str(number)})
            await world.passes(process)
            assert world.published() == f"made anew {number}"
        kept = [s.client_secret.reveal() for s in world.stored().clients[0].spares if s.client_secret is not None]
        assert kept == [before, "made anew 1"]
        assert world.ready()[:2] == ("True", "Registered")

    asyncio.run(main())
