"""A client that is there already is adopted from a Secret: proven by a read, published, kept true, and ended."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.exchange import Incomplete, Response
from oauthclient_operator.plan.observed import Limits
from tests.pure.simulation.adopting import HANDED, METADATA, World
from tests.pure.simulation.operator_process import NAME, NAMESPACE


def lived(life: Callable[[World], Coroutine[Any, Any, None]], **server: Any) -> None:
    asyncio.run(life(World.new(**server)))


SERVERS = pytest.mark.parametrize(
    "server",
    [{"rotates": False}, {"rotates": True}, {"rotates": True, "rotates_on_read": True}],
    ids=["the token stays", "updates renew the token", "reads renew token and secret"],
)


@SERVERS
def test_a_client_made_by_hand_is_read_published_edited_and_ended(server: dict[str, Any]) -> None:
    async def life(world: World) -> None:
        client = world.made_by_hand(client_name="made by hand")
        world.hand_over(client)
        world.apply()
        process = world.start()
        assert await world.passes(process) == ["GET", "PUT"], "what spec asks is brought by one update"
        assert world.ready()[:2] == ("True", "Registered")
        assert world.published("client_id") == client["client_id"]
        current = world.server.clients[client["client_id"]]
        assert world.published() == current["client_secret"]
        assert current["client_name"] == "web"
        assert await world.passes(world.start()) == [], "a stale token in the Secret does not come back"
        world.apply(clientMetadata={**METADATA, "client_name": "Web shop"})
        assert await world.passes(process) == ["PUT"]
        world.api.delete(NAMESPACE, NAME)
        assert await world.passes(process) == ["DELETE"]
        assert world.resource() is None
        assert world.server.clients == {}
        assert "Adopted" in world.events()

    lived(life, **server)


def test_it_waits_for_the_secret_and_never_registers() -> None:
    async def life(world: World) -> None:
        world.apply()
        process = world.start()
        assert await world.passes(process) == []
        status, reason, message = world.ready()
        assert (status, reason) == ("False", "AdoptionFailed")
        assert f"Secret {HANDED} does not exist" in message
        assert world.records() == [], "nothing is left of what never was"
        world.hand_over(world.made_by_hand())
        assert await world.passes(process) == ["GET", "PUT"]
        assert world.ready()[0] == "True"

    lived(life)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"issuer": "https://another.example"}, "does not name the issuer"),
        ({"client_id": None}, "has no key client_id"),
        ({"registration_client_uri": None}, "no registration_client_uri"),
        ({"registration_client_uri": "https://elsewhere.example/c"}, "another origin"),
        ({"registration_access_token": "a b"}, "no usable token"),
    ],
    ids=["wrong issuer", "no identifier", "a token without address", "an address elsewhere", "no token"],
)
def test_what_cannot_be_used_is_sent_nowhere(more: dict[str, Any], said: str) -> None:
    async def life(world: World) -> None:
        world.hand_over(world.made_by_hand(), **more)
        world.apply()
        assert await world.passes(world.start()) == []
        assert world.ready()[1] == "AdoptionFailed"
        assert said in world.ready()[2]
        assert world.secret() is None

    lived(life)


def test_a_token_that_is_refused_is_asked_about_once_and_then_when_the_secret_or_a_person_says() -> None:
    async def life(world: World) -> None:
        client = world.made_by_hand()
        world.hand_over(client, registration_access_token="stale")
        world.apply()
        process = world.start()
        assert await world.passes(process) == ["GET"]
        assert world.ready()[1] == "AdoptionFailed"
        assert await world.passes(world.start()) == [], "remembered by fingerprint"
        world.api.annotate(NAMESPACE, NAME, {names.RETRY_ANNOTATION: "now"})
        assert await world.passes(process) == ["GET"]
        world.hand_over(client)
        assert await world.passes(process) == ["GET", "PUT"]
        assert world.ready()[0] == "True"

    lived(life)


def test_a_gateway_that_refuses_a_token_once_does_not_end_an_adoption() -> None:
    answers = [Response(status=401)]

    async def gateway(label: str, call: Callable[[], Awaitable[Any]]) -> Any:
        return answers.pop() if label == "exchange:GET" and answers else await call()

    async def life() -> None:
        world = World.new(gateway)
        world.hand_over(world.made_by_hand())
        world.apply()
        process = world.start()
        await world.passes(process)
        assert world.ready()[1] == "AdoptionFailed"
        world.clock.time += Limits().retry_slowly
        await world.passes(process)
        assert world.ready()[0] == "True"

    asyncio.run(life())


def test_a_token_of_another_client_proves_nothing() -> None:
    async def life(world: World) -> None:
        own, foreign = world.made_by_hand(), world.made_by_hand()
        world.hand_over(foreign, registration_access_token=own["registration_access_token"])
        world.apply()
        assert await world.passes(world.start()) == ["GET"]
        world.hand_over(own, client_id=foreign["client_id"])
        assert await world.passes(world.start()) == ["GET"], "what it answers with is another client"
        assert world.ready()[1] == "AdoptionFailed"
        world.api.delete(NAMESPACE, NAME)
        assert await world.passes(world.start()) == [], "what was never proven is nobody's to end"
        assert len(world.server.clients) == 2
        assert world.record()["metadata"]["labels"][names.STATE_LABEL] == "Released", "nothing is left behind"

    lived(life)


def test_without_a_token_it_is_published_as_it_is_and_said_to_be_unproven() -> None:
    async def life(world: World) -> None:
        client = world.made_by_hand()
        world.hand_over(client, registration_access_token=None, registration_client_uri=None)
        world.apply()
        process = world.start()
        assert await world.passes(process) == []
        assert world.ready()[:2] == ("True", "Registered")
        assert world.published() == client["client_secret"]
        assert "neither changed nor deregistered" in str(world.resource())
        world.apply(clientMetadata={**METADATA, "client_name": "Web shop"})
        assert await world.passes(process) == []
        assert world.ready()[1] == "UpdateUnsupported"
        world.hand_over(client)
        assert await world.passes(process) == ["GET", "PUT"], "with a token it can be changed"
        assert world.ready()[0] == "True"

    lived(life)


def test_an_adopter_without_a_token_leaves_the_client_behind() -> None:
    async def life(world: World) -> None:
        world.hand_over(world.made_by_hand(), registration_access_token=None, registration_client_uri=None)
        world.apply()
        process = world.start()
        await world.passes(process)
        world.api.delete(NAMESPACE, NAME)
        assert await world.passes(process) == []
        assert world.resource() is None
        assert "LeftBehind" in world.events()

    lived(life)


def test_a_secret_that_vanishes_after_it_was_taken_up_changes_nothing() -> None:
    async def life(world: World) -> None:
        world.hand_over(world.made_by_hand())
        world.apply()
        await world.passes(world.start())
        world.take_away()
        assert await world.passes(world.start()) == []
        assert world.ready()[0] == "True"

    lived(life)


def test_it_cannot_be_the_secret_that_is_published() -> None:
    async def life(world: World) -> None:
        world.apply(adopt=NAME)
        assert await world.passes(world.start()) == []
        assert world.ready()[1] == "InvalidSpec"

    lived(life)


def test_who_no_longer_asks_for_an_adoption_registers() -> None:
    async def life(world: World) -> None:
        world.apply()
        process = world.start()
        await world.passes(process)
        world.apply(adopt=None)
        assert await world.passes(process) == ["POST"]

    lived(life)


def test_a_service_that_was_handed_over_is_published_though_the_answer_to_its_first_update_is_lost() -> None:
    service = {"client_name": "web", "grant_types": ["client_credentials"], "response_types": [], "redirect_uris": []}

    lost: list[str] = []

    async def lose(label: str, call: Callable[[], Awaitable[Any]]) -> Any:
        answer = await call()
        if label != "exchange:PUT" or lost:
            return answer
        lost.append(label)
        return Incomplete(cause="reset")

    async def life(world: World) -> None:
        client = world.made_by_hand(**{**service, "client_name": "made by hand"})
        world.hand_over(client)
        world.apply(clientMetadata=service)
        assert await world.passes(world.start()) == ["GET", "PUT", "PUT"]
        assert world.ready()[:2] == ("False", "ManagementLost")
        assert world.published() == client["client_secret"], "what was proven to work"

    asyncio.run(life(World.new(lose, rotates=True)))
