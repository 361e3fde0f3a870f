"""An adoption as the cure of a client that is published: management lost, a record that is older, or gone."""

import asyncio
import copy
from collections.abc import Awaitable, Callable
from typing import Any

from tests.pure.simulation.adopting import HANDED, METADATA, World
from tests.pure.simulation.operator_process import NAME, NAMESPACE, RECORDS

EDITED = {**METADATA, "client_name": "Web shop"}


def registered(life: Callable[[World, dict[str, Any]], Awaitable[None]], **server: Any) -> None:
    async def main() -> None:
        world = World.new(**server)
        world.apply(adopt=None)
        assert await world.passes(world.start()) == ["POST"]
        (client,) = world.server.clients.values()
        await life(world, client)

    asyncio.run(main())


def test_a_new_token_after_management_was_lost_brings_the_edit_to_the_same_client() -> None:
    async def life(world: World, client: dict[str, Any]) -> None:
        client["registration_access_token"] = "minted-anew"
        world.apply(adopt=HANDED, clientMetadata=EDITED)
        process = world.start()
        assert await world.passes(process) == ["PUT"], "refused"
        assert world.ready()[1] == "ManagementLost"
        assert "spec.adopt: Secret web-client does not exist" in world.ready()[2]
        world.hand_over(client)
        assert await world.passes(process) == ["GET", "PUT"]
        assert world.ready()[0] == "True"
        assert list(world.server.clients) == [client["client_id"]]
        assert world.server.clients[client["client_id"]]["client_name"] == "Web shop"
        assert world.stored().edition == 1, "what is published is the same"

    registered(life)


def test_a_secret_that_came_with_the_new_token_is_published() -> None:
    async def life(world: World, client: dict[str, Any]) -> None:
        client |= {"registration_access_token": "minted-anew", "client_secret": "reset by a person"}
        world.hand_over(client)
        world.apply(adopt=HANDED, clientMetadata=EDITED)
        assert await world.passes(world.start()) == ["PUT", "GET", "PUT"]
        assert world.published() == "reset by a person"
        assert world.stored().edition == 2

    registered(life)


def test_another_client_takes_the_place_of_one_whose_management_is_lost() -> None:
    async def life(world: World, client: dict[str, Any]) -> None:
        client["registration_access_token"] = "nobody-knows"
        another = world.made_by_hand()
        world.hand_over(another)
        world.apply(adopt=HANDED, clientMetadata=EDITED)
        assert await world.passes(world.start()) == ["PUT", "GET", "PUT"]
        assert world.published("client_id") == another["client_id"]
        record = world.stored()
        assert record.edition == 2
        assert [record.client(x.pair.client) is not None for x in record.leaving] == [True], "the one before leaves"
        assert client["client_id"] in world.server.clients

    registered(life)


def test_what_is_managed_needs_no_adoption() -> None:
    async def life(world: World, client: dict[str, Any]) -> None:
        world.hand_over(world.made_by_hand())
        world.apply(adopt=HANDED)
        assert await world.passes(world.start()) == []
        assert world.published("client_id") == client["client_id"]

    registered(life)


def test_an_older_record_beside_a_newer_secret_overwrites_nothing_until_the_client_is_proven() -> None:
    async def life(world: World, client: dict[str, Any]) -> None:
        older = copy.deepcopy(world.record())
        client |= {"client_secret": "the last copy", "registration_access_token": "also-the-last"}
        secret = world.secret()
        assert secret is not None
        body = (world.resource() or {}) | {}
        body["status"]["edition"] = 3
        world.api.put(("oauthclients", NAMESPACE, NAME), body)
        world.api.put(("secrets", RECORDS, older["metadata"]["name"]), older)
        world.hand_over(client, registration_access_token="rat-1")
        world.apply(adopt=HANDED)
        process = world.start()
        before = world.published()
        assert await world.passes(process) == ["GET"], "stale"
        assert world.ready()[1] == "RecordOutdated"
        assert world.published() == before
        world.hand_over(client, registration_access_token=None, registration_client_uri=None)
        assert await world.passes(process) == [], "what cannot be proven may be older"
        assert world.published() == before
        world.hand_over(world.made_by_hand())
        assert await world.passes(process) == [], "another client is not what is published"
        assert world.published() == before
        world.hand_over(client)
        assert await world.passes(process) == ["GET"]
        assert world.published() == "the last copy"
        assert world.stored().edition == 4
        assert world.ready()[0] == "True"

    registered(life)


def test_a_record_that_is_gone_is_made_anew_for_the_very_client_that_the_status_names() -> None:
    async def life(world: World, client: dict[str, Any]) -> None:
        uid = world.record()["metadata"]["name"]
        del world.api.objects["secrets", RECORDS, uid]
        another = world.made_by_hand()
        world.hand_over(another)
        world.apply(adopt=HANDED)
        process = world.start()
        assert await world.passes(process) == []
        assert world.ready()[1] == "RecordMissing"
        assert "only that one can be adopted" in world.ready()[2]
        world.hand_over(client)
        assert await world.passes(process) == ["GET", "PUT"]
        assert world.ready()[0] == "True"
        assert world.stored().edition == 2, "later than what the Secret showed"
        world.api.delete(NAMESPACE, NAME)
        assert await world.passes(process) == ["DELETE"]
        assert list(world.server.clients) == [another["client_id"]]

    registered(life)
