"""A process that is told to stop in the middle of a pass: it begins no call any more, and loses no answer."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.cluster.connection import WRITE_TIMEOUT
from oauthclient_operator.errors import IssuerUnavailable, Unanswered
from oauthclient_operator.reconcile.ledger import LONGEST
from oauthclient_operator.record import envelope
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE, Simulation

METADATA = {"client_name": "web", "redirect_uris": ["https://shop.example/cb"]}
SPEC = {"issuer": ISSUER, "clientMetadata": METADATA}


@pytest.mark.parametrize(
    ("when", "registered"), [("discover", False), ("create_secret:dry-run", False), ("exchange:POST", True)]
)
def test_no_call_is_begun_and_an_answer_is_recorded_and_published(when: str, registered: bool) -> None:
    async def fault(label: str, call: Any) -> Any:
        if label == when:
            process.stop()
            if label == "discover":
                raise IssuerUnavailable("the operator was told to stop before the response was complete")
        return await call()

    world = Simulation(fault=fault)
    process = world.start()
    world.api.apply(NAMESPACE, NAME, SPEC)

    async def main() -> None:
        for _ in range(5):
            await process.reconcile(KEY)

    asyncio.run(main())
    assert len(world.records()) == registered
    assert (world.secret() is not None) == registered
    if registered:
        assert world.condition() == ("True", "Registered")
    else:
        assert not world.server.calls
        assert world.condition() == ("Unknown", "Pending"), "that it stops is no news of the issuer"


class HeldWrites:
    """No change of a record is answered, once it is armed; with `done_meanwhile` the first is done all the same."""

    def __init__(self, *, done_meanwhile: bool) -> None:
        self.armed = False
        self.world = Simulation(fault=self)
        self._done_meanwhile = done_meanwhile
        self._held: Any = None

    async def __call__(self, label: str, call: Any) -> Any:
        if not self.armed or label != "patch_secret":
            return await call()
        if self._held is not None and self._done_meanwhile:
            await self._held()
            self.armed = False
        self._held = call
        self.world.clock.time += timedelta(seconds=WRITE_TIMEOUT)
        raise Unanswered("PUT secrets: no complete answer within 35 s")


@pytest.mark.parametrize("done_meanwhile", [False, True], ids=["and comes to nothing", "and is done after 60 s"])
def test_a_claim_whose_write_is_held_ends_within_the_grace_period(done_meanwhile: bool) -> None:
    held = HeldWrites(done_meanwhile=done_meanwhile)
    world = held.world

    async def main() -> None:
        world.api.apply(NAMESPACE, NAME, SPEC)
        await world.settle()
        held.armed = True
        world.api.apply(NAMESPACE, NAME, {**SPEC, "clientMetadata": {**METADATA, "client_name": "shop"}})
        began = world.clock.elapsed()
        await world.start().reconcile(KEY)
        assert world.clock.elapsed() - began < LONGEST + WRITE_TIMEOUT, "which the pod's grace period covers"
        assert envelope.read(world.record()).record.open is None, "nobody is to wait for what was not sent"
        held.armed = False
        await world.settle()
        assert [client["client_name"] for client in world.server.clients.values()] == ["shop"]

    asyncio.run(main())
