"""A server that forgot a client, or refuses its credentials: found out by proof, said, and by policy mended."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from oauthclient_operator.errors import IssuerUnavailable
from oauthclient_operator.names import PROVE_ANNOTATION, REFRESH_ANNOTATION
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.reconcile.reconciler import Reconciler
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE, Simulation, no_fault

METADATA = {"client_name": "web", "redirect_uris": ["https://shop.example/cb"]}
EDITED = {**METADATA, "client_name": "shop"}


def world_of(proof_interval: timedelta | None = None) -> Simulation:
    world = Simulation(fault=no_fault, limits=Limits(proof_interval=proof_interval))
    world.server.metadata = {"revocation_endpoint": f"{ISSUER}/revoke"}
    return world


def apply(world: Simulation, metadata: dict[str, Any] = METADATA, **policy: str) -> None:
    world.api.apply(NAMESPACE, NAME, {"issuer": ISSUER, "clientMetadata": metadata, "policy": policy})


def shown(world: Simulation) -> str:
    return base64.b64decode(world.api.objects["secrets", NAMESPACE, NAME]["data"]["client_id"]).decode()


def message(world: Simulation) -> str:
    conditions = (world.resource() or {})["status"]["conditions"]
    return next(str(each["message"]) for each in conditions if each["type"] == "Ready")


async def passing(world: Simulation, process: Reconciler, minutes: int, step: int = 1) -> None:
    for _ in range(0, minutes, step):
        await process.reconcile(KEY)
        world.clock.time += timedelta(minutes=step)


async def proven_each_hour(gone: str = "Report") -> tuple[Simulation, Reconciler]:
    """Return a world in which a client was proven by an interval of an hour already, and what reconciles it."""
    world = world_of(timedelta(hours=1))
    apply(world, gone=gone)
    process = world.start()
    await passing(world, process, 90)
    return world, process


def test_without_a_reason_nothing_is_proven() -> None:
    async def main() -> None:
        world = world_of()
        apply(world)
        await passing(world, world.start(), 600, 10)
        assert (world.server.calls, world.server.proofs) == (["POST"], 0)

    asyncio.run(main())


def test_a_person_asks_and_is_told() -> None:
    async def main() -> None:
        world = world_of()
        apply(world)
        process = world.start()
        await passing(world, process, 3)
        world.api.annotate(NAMESPACE, NAME, {PROVE_ANNOTATION: "now"})
        await passing(world, process, 5)
        assert world.server.proofs == 2
        assert world.condition("CredentialsValid") == ("True", "Proven")
        assert world.condition() == ("True", "Registered")

    asyncio.run(main())


def test_a_proof_that_a_person_asks_for_waits_for_the_metadata() -> None:
    """Nothing else would have it looked at again."""

    async def main() -> None:
        async def unreached(label: str, call: Callable[[], Awaitable[Any]]) -> Any:
            if label == "discover" and not reached:
                raise IssuerUnavailable("the connection was refused")
            return await call()

        reached, world = False, world_of()
        apply(world)
        await passing(world, world.start(), 3)
        world.fault = unreached
        process = world.start()
        world.api.annotate(NAMESPACE, NAME, {PROVE_ANNOTATION: "now"})
        due = await process.reconcile(KEY)
        assert due.at is not None
        assert due.at < world.clock.now() + timedelta(minutes=1)
        assert world.condition() == ("True", "Registered")
        assert "the proof that an annotation asks for waits: " in message(world)
        assert (await process.reconcile(KEY)).at == due.at
        reached = True
        world.clock.time = due.at
        await process.reconcile(KEY)
        assert (world.server.proofs, world.condition("CredentialsValid")) == (2, ("True", "Proven"))
        assert "waits" not in message(world)

    asyncio.run(main())


def test_a_client_that_the_server_forgot_is_said_after_three_confirmations() -> None:
    async def main() -> None:
        world, process = await proven_each_hour()
        assert world.condition("CredentialsValid") == ("True", "Proven")
        world.server.clients.clear()
        world.clock.time += timedelta(hours=1)
        await passing(world, process, 8)
        assert world.condition() == ("True", "Registered")
        assert world.condition("CredentialsValid")[0] == "Unknown"
        await passing(world, process, 30)
        assert world.condition()[0] == "False"
        assert world.condition("CredentialsValid")[0] == "False"
        assert (shown(world), world.server.calls.count("POST")) == ("client-1", 1), "by default it is reported alone"

    asyncio.run(main())


def test_by_policy_another_client_takes_the_place_of_one_that_is_gone() -> None:
    async def main() -> None:
        world = world_of()
        apply(world, gone="Reregister")
        process = world.start()
        await passing(world, process, 5)
        world.server.clients.clear()
        # An edit finds it out: the server does not know the token.
        apply(world, EDITED, gone="Reregister")
        await passing(world, process, 120)
        assert shown(world) == "client-2"
        assert world.condition() == ("True", "Registered")
        assert world.server.calls.count("POST") == 2
        assert world.condition("CredentialsValid") == ("True", "Proven"), "what proves the new one is known as well"
        world.server.clients.clear()
        apply(world, METADATA, gone="Reregister")
        await passing(world, process, 120)
        assert (shown(world), world.condition()) == ("client-3", ("True", "Registered"))

    asyncio.run(main())


def test_by_policy_one_whose_credentials_are_refused_is_read_once_and_replaced_when_its_server_does_not_know_it() -> (
    None
):
    async def main() -> None:
        world, process = await proven_each_hour(gone="Reregister")
        world.server.clients.clear()
        await passing(world, process, 180)
        assert (shown(world), world.condition()) == ("client-2", ("True", "Registered"))
        assert world.server.calls.count("GET") == 1
        assert world.server.calls.count("POST") == 2

    asyncio.run(main())


def test_one_that_is_there_again_before_another_takes_its_place_stays() -> None:
    """A gateway answered for the server: that it lets the new client in shows that it answers for the old one no more."""

    async def main() -> None:
        world, process = await proven_each_hour(gone="Reregister")
        kept = dict(world.server.clients)
        world.server.clients.clear()
        world.server.refuses_secrets = True
        for _ in range(90):
            await passing(world, process, 1)
            if world.server.calls.count("POST") == 2:
                break
        assert (world.server.calls.count("POST"), shown(world)) == (2, "client-1"), "the other one is not accepted yet"
        world.server.refuses_secrets = False
        world.server.clients |= kept
        await passing(world, process, 120)
        assert (shown(world), world.condition()) == ("client-1", ("True", "Registered"))
        assert sorted(world.server.clients) == ["client-1"]

    asyncio.run(main())


def test_by_default_one_whose_credentials_are_refused_is_read_when_a_person_asks_and_then_said_to_be_gone() -> None:
    async def main() -> None:
        world, process = await proven_each_hour()
        world.server.clients.clear()
        await passing(world, process, 120)
        assert (world.condition(), "GET" in world.server.calls) == (("False", "CredentialsRefused"), False)
        assert f"annotate this resource with {REFRESH_ANNOTATION}" in message(world)
        world.api.annotate(NAMESPACE, NAME, {REFRESH_ANNOTATION: "now"})
        await passing(world, process, 60)
        assert (shown(world), world.condition()) == ("client-1", ("False", "ClientGone"))

    asyncio.run(main())


def test_a_restart_does_not_begin_the_confirmations_anew() -> None:
    async def main() -> None:
        world, process = await proven_each_hour()
        world.server.clients.clear()
        world.clock.time += timedelta(hours=1)
        await passing(world, process, 2)
        for _ in range(30):
            await passing(world, world.start(), 1)
        assert world.condition("CredentialsValid")[0] == "False"

    asyncio.run(main())


def test_a_server_that_comes_back_ends_the_doubts() -> None:
    async def main() -> None:
        world, process = await proven_each_hour()
        kept = dict(world.server.clients)
        world.server.clients.clear()
        world.clock.time += timedelta(hours=1)
        await passing(world, process, 40)
        assert world.condition()[0] == "False"
        world.server.clients.update(kept)
        await passing(world, process, 40)
        assert world.condition() == ("True", "Registered")
        assert world.condition("CredentialsValid") == ("True", "Proven")

    asyncio.run(main())
