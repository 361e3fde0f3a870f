"""Who waits for its turn at an issuer has told by then what was done before, and nobody waits for a proof to be told."""

import asyncio
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from oauthclient_operator.errors import IssuerBusy
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.names import REFRESH_ANNOTATION
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.reach import IssuerAddress
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE, Simulation, no_fault

SPEC: dict[str, Any] = {
    "issuer": ISSUER,
    "clientMetadata": {"client_name": "web", "redirect_uris": ["https://shop.example/cb"]},
}


class Busy(AuthorizationServer):
    """Others prove their clients there, or have so many slots taken that only these are left."""

    proves_others = False
    slots_left: int | None = None

    @contextmanager
    def proof_slot(self, issuer: IssuerAddress, caller: Caller) -> Any:
        if self.proves_others:
            raise IssuerBusy("others are proven")
        yield

    @contextmanager
    def slot(self, issuer: IssuerAddress, caller: Caller, *, anyway: bool = False) -> Any:
        if self.slots_left == 0:
            raise IssuerBusy("others are called")
        if self.slots_left is not None:
            self.slots_left -= 1
        yield lambda _answer: None


def world_of(**server: Any) -> tuple[Simulation, Busy]:
    busy = Busy(**server)
    busy.metadata = {"revocation_endpoint": f"{ISSUER}/revoke"}
    limits = Limits(proof_interval=timedelta(hours=1))
    return Simulation(fault=no_fault, limits=limits, server=busy), busy


def told(world: Simulation) -> list[str]:
    return [str(event["reason"]) for event in world.api.events]


def test_a_new_client_is_ready_before_there_is_a_place_for_its_proof() -> None:
    async def main() -> None:
        world, server = world_of()
        server.proves_others = True
        world.api.apply(NAMESPACE, NAME, SPEC)
        process = world.start()
        due = await process.reconcile(KEY)
        assert due.queued
        assert world.condition() == ("True", "Registered")
        assert told(world) == ["Registered"]
        version = world.api.objects["oauthclients", NAMESPACE, NAME]["metadata"]["resourceVersion"]
        assert (await process.reconcile(KEY)).queued
        assert world.api.objects["oauthclients", NAMESPACE, NAME]["metadata"]["resourceVersion"] == version
        server.proves_others = False
        await process.reconcile(KEY)
        assert world.condition("CredentialsValid") == ("True", "Proven")
        assert told(world) == ["Registered"]

    asyncio.run(main())


def test_what_a_read_brought_is_told_before_there_is_a_slot_for_the_update_after_it() -> None:
    async def main() -> None:
        world, server = world_of()
        world.api.apply(NAMESPACE, NAME, SPEC)
        process = world.start()
        await process.reconcile(KEY)
        (client,) = server.clients.values()
        client["client_name"] = "another"
        world.api.annotate(NAMESPACE, NAME, {REFRESH_ANNOTATION: "now"})
        server.slots_left = 1
        assert (await process.reconcile(KEY)).queued
        assert told(world) == ["Registered", "Read"]
        server.slots_left = None
        await process.reconcile(KEY)
        assert told(world) == ["Registered", "Read", "Updated"]

    asyncio.run(main())
