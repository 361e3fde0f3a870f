"""A process that is told to stop in the middle of a pass: it begins no call any more, and loses no answer."""

import asyncio
from typing import Any

import pytest

from oauthclient_operator.errors import IssuerUnavailable
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE, Simulation

SPEC = {"issuer": ISSUER, "clientMetadata": {"client_name": "web", "redirect_uris": ["https://shop.example/cb"]}}


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
