"""The process dies before or after each call of an adoption with a key, or between its read and its publication."""

import asyncio
import copy
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from oauthclient_operator.names import ROTATE_ANNOTATION
from tests.pure.record.key_records import FIRST, SECOND
from tests.pure.record.key_records import METADATA as BY_KEY
from tests.pure.simulation.adopting import World
from tests.pure.simulation.adopting_keys import apply, hand_over, kids, made
from tests.pure.simulation.operator_process import NAME, NAMESPACE, RECORDS
from tests.pure.simulation.test_crash_points import CrashAt

EDITED = {**BY_KEY, "client_name": "Web shop"}


async def adopt(world: World, fault: CrashAt) -> None:
    hand_over(world, made(world, FIRST))
    fault.armed = True
    apply(world)
    await world.settle()


async def adopt_another_algorithm(world: World, fault: CrashAt) -> None:
    """The key that is handed over is published, and replaced at once."""
    hand_over(world, made(world, SECOND), SECOND)
    fault.armed = True
    apply(world)
    await world.settle()


async def adopt_at_last(world: World, fault: CrashAt) -> None:
    """A key of before is handed over, and then the one that the server has."""
    client = dict(made(world, FIRST))
    hand_over(world, client, SECOND)
    fault.armed = True
    apply(world)
    await world.settle()
    hand_over(world, client, FIRST)
    await world.settle()


async def cure(world: World, fault: CrashAt) -> None:
    """The record is older than the key that is published."""
    apply(world, adopt=None)
    await world.settle()
    (client,) = world.server.clients.values()
    del client["client_secret"]
    older = copy.deepcopy(world.record())
    world.api.annotate(NAMESPACE, NAME, {ROTATE_ANNOTATION: "now"})
    await world.settle()
    world.api.put(("secrets", RECORDS, older["metadata"]["name"]), older)
    (client,) = world.server.clients.values()
    hand_over(world, client, None, **{name: world.published(name) for name in ("private_key", "key_id")})
    apply(world, clientMetadata=EDITED)
    world.server.calls.clear()
    fault.armed = True
    await world.settle()


LIVES: dict[str, Callable[[World, CrashAt], Coroutine[Any, Any, None]]] = {
    "adopt": adopt,
    "adopt another algorithm": adopt_another_algorithm,
    "adopt at last": adopt_at_last,
    "cure": cure,
}
SERVERS = {"the token stays": {"rotates": False}, "reads renew it": {"rotates": True, "rotates_on_read": True}}


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
    for server in (SERVERS if life != "adopt another algorithm" else ("the token stays",))
]


@pytest.mark.parametrize(("life", "number", "after", "server"), POINTS)
def test_a_crash_at_any_call_registers_nothing_and_publishes_a_key_that_the_server_has(
    life: str, number: int, after: bool, server: str
) -> None:
    world = run(life, CrashAt(number, after=after), server)
    assert not {"POST", "DELETE"} & {*world.server.calls}
    (client,) = world.server.clients.values()
    secret = world.secret()
    if secret is not None:
        assert world.published("client_id") == client["client_id"]
        assert world.published("key_id") in kids(client)
    status, reason, _ = world.ready()
    if status == "True":
        assert secret is not None
        assert len(kids(client)) == (1 if life.startswith("adopt") and life != "adopt another algorithm" else 2)
        return
    # A server that renews the token with the call whose answer was lost: a person has to mint another one.
    assert server != "the token stays"
    assert reason in ("AdoptionFailed", "ManagementLost", "RecordOutdated")
