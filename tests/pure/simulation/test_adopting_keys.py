"""A client with a key of the operator's own is handed over with it: the same key is published, and goes on."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.names import RETRY_ANNOTATION, ROTATE_ANNOTATION
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.record.signing_keys import SigningKey
from tests.pure.record.key_records import FIRST, SECOND
from tests.pure.record.key_records import METADATA as BY_KEY
from tests.pure.simulation.adopting import OTHER, World
from tests.pure.simulation.adopting_keys import apply, hand_over, kids, made, members
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.operator_process import NAME, NAMESPACE

DAY = timedelta(hours=24, seconds=1)
NO_TOKEN: dict[str, Any] = {"registration_access_token": None, "registration_client_uri": None}
EDITED = {**BY_KEY, "client_name": "Web shop"}


def lived(life: Callable[[World], Coroutine[Any, Any, None]], **server: Any) -> None:
    asyncio.run(life(World.new(**server)))


SERVERS = pytest.mark.parametrize(
    "server",
    [{"rotates": False}, {"rotates": True}, {"rotates": True, "rotates_on_read": True}],
    ids=["the token stays", "updates renew the token", "reads renew the token"],
)


def current(world: World, client: dict[str, Any]) -> dict[str, Any]:
    return world.server.clients[client["client_id"]]


@SERVERS
def test_it_is_published_with_its_key_and_rotated_later_at_the_same_client(server: dict[str, Any]) -> None:
    async def life(world: World) -> None:
        client = made(world, FIRST, client_name="by another operator")
        hand_over(world, client)
        apply(world)
        process = world.start()
        assert await world.passes(process) == ["GET", "PUT"]
        assert world.ready()[:2] == ("True", "Registered")
        assert {name: world.published(name) for name in members(FIRST)} == members(FIRST)
        assert (kids(current(world, client)), current(world, client)["client_name"]) == ([FIRST.kid], "web")
        assert await world.passes(world.start()) == [], "what was taken up is not looked at again"
        world.api.annotate(NAMESPACE, NAME, {ROTATE_ANNOTATION: "now"})
        assert await world.passes(process) == ["PUT"]
        second = world.published("key_id")
        assert kids(current(world, client)) == [FIRST.kid, second]
        world.clock.time += DAY
        assert await world.passes(process) == ["PUT"]
        assert kids(current(world, client)) == [second]
        assert world.published("client_id") == client["client_id"]

    lived(life, **server)


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES384"])
def test_of_another_algorithm_than_the_spec_asks_it_is_published_and_then_replaced_with_an_overlap(
    algorithm: str,
) -> None:
    async def life(world: World) -> None:
        client = made(world, FIRST)
        hand_over(world, client)
        apply(world, privateKey={"algorithm": algorithm})
        calls = await world.passes(world.start())
        assert (calls[0], "POST" in calls) == ("GET", False)
        first, second = kids(current(world, client))
        assert (first, second) == (FIRST.kid, world.published("key_id"))
        assert world.published("token_endpoint_auth_signing_alg") == algorithm

    lived(life)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"jwks": None}, id="it names none"),
        pytest.param({"jwks": {"keys": []}}, id="it names an empty set"),
        pytest.param({"jwks": None, "jwks_uri": "https://app.example/keys"}, id="it names an address of keys"),
        pytest.param({"jwks": {"keys": [{**SECOND.public_jwk, "kid": FIRST.kid}]}}, id="it has another under its name"),
    ],
)
def test_where_the_server_s_answer_does_not_have_the_key_the_update_that_follows_brings_it(
    more: dict[str, Any],
) -> None:
    async def life(world: World) -> None:
        client = made(world, FIRST, **more)
        hand_over(world, client)
        apply(world)
        assert await world.passes(world.start()) == ["GET", "PUT"]
        assert current(world, client)["jwks"] == {"keys": [FIRST.public_jwk]}
        assert "jwks_uri" not in current(world, client)
        assert world.published("key_id") == FIRST.kid
        assert world.ready()[:2] == ("True", "Registered")

    lived(life)


@SERVERS
def test_a_key_that_was_replaced_meanwhile_is_not_brought_back_and_the_right_one_is_taken_up_by_the_live_token(
    server: dict[str, Any],
) -> None:
    async def life(world: World) -> None:
        client = dict(made(world, SECOND))
        hand_over(world, client)
        apply(world, privateKey={"algorithm": "EdDSA"})
        process = world.start()
        assert await world.passes(process) == ["GET"]
        assert world.ready()[:2] == ("False", "AdoptionFailed")
        assert f"and not its private_key ({FIRST.kid})" in world.ready()[2]
        assert world.secret() is None
        assert kids(current(world, client)) == [SECOND.kid]
        assert await world.passes(world.start()) == [], "it is asked again slowly"
        world.clock.time += Limits().retry_slowly
        assert await world.passes(process) == ["GET"]
        hand_over(world, client, SECOND)
        assert await world.passes(process) == ["GET", "PUT"], "with the token that the read brought"
        assert world.published("key_id") == SECOND.kid
        assert world.ready()[:2] == ("True", "Registered")

    lived(life, **server)


def test_a_client_that_authenticates_otherwise_is_not_changed_under_its_pods() -> None:
    async def life(world: World) -> None:
        client = world.server.made({**BY_KEY, "token_endpoint_auth_method": "client_secret_basic"})
        hand_over(world, client)
        apply(world)
        assert await world.passes(world.start()) == ["GET"]
        assert 'authenticates by "client_secret_basic" at its authorization server' in world.ready()[2]
        world.api.delete(NAMESPACE, NAME)
        assert await world.passes(world.start()) == [], "it is nobody's to end"

    lived(life)


@pytest.mark.parametrize("first", [NAME, OTHER])
def test_of_two_that_adopt_it_at_once_one_has_the_key_and_the_other_publishes_none(first: str) -> None:
    async def life(world: World) -> None:
        client = made(world, FIRST)
        hand_over(world, client)
        for name in (NAME, OTHER):
            apply(world, name)
        process, second = world.start(), OTHER if first == NAME else NAME
        for _ in range(8):
            for name in (first, second):
                await world.passes(process, name, count=1)
        (winner,) = [name for name in (NAME, OTHER) if world.ready(name)[0] == "True"]
        (loser,) = {NAME, OTHER} - {winner}
        assert world.published("key_id", winner) == FIRST.kid
        assert (world.ready(loser)[1], world.secret(loser)) == ("AdoptionFailed", None)
        world.api.delete(NAMESPACE, loser)
        await world.passes(process, loser)
        assert kids(current(world, client)) == [FIRST.kid]

    lived(life, rotates=False)


def test_without_a_token_it_is_published_with_its_key_as_it_is() -> None:
    async def life(world: World) -> None:
        client = made(world, FIRST)
        hand_over(world, client, **NO_TOKEN)
        apply(world)
        assert await world.passes(world.start()) == []
        assert world.ready()[:2] == ("True", "Registered")
        assert {name: world.published(name) for name in members(FIRST)} == members(FIRST)
        hand_over(world, client)
        world.api.annotate(NAMESPACE, NAME, {RETRY_ANNOTATION: "now"})
        assert await world.passes(world.start()) == ["GET"], "with a token it is managed"
        assert world.published("key_id") == FIRST.kid

    lived(life)


@pytest.mark.parametrize("proves", [True, False], ids=["the server refuses it", "nothing proves"])
def test_without_a_token_a_key_of_before_takes_nothing_from_pods(proves: bool) -> None:
    async def life(world: World) -> None:
        world.server.metadata = {"revocation_endpoint": f"{ISSUER}/revoke"}
        world.server.proves = proves
        client = made(world, FIRST)
        hand_over(world, client)
        apply(world, rotation={"strategy": "Keys"})
        process = world.start()
        await world.passes(process)
        world.api.annotate(NAMESPACE, NAME, {ROTATE_ANNOTATION: "now"})
        await world.passes(process)
        second = world.published("key_id")
        world.clock.time += DAY
        await world.passes(process)
        assert kids(current(world, client)) == [second] != [FIRST.kid]
        current(world, client)["registration_access_token"] = "lost"
        apply(world, clientMetadata=EDITED, rotation={"strategy": "Keys"})
        await world.passes(process)
        assert world.ready()[:2] == ("False", "ManagementLost")
        hand_over(world, client, **NO_TOKEN)
        await world.passes(process)
        assert world.published("key_id") == second
        assert "the private key that Secret web-client hands over is another one" in world.ready()[2]

    lived(life)


@pytest.mark.parametrize("key", [FIRST, None], ids=["with the key of before", "alone"])
def test_a_new_token_leaves_the_newer_key_published_and_the_one_before_its_overlap(key: SigningKey | None) -> None:
    async def life(world: World) -> None:
        client = made(world, FIRST)
        hand_over(world, client)
        apply(world)
        process = world.start()
        await world.passes(process)
        world.api.annotate(NAMESPACE, NAME, {ROTATE_ANNOTATION: "now"})
        await world.passes(process)
        second = world.published("key_id")
        current(world, client)["registration_access_token"] = "minted-anew"
        apply(world, clientMetadata=EDITED)
        await world.passes(process)
        assert world.ready()[:2] == ("False", "ManagementLost")
        hand_over(world, current(world, client), key)
        assert await world.passes(process) == ["GET", "PUT"]
        assert world.ready()[:2] == ("True", "Registered")
        assert world.published("key_id") == second
        assert kids(current(world, client)) == [FIRST.kid, second], "the first leaves when its overlap is over"
        world.clock.time += DAY
        await world.passes(process)
        assert kids(current(world, client)) == [second]

    lived(life)
