"""Keys of the operator's own: born with a call, published, and replaced at the same client with an overlap."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.names import ROTATE_ANNOTATION
from oauthclient_operator.oauth.jose import PrivateKey
from oauthclient_operator.reconcile.reconciler import Reconciler
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE, Simulation, no_fault

METADATA: dict[str, Any] = {
    "client_name": "web",
    "grant_types": ["client_credentials"],
    "token_endpoint_auth_method": "private_key_jwt",
}
BY_SECRET = {**METADATA, "token_endpoint_auth_method": "client_secret_basic"}
DAY = timedelta(hours=24, seconds=1)


def apply(
    world: Simulation, metadata: dict[str, Any] = METADATA, key: dict[str, Any] | None = None, **spec: Any
) -> None:
    own = {} if key is None else {"privateKey": key}
    world.api.apply(NAMESPACE, NAME, {"issuer": ISSUER, "clientMetadata": metadata, **own, **spec})


def rotate(world: Simulation, value: str) -> None:
    world.api.annotate(NAMESPACE, NAME, {ROTATE_ANNOTATION: value})


def published(world: Simulation) -> dict[str, str]:
    secret = world.secret()
    assert secret is not None
    return {key: base64.b64decode(value).decode() for key, value in secret["data"].items()}


def status(world: Simulation) -> dict[str, Any]:
    found: dict[str, Any] = (world.resource() or {})["status"]
    return found


def kids(world: Simulation, client_id: str = "client-1") -> list[str]:
    """Return the keys that the server knows a client by."""
    return [key["kid"] for key in world.server.clients[client_id].get("jwks", {}).get("keys", [])]


async def passes(process: Reconciler, times: int = 3) -> None:
    for _ in range(times):
        await process.reconcile(KEY)


def run(main: Callable[[Simulation, Reconciler], Awaitable[None]]) -> None:
    async def whole() -> None:
        world = Simulation(fault=no_fault)
        await main(world, world.start())

    asyncio.run(whole())


@pytest.mark.parametrize("algorithm", [None, "ES384", "EdDSA", "RS256", "PS256"])
def test_a_client_is_registered_with_a_key_that_is_published_and_known_to_nobody_else(algorithm: str | None) -> None:
    async def main(world: Simulation, process: Reconciler) -> None:
        apply(world, key={} if algorithm is None else {"algorithm": algorithm})
        await passes(process)
        assert world.condition() == ("True", "Registered")
        assert world.server.calls == ["POST"]
        secret = published(world)
        key = PrivateKey.parse(Confidential(secret["private_key"]), algorithm=algorithm or "ES256")
        jwk = json.loads(secret["private_key_jwk"])
        (registered,) = world.server.clients["client-1"]["jwks"]["keys"]
        assert registered == {**key.public_jwk, "kid": key.thumbprint, "use": "sig", "alg": algorithm or "ES256"}
        assert {name: jwk[name] for name in registered} == registered
        assert PrivateKey.parse(Confidential(secret["private_key_jwk"])).public_jwk == key.public_jwk
        assert secret["key_id"] == key.thumbprint
        assert secret["token_endpoint_auth_signing_alg"] == (algorithm or "ES256")
        assert "client_secret" not in secret
        # Whatever others may read says nothing of it.
        shown = json.dumps([world.resource(), *(b for k, b in world.api.objects.items() if k[0] == "events")])
        assert jwk["d"] not in shown
        assert "PRIVATE KEY" not in shown
        await passes(process)
        assert world.server.calls == ["POST"]

    run(main)


def test_a_key_takes_the_place_of_the_one_before_and_both_are_good_for_the_overlap() -> None:
    async def main(world: Simulation, process: Reconciler) -> None:
        apply(world, key={})
        await passes(process)
        first = published(world)["key_id"]
        rotate(world, "now")
        await passes(process)
        second = published(world)["key_id"]
        assert second != first
        assert world.server.calls == ["POST", "PUT"]
        assert kids(world) == [first, second]
        assert status(world)["edition"] == 2
        ((leaving),) = status(world)["rotation"]["leaving"]
        assert (leaving["clientID"], leaving["keyID"]) == ("client-1", first)
        assert world.condition() == ("True", "Registered")
        world.clock.time += DAY
        await passes(process)
        assert world.server.calls == ["POST", "PUT", "PUT"]
        assert kids(world) == [second]
        assert "leaving" not in status(world)["rotation"]
        await passes(process)
        assert world.server.calls == ["POST", "PUT", "PUT"]
        assert first not in json.dumps(world.api.objects["secrets", NAMESPACE, NAME])

    run(main)


def test_a_key_is_replaced_by_the_calendar_at_the_same_client() -> None:
    async def main(world: Simulation, process: Reconciler) -> None:
        apply(world, key={}, rotation={"interval": "48h", "overlap": "1h"})
        await passes(process)
        first = published(world)["key_id"]
        for times in (1, 2, 3):
            world.clock.time += timedelta(hours=48)
            await passes(process, 4)
            assert published(world)["client_id"] == "client-1"
            assert status(world)["edition"] == times + 1
            world.clock.time += timedelta(hours=2)
            await passes(process)
            assert kids(world) == [published(world)["key_id"]]
        assert first != published(world)["key_id"]
        assert world.server.calls == ["POST", *["PUT"] * 6]

    run(main)


def test_another_algorithm_is_another_key_at_the_same_client_and_going_back_returns_to_the_first() -> None:
    async def main(world: Simulation, process: Reconciler) -> None:
        apply(world, key={})
        await passes(process)
        first = published(world)["key_id"]
        apply(world, key={"algorithm": "EdDSA"})
        await passes(process)
        assert published(world)["token_endpoint_auth_signing_alg"] == "EdDSA"
        second = published(world)["key_id"]
        assert kids(world) == [first, second]
        apply(world, key={"algorithm": "ES256"})
        await passes(process)
        assert published(world)["key_id"] == first
        assert world.server.calls == ["POST", "PUT"]
        world.clock.time += DAY
        await passes(process)
        assert kids(world) == [first]

    run(main)


@pytest.mark.parametrize("back", [False, True])
def test_between_a_secret_and_a_key_another_client_takes_the_place_with_an_overlap(back: bool) -> None:
    async def main(world: Simulation, process: Reconciler) -> None:
        ways: list[tuple[dict[str, Any], dict[str, Any] | None]] = [(BY_SECRET, None), (METADATA, {})]
        (metadata, key), (other, other_key) = reversed(ways) if back else ways
        apply(world, metadata, key)
        await passes(process)
        apply(world, other, other_key)
        await passes(process)
        assert world.server.calls == ["POST", "POST"]
        assert published(world)["client_id"] == "client-2"
        assert ("private_key" in published(world)) is not back
        assert ("client_secret" in published(world)) is back
        assert sorted(world.server.clients) == ["client-1", "client-2"]
        world.clock.time += DAY
        await passes(process)
        assert world.server.calls == ["POST", "POST", "DELETE"]

    run(main)


def test_a_server_that_holds_one_key_only_gets_the_first_alone_again_and_another_client_takes_the_place() -> None:
    async def main(world: Simulation, process: Reconciler) -> None:
        world.server.holds_one_key = True
        apply(world, key={})
        await passes(process)
        first = published(world)["key_id"]
        rotate(world, "now")
        await passes(process)
        assert world.server.calls == ["POST", "PUT", "PUT", "POST"]
        assert kids(world) == [first]
        assert published(world)["client_id"] != "client-1"
        assert published(world)["key_id"] != first
        assert kids(world, published(world)["client_id"]) == [published(world)["key_id"]]

    run(main)


def test_a_server_that_takes_two_keys_and_fails_over_either_has_the_first_alone_again_within_a_minute() -> None:
    async def main(world: Simulation, process: Reconciler) -> None:
        world.server.fails_with_two_keys = True
        apply(world, key={})
        await passes(process)
        first = published(world)
        rotate(world, "now")
        await passes(process)
        assert world.server.calls == ["POST", "PUT"]
        assert published(world) == first
        assert world.condition("Renewing") == ("True", "Renewing")
        world.clock.time += timedelta(minutes=1)
        await passes(process)
        assert world.server.calls == ["POST", "PUT", "PUT", "POST"]
        assert kids(world) == [first["key_id"]]
        assert published(world)["client_id"] != "client-1"

    run(main)


@pytest.mark.parametrize("strategy", ["Auto", "Keys"])
def test_where_nothing_proves_a_key_another_one_is_published_only_by_name(strategy: str) -> None:
    async def main(world: Simulation, process: Reconciler) -> None:
        world.server.proves = False
        apply(world, key={}, rotation={"strategy": strategy})
        await passes(process)
        rotate(world, "now")
        await passes(process)
        assert world.server.calls == ["POST", "POST" if strategy == "Auto" else "PUT"]
        assert (published(world)["client_id"] == "client-1") is (strategy == "Keys")

    run(main)


def test_by_the_calendar_alone_no_other_client_is_made_where_the_server_holds_one_key_only() -> None:
    async def main(world: Simulation, process: Reconciler) -> None:
        world.server.holds_one_key = True
        apply(world, key={}, rotation={"interval": "48h"})
        await passes(process)
        first = published(world)["key_id"]
        world.clock.time += timedelta(hours=49)
        await passes(process)
        assert world.server.calls == ["POST", "PUT", "PUT"]
        assert (published(world)["key_id"], kids(world)) == (first, [first])
        world.clock.time += timedelta(hours=2)
        await passes(process)
        assert world.condition("Renewing") == ("False", "RenewalFailed")
        assert world.condition() == ("True", "Registered")
        assert world.server.calls == ["POST", "PUT", "PUT"]

    run(main)


def test_a_users_own_key_of_the_secret_is_neither_overwritten_nor_removed() -> None:
    async def main(world: Simulation, process: Reconciler) -> None:
        apply(world, BY_SECRET)
        await passes(process)
        own = base64.b64encode(b"a user's own").decode()
        world.api.objects["secrets", NAMESPACE, NAME]["data"]["private_key"] = own
        await passes(process)
        assert published(world)["private_key"] == "a user's own"
        apply(world, METADATA, {})
        await passes(process)
        assert world.condition() == ("False", "SecretNotPublishable")
        assert world.server.calls == ["POST"]
        assert published(world)["private_key"] == "a user's own"
        assert "client_secret" in published(world)
        apply(world, METADATA, {}, secret={"keys": {"private_key": "signing.pem"}})
        await passes(process)
        assert world.condition() == ("True", "Registered")
        assert published(world)["private_key"] == "a user's own"
        assert published(world)["signing.pem"].startswith("-----BEGIN PRIVATE KEY-----")
        assert "client_secret" not in published(world)

    run(main)
