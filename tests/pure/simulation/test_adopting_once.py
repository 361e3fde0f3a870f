"""One client has one resource: what another record holds is not adopted, and of two at once one withdraws."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from oauthclient_operator import names
from tests.pure.simulation.adopting import OTHER, World
from tests.pure.simulation.operator_process import NAME, NAMESPACE, Crash


def lived(life: Callable[[World], Coroutine[Any, Any, None]], **server: Any) -> None:
    asyncio.run(life(World.new(**server)))


def test_what_another_record_holds_is_not_read_and_not_ended() -> None:
    async def life(world: World) -> None:
        world.apply(OTHER, adopt=None)
        assert await world.passes(world.start(), OTHER) == ["POST"]
        (client,) = world.server.clients.values()
        world.hand_over(client)
        world.apply()
        process = world.start()
        assert await world.passes(process) == []
        assert world.ready()[1] == "AdoptionFailed"
        assert "belongs to another OAuthClient" in world.ready()[2]
        world.api.delete(NAMESPACE, NAME)
        assert await world.passes(process) == []
        assert client["client_id"] in world.server.clients

    lived(life)


def test_what_was_retained_is_handed_over_and_ended_by_who_adopted_it() -> None:
    async def life(world: World) -> None:
        world.apply(OTHER, adopt=None, policy={"deletion": "Retain"})
        process = world.start()
        await world.passes(process, OTHER)
        (client,) = world.server.clients.values()
        world.api.delete(NAMESPACE, OTHER)
        assert await world.passes(process, OTHER) == []
        world.hand_over(client)
        uid = world.apply()
        assert await world.passes(process) == ["GET", "PUT"]
        assert world.ready()[0] == "True"
        world.api.delete(NAMESPACE, NAME)
        assert await world.passes(process) == ["DELETE"]
        assert world.server.clients == {}
        assert world.stored(uid).released is not None

    lived(life)


@pytest.mark.parametrize("server", [{"rotates": False}, {"rotates_on_read": True}], ids=["stays", "renewed by reads"])
@pytest.mark.parametrize("first", [True, False], ids=["the older first", "the younger first"])
def test_of_two_at_once_one_has_it_and_the_other_ends_nothing(server: dict[str, Any], first: bool) -> None:
    async def life(world: World) -> None:
        client = world.made_by_hand()
        world.hand_over(client)
        world.apply(NAME)
        world.apply(OTHER)
        process = world.start()
        order = (NAME, OTHER) if first else (OTHER, NAME)
        for _ in range(8):
            for name in order:
                await world.passes(process, name, count=1)
        ready = {name: world.ready(name) for name in order}
        (winner,) = [name for name, (status, _, _) in ready.items() if status == "True"]
        (loser,) = set(order) - {winner}
        assert ready[loser][1] == "AdoptionFailed"
        world.api.delete(NAMESPACE, loser)
        await world.passes(process, loser)
        assert list(world.server.clients) == [client["client_id"]], "nothing that the other holds is ended"
        world.api.delete(NAMESPACE, winner)
        assert (await world.passes(process, winner))[-1] == "DELETE"

    lived(life, **server)


@pytest.mark.parametrize("lets_go", [True, False], ids=["until the other one lets it go", "for good"])
def test_of_two_that_both_proved_it_the_larger_uid_withdraws(lets_go: bool) -> None:
    """Each process dies right after its proof was written, so that both are in the middle of it."""

    async def main() -> None:
        dies = {"left": 2}

        async def fault(label: str, call: Callable[[], Awaitable[Any]]) -> Any:
            if label == "list_secret_metadata" and dies["left"] > 0:
                dies["left"] -= 1
                raise Crash("before it looked who else holds the client")
            return await call()

        world = World.new(fault, rotates=False)
        client = world.made_by_hand()
        world.hand_over(client)
        uids = {
            name: world.apply(name, policy={"deletion": "Retain" if lets_go else "Delete"}) for name in (NAME, OTHER)
        }
        # The larger UID first: the other one does not wait for it.
        larger, smaller = sorted(uids, key=lambda name: uids[name], reverse=True)
        for name in (larger, smaller):
            with pytest.raises(Crash):
                await world.passes(world.start(), name, count=1)
        assert world.server.calls == ["GET", "GET"]
        process = world.start()
        await world.passes(process, larger)
        assert world.ready(larger)[1] == "AdoptionFailed"
        assert (await world.passes(process, smaller))[-1:] == ["PUT"]
        assert world.ready(smaller)[0] == "True"
        if lets_go:
            assert "when the other one lets it go" in world.ready(larger)[2]
            assert await world.passes(process, larger) == []
            world.api.delete(NAMESPACE, smaller)
            await world.passes(process, smaller)
            await world.passes(process, larger)
            assert world.ready(larger)[0] == "True"
            return
        world.api.delete(NAMESPACE, larger)
        assert await world.passes(process, larger) == []
        assert client["client_id"] in world.server.clients

    asyncio.run(main())


def test_who_claims_an_identifier_without_proof_keeps_nobody_from_his_client() -> None:
    async def life(world: World) -> None:
        world.apply(OTHER, adopt=None)
        process = world.start()
        await world.passes(process, OTHER)
        (client,) = world.server.clients.values()
        labels = world.record()["metadata"]["labels"]
        world.hand_over(client, registration_access_token="guessed", client_secret="guessed")
        uid = world.apply()
        await world.passes(process)
        claims = {b["metadata"]["name"]: b["metadata"]["labels"] for b in world.records()}.get(uid, {})
        held = {key for key in labels if names.CLIENT_LABEL_PREFIX in key or names.IDENTIFIER_LABEL_PREFIX in key}
        assert not held & claims.keys()
        world.api.delete(NAMESPACE, OTHER)
        assert await world.passes(process, OTHER) == ["DELETE"]

    lived(life)
