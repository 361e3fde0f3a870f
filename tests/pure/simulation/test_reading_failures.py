"""A read that was asked for and is lost, refused, or cannot be made."""

import asyncio
import json
from datetime import timedelta

import pytest

from oauthclient_operator.exchange import Response
from oauthclient_operator.reconcile.reconciler import Reconciler
from tests.pure.simulation.operator_process import NAME, NAMESPACE
from tests.pure.simulation.reading import METADATA, World, in_world


@pytest.mark.parametrize("restarts", [False, True])
def test_a_lost_answer_is_followed_by_one_repetition(restarts: bool) -> None:
    async def life(world: World, process: Reconciler) -> None:
        world.lost["GET"] = 1
        world.ask()
        found = await world.passes(process, 1)
        assert found == ["GET"]
        assert await world.passes(world.start() if restarts else process) == ["GET"]
        assert world.condition() == ("True", "Registered")
        assert "lost" not in world.message()

    in_world(life)


def test_a_read_that_is_lost_twice_waits_for_a_new_value_and_says_what_that_may_mean() -> None:
    async def life(world: World, process: Reconciler) -> None:
        world.lost["GET"] = 2
        world.ask("one")
        assert await world.passes(process, 40) == ["GET", "GET"]
        assert world.condition() == ("True", "Registered")
        assert "may be out of date" in world.message()
        assert await world.passes(world.start()) == []
        world.ask("two")
        assert await world.passes(process) == ["GET"]
        assert "may be out of date" not in world.message()

    in_world(life)


def test_a_lost_answer_that_renewed_the_token_loses_the_management_and_says_so() -> None:
    async def life(world: World, process: Reconciler) -> None:
        world.lost["GET"] = 1
        world.ask()
        assert await world.passes(process, 10) == ["GET", "GET"]
        assert world.condition() == ("False", "ManagementLost")
        assert world.condition("SecretPublished") == ("True", "Published")
        # A refusal says nothing: the deletion is not confirmed by it.
        world.api.delete(NAMESPACE, NAME)
        world.lost["DELETE"] = 1
        assert set(await world.passes(process)) <= {"DELETE"}
        assert all(c.alive for c in world.stored.clients)
        assert world.client

    in_world(life, rotates_on_read=True)


def test_a_refused_read_waits_for_a_new_value() -> None:
    async def life(world: World, process: Reconciler) -> None:
        world.answers["GET"] = Response(status=403, body=b'{"error": "insufficient_scope"}')
        world.ask("one")
        assert await world.passes(process, 40) == ["GET"]
        assert world.condition() == ("True", "Registered")
        assert "refused (HTTP 403 insufficient_scope)" in world.message()
        del world.answers["GET"]
        world.ask("two")
        assert await world.passes(process) == ["GET"]
        assert "refused" not in world.message()

    in_world(life)


def test_a_server_that_asks_to_wait_is_read_later() -> None:
    async def life(world: World, process: Reconciler) -> None:
        world.answers["GET"] = Response(status=429, headers={"retry-after": "60"})
        world.ask()
        assert await world.passes(process, 10) == ["GET"]
        assert world.condition() == ("True", "Registered")
        del world.answers["GET"]
        world.clock.time += timedelta(minutes=1)
        assert await world.passes(process) == ["GET"]

    in_world(life)


def test_a_refused_token_is_told_as_after_an_update_and_an_update_finds_out_later() -> None:
    async def life(world: World, process: Reconciler) -> None:
        world.answers["GET"] = Response(status=401)
        world.ask()
        assert await world.passes(process, 10) == ["GET"], "no update at once"
        assert world.condition() == ("False", "ManagementLost")
        world.clock.time += timedelta(minutes=15)
        assert await world.passes(process) == ["PUT"]
        assert world.condition() == ("True", "Registered")

    in_world(life)


def test_a_token_that_a_restored_server_does_not_know_is_followed_by_the_one_before_it() -> None:
    async def life(world: World, process: Reconciler) -> None:
        before = world.client["registration_access_token"]
        world.apply(client_name="edited")
        await world.passes(process)
        world.client.update(registration_access_token=before, client_name="web")
        world.ask()
        assert await world.passes(process) == ["GET", "GET", "PUT"]
        assert (world.condition(), world.client["client_name"]) == (("True", "Registered"), "edited")

    in_world(life)


def test_an_edit_that_is_refused_hides_no_read() -> None:
    async def life(world: World, process: Reconciler) -> None:
        world.answers["PUT"] = Response(status=400, body=b'{"error": "invalid_client_metadata"}')
        world.apply(client_name="refused")
        assert set(await world.passes(process)) == {"PUT"}
        world.ask()
        assert await world.passes(process) == ["GET"]
        assert world.condition() == ("False", "UpdateRejected")

    in_world(life)


def test_a_secret_that_could_not_take_what_a_read_may_bring_is_not_put_at_risk() -> None:
    async def life(world: World, process: Reconciler) -> None:
        world.api.objects["secrets", NAMESPACE, NAME]["immutable"] = True
        world.ask()
        assert await world.passes(process) == []
        assert world.condition() == ("True", "Registered")
        assert "waits: Secret web is immutable" in world.message()

    in_world(life, rotates_on_read=True)


def test_a_dry_run_that_is_refused_holds_the_read_and_is_not_made_with_every_pass() -> None:
    async def life(world: World, process: Reconciler) -> None:
        world.quota, before = True, world.rehearsals
        world.ask()
        assert await world.passes(process, 20) == []
        assert (world.rehearsals - before, world.condition()) == (1, ("True", "Registered"))
        assert "waits: the API server does not let Secret web be written: exceeded quota" in world.message()
        assert world.message().count("registered as client") == 1
        world.quota = False
        world.clock.time += timedelta(minutes=15)
        assert await world.passes(process) == ["GET"]
        assert "waits" not in world.message()

    in_world(life)


def test_a_client_that_cannot_be_managed_is_not_read_and_an_event_says_so() -> None:
    async def main() -> None:
        world = World.new()
        made = {**METADATA, "client_id": "c", "client_secret": "s", "client_secret_expires_at": 0}
        world.answers["POST"] = Response(status=201, body=json.dumps(made).encode())
        world.apply()
        process = world.start()
        await world.passes(process)
        world.ask()
        assert await world.passes(process, 10) == []
        assert world.condition() == ("True", "Registered")
        (event,) = (e for e in world.api.events if e["type"] == "Warning")
        assert (event["reason"], "gave no usable" in event["note"]) == ("ReadFailed", True)
        version = world.record()["metadata"]["resourceVersion"]
        await world.passes(world.start())
        assert world.record()["metadata"]["resourceVersion"] == version, "it is served"

    asyncio.run(main())
