"""The process dies before or after each call of an adoption, or the answer is lost, and another one goes on."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from oauthclient_operator.exchange import Incomplete
from tests.pure.simulation.adopting import HANDED, METADATA, World
from tests.pure.simulation.operator_process import NAME, NAMESPACE
from tests.pure.simulation.test_crash_points import CrashAt

EDITED = {**METADATA, "client_name": "Web shop"}


async def adopt(world: World, fault: CrashAt) -> None:
    world.hand_over(world.made_by_hand(client_name="made by hand"))
    fault.armed = True
    world.apply()
    await world.settle()


async def edit(world: World, fault: CrashAt) -> None:
    """The spec changes in the middle of it, wherever that is."""
    world.hand_over(world.made_by_hand(client_name="made by hand"))
    fault.armed = True
    world.apply()
    await world.settle()
    world.apply(clientMetadata=EDITED)
    await world.settle()


async def cure(world: World, fault: CrashAt) -> None:
    world.apply(adopt=None)
    await world.settle()
    (client,) = world.server.clients.values()
    client |= {"registration_access_token": "minted-anew", "client_secret": "reset"}
    world.hand_over(client)
    world.apply(adopt=HANDED, clientMetadata=EDITED)
    world.server.calls.clear()
    fault.armed = True
    await world.settle()


async def end(world: World, fault: CrashAt) -> None:
    world.hand_over(world.made_by_hand())
    fault.armed = True
    world.apply()
    await world.settle()
    world.api.delete(NAMESPACE, NAME)
    await world.settle()


LIVES: dict[str, Callable[[World, CrashAt], Coroutine[Any, Any, None]]] = {
    "adopt": adopt,
    "edit": edit,
    "cure": cure,
    "end": end,
}
SERVERS = {
    "the token stays": {"rotates": False},
    "updates renew it": {"rotates": True},
    "reads renew it": {"rotates": True, "rotates_on_read": True},
}


def run(life: str, fault: CrashAt, server: str) -> World:
    world = World.new(fault, **SERVERS[server])
    asyncio.run(LIVES[life](world, fault))
    return world


def labels(life: str) -> list[str]:
    fault = CrashAt()
    run(life, fault, "the token stays")
    return fault.labels


POINTS = [
    pytest.param(life, number, after, server, id=f"{life}, {server}: {'after' if after else 'before'} {number} {label}")
    for life in LIVES
    for number, label in enumerate(labels(life))
    for after in (False, True)
    for server in (SERVERS if life in ("adopt", "cure") else ("reads renew it",))
]


@pytest.mark.parametrize(("life", "number", "after", "server"), POINTS)
def test_a_crash_at_any_call_registers_nothing_and_loses_nothing(
    life: str, number: int, after: bool, server: str
) -> None:
    fault = CrashAt(number, after=after)
    world = run(life, fault, server)
    assert "POST" not in world.server.calls
    if life == "end":
        assert world.resource() is None
        lost = world.server.calls.count("GET") > 1 or world.server.calls.count("PUT") > 1
        # With the answer that died with the process the only live token may have gone.
        assert world.server.clients == {} or (lost and server != "the token stays")
        return
    assert "DELETE" not in world.server.calls
    (client,) = world.server.clients.values()
    status, reason, _ = world.ready()
    if status == "True":
        assert world.published() == client["client_secret"]
        assert client["client_name"] == ("web" if life == "adopt" else "Web shop")
        assert world.published("client_id") == client["client_id"]
        return
    # A server that renews the token with the call whose answer was lost: a person has to mint another one.
    assert server != "the token stays"
    assert reason in ("AdoptionFailed", "ManagementLost")


class Lost:
    """Loses the answers to so many reads, which the server saw."""

    def __init__(self, count: int) -> None:
        self.left = count

    async def __call__(self, label: str, call: Callable[[], Awaitable[Any]]) -> Any:
        answer = await call()
        if label == "exchange:GET" and self.left > 0:
            self.left -= 1
            return Incomplete(cause="timeout")
        return answer


@pytest.mark.parametrize(("lost", "calls"), [(1, ["GET", "GET", "PUT"]), (2, ["GET", "GET"]), (9, ["GET", "GET"])])
def test_a_lost_answer_is_asked_for_once_more_and_then_slowly(lost: int, calls: list[str]) -> None:
    async def main() -> None:
        world = World.new(Lost(lost), rotates=False)
        world.hand_over(world.made_by_hand())
        world.apply()
        process = world.start()
        assert await world.passes(process) == calls
        if lost > 1:
            assert world.ready()[1] == "AdoptionFailed"
            assert "had no answer (timeout)" in world.ready()[2]
            world.clock.time += world.limits.retry_slowly
            assert (await world.passes(process))[0] == "GET"

    asyncio.run(main())
