"""The annotation by which a person asks that the client be read at its server: each new value asks once."""

import asyncio
import json
from typing import Any

import pytest

from oauthclient_operator.exchange import Response
from oauthclient_operator.reconcile.reconciler import Reconciler
from tests.pure.simulation.reading import METADATA, World, in_world

HASH = "{bcrypt}$2a$10$7EqJtq98hPqEX7fNZaFWoO"


def test_each_new_value_asks_once_and_a_restart_asks_for_nothing() -> None:
    async def life(world: World, process: Reconciler) -> None:
        world.ask("one")
        assert await world.passes(process) == ["GET"]
        assert await world.passes(world.start()) == []
        world.ask("two")
        assert await world.passes(world.start()) == ["GET"]
        assert world.condition() == ("True", "Registered")

    in_world(life)


def test_a_value_that_is_there_at_the_registration_asks_for_nothing() -> None:
    async def main() -> None:
        world = World.new()
        world.apply()
        world.ask("early")
        assert await world.passes(world.start()) == ["POST"]
        world.ask("later")
        assert await world.passes(world.start()) == ["GET"]

    asyncio.run(main())


def test_a_read_that_changes_nothing_writes_the_record_twice_and_no_secret() -> None:
    async def life(world: World, process: Reconciler) -> None:
        before = (world.secret() or {})["metadata"]["resourceVersion"]
        world.ask()
        await world.passes(process)
        assert (world.secret() or {})["metadata"]["resourceVersion"] == before

    in_world(life)


@pytest.mark.parametrize("changed", [{"client_name": "x"}, {"redirect_uris": []}], ids=["another value", "taken away"])
def test_what_another_changed_is_put_right_by_one_update(changed: dict[str, Any]) -> None:
    async def life(world: World, process: Reconciler) -> None:
        world.client.update(changed)
        assert await world.passes(process) == [], "nobody reads by himself"
        world.ask()
        assert await world.passes(process) == ["GET", "PUT"]
        assert {name: world.client[name] for name in METADATA} == METADATA
        assert world.condition() == ("True", "Registered")

    in_world(life)


def test_a_server_that_does_not_take_a_member_is_asked_once_per_request_at_most() -> None:
    async def life(world: World, process: Reconciler) -> None:
        stubborn = {**world.client, "client_name": "its own"}
        world.client.update(client_name="its own")
        world.answers["PUT"] = Response(status=200, body=json.dumps(stubborn).encode())
        world.ask("one")
        assert await world.passes(process, 20) == ["GET", "PUT"]
        assert "registered otherwise than asked: client_name" in world.message()
        world.ask("two")
        assert await world.passes(process, 20) == ["GET"], "its own word by now"

    in_world(life, rotates=False)


def test_credentials_that_a_read_renews_are_recorded_and_published() -> None:
    async def life(world: World, process: Reconciler) -> None:
        before = world.published()
        world.ask("one")
        assert await world.passes(process) == ["GET"]
        assert world.published() == world.client["client_secret"] != before
        world.ask("two")
        assert await world.passes(process) == ["GET"]
        assert world.published() == world.client["client_secret"]
        world.apply(client_name="edited")
        assert await world.passes(process) == ["PUT"], "the token of the read is used"
        assert world.client["client_name"] == "edited"

    in_world(life, rotates_on_read=True)


@pytest.mark.parametrize("shown", [HASH, "", None, "******"], ids=["a hash", "empty", "null", "a mask"])
def test_what_stands_in_the_secrets_place_is_not_published(shown: str | None) -> None:
    async def life(world: World, process: Reconciler) -> None:
        before, answer = world.published(), {**world.client, "client_secret": shown}
        del answer["registration_access_token"], answer["registration_client_uri"]
        world.answers["GET"] = Response(status=200, body=json.dumps(answer).encode())
        world.ask()
        assert await world.passes(process) == ["GET"]
        assert (world.published(), world.condition()) == (before, ("True", "Registered"))
        assert ("looks like a" in world.message()) is bool(shown)
        world.apply(client_name="edited")
        assert await world.passes(process) == ["PUT"], "token and address hold"

    in_world(life)
