"""A record that is older than the published key, or gone: that very key is handed over, or nothing is overwritten."""

import asyncio
import copy
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.names import ROTATE_ANNOTATION
from oauthclient_operator.record.adoptions import Proven
from tests.pure.record.key_records import FIRST, METADATA
from tests.pure.simulation.adopting import World
from tests.pure.simulation.adopting_keys import apply, hand_over, kids
from tests.pure.simulation.operator_process import NAME, NAMESPACE, RECORDS, no_fault

Fault = Callable[[str, Callable[[], Awaitable[Any]]], Awaitable[Any]]
DAY = timedelta(hours=24, seconds=1)


def published(world: World) -> dict[str, str]:
    return {name: world.published(name) for name in ("private_key", "key_id")}


def registered(life: Callable[[World, dict[str, Any]], Awaitable[None]], fault: Fault = no_fault) -> None:
    async def main() -> None:
        world = World.new(fault, rotates=False)
        apply(world, adopt=None)
        assert await world.passes(world.start()) == ["POST"]
        (client,) = world.server.clients.values()
        del client["client_secret"]
        await life(world, client)

    asyncio.run(main())


async def rotated(world: World) -> None:
    world.api.annotate(NAMESPACE, NAME, {ROTATE_ANNOTATION: "now"})
    assert await world.passes(world.start()) == ["PUT"]


@pytest.mark.parametrize("left", [False, True], ids=["the key before is still good", "the key before has left"])
def test_beside_a_newer_key_an_older_record_takes_up_that_key_and_no_other(left: bool) -> None:
    async def life(world: World, client: dict[str, Any]) -> None:
        older, first = copy.deepcopy(world.record()), published(world)
        await rotated(world)
        second = published(world)
        if left:
            world.clock.time += DAY
            assert await world.passes(world.start()) == ["PUT"]
        world.api.put(("secrets", RECORDS, older["metadata"]["name"]), older)
        apply(world)
        for key in ({}, first):
            hand_over(world, client, None, **key)
            assert await world.passes(world.start()) == []
            assert world.ready()[1] == "RecordOutdated"
            assert f'the private key that is published here ("{second["key_id"]}")' in world.ready()[2]
            assert published(world) == second
        hand_over(world, client, None, **second)
        assert await world.passes(world.start()) == ["GET"], "the server has what it needs"
        assert published(world) == second
        assert world.ready()[:2] == ("True", "Registered")
        assert world.stored().edition == 3
        there = world.server.clients[client["client_id"]]
        assert kids(there) == ([second["key_id"]] if left else [first["key_id"], second["key_id"]])
        world.clock.time += DAY
        await world.passes(world.start())
        assert kids(world.server.clients[client["client_id"]]) == [second["key_id"]]

    registered(life)


def test_a_record_that_is_gone_is_made_anew_with_the_published_key() -> None:
    async def life(world: World, client: dict[str, Any]) -> None:
        del world.api.objects["secrets", RECORDS, world.record()["metadata"]["name"]]
        before = published(world)
        apply(world)
        hand_over(world, client, FIRST)
        assert await world.passes(world.start()) == []
        assert world.ready()[1] == "RecordMissing"
        assert "put private_key and key_id of the published Secret into it" in world.ready()[2]
        hand_over(world, client, None, **before)
        assert await world.passes(world.start()) == ["GET", "PUT"]
        assert published(world) == before
        assert world.ready()[:2] == ("True", "Registered")
        assert kids(world.server.clients[client["client_id"]]) == [before["key_id"]]

    registered(life)


def test_what_was_proven_before_an_older_record_was_restored_does_not_take_the_place_of_a_newer_key() -> None:
    seen: list[dict[str, Any]] = []
    worlds: list[World] = []

    async def watch(_: str, call: Callable[[], Awaitable[Any]]) -> Any:
        done = await call()
        if worlds and isinstance(worlds[0].stored().adoption, Proven) and not seen:
            seen.append(copy.deepcopy(worlds[0].record()))
        return done

    async def life(world: World, client: dict[str, Any]) -> None:
        worlds.append(world)
        client["registration_access_token"] = "minted-anew"
        hand_over(world, client, None, **published(world))
        apply(world, clientMetadata={**METADATA, "client_name": "Web shop"})
        assert await world.passes(world.start()) == ["PUT", "GET", "PUT"]
        await rotated(world)
        second = published(world)
        world.api.put(("secrets", RECORDS, seen[0]["metadata"]["name"]), seen[0])
        await world.passes(world.start())
        assert published(world) == second
        assert world.ready()[1] == "RecordOutdated"

    registered(life, watch)
