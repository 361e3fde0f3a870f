"""A client that seems gone and is there again, or of which nobody says anything any more: what that may cost, and how long."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.plan.observed import Limits
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.operator_process import Simulation
from tests.pure.simulation.test_gone import apply, passing, proven_each_hour, shown


class Ended(BaseException):
    """A process ends here."""


def test_what_is_said_and_taken_back_again_and_again_costs_a_client_less_and_less_often() -> None:
    async def main() -> None:
        world, process = await proven_each_hour(gone="Reregister")
        kept, posts = dict(world.server.clients), []
        for _ in range(24):
            world.server.clients.clear()
            world.server.refuses_secrets = True
            await passing(world, process, 70, 5)
            world.server.refuses_secrets = False
            world.server.clients |= kept
            await passing(world, process, 110, 5)
            posts.append(world.server.calls.count("POST"))
        assert (shown(world), world.condition()) == ("client-1", ("True", "Registered"))
        assert sorted(world.server.clients) == ["client-1"]
        # Three each of the 24 times without a pause in between; and the fewer the later.
        assert 2 <= posts[-1] <= 24
        assert posts[-1] - posts[11] < posts[11]

    asyncio.run(main())


def _is_down(server: AuthorizationServer) -> None:
    server.is_down = True


def _tells_nobody(server: AuthorizationServer) -> None:
    server.proves = False


def _has_no_endpoint(server: AuthorizationServer) -> None:
    server.metadata = {}


@pytest.mark.parametrize("silence", [_is_down, _tells_nobody, _has_no_endpoint])
def test_another_client_does_not_wait_for_ever_for_a_word_on_the_one_that_is_gone(
    silence: Callable[[AuthorizationServer], None],
) -> None:
    """The process ends after the registration, and the next one gets no answer to a proof."""
    armed, calls = False, 0

    async def fault(label: str, call: Callable[[], Awaitable[Any]]) -> Any:
        nonlocal armed, calls
        if armed and calls:
            calls += 1
            if calls == 3:
                armed = False
                raise Ended
        answer = await call()
        if armed and label == "exchange:POST":
            calls = 1
        return answer

    async def main() -> None:
        nonlocal armed
        world = Simulation(fault=fault, limits=Limits(proof_interval=timedelta(hours=1)))
        world.server.metadata = {"revocation_endpoint": f"{ISSUER}/revoke"}
        apply(world, gone="Reregister")
        process = world.start()
        await passing(world, process, 90)
        world.server.clients.clear()
        armed = True
        with pytest.raises(Ended):
            await passing(world, process, 600)
        silence(world.server)
        assert (shown(world), world.server.calls.count("POST")) == ("client-1", 2)
        await passing(world, world.start(), 60)
        assert (shown(world), world.server.calls.count("POST")) == ("client-2", 2)

    asyncio.run(main())
