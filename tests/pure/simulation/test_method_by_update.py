"""`spec.rotation.strategy: Server` and another authentication method: the published client itself comes to it."""

import asyncio
from datetime import timedelta
from typing import Any

from oauthclient_operator.exchange import Response
from tests.pure.simulation.authorization_server import AuthorizationServer
from tests.pure.simulation.lives import NOT_MANAGED, Life, said_of
from tests.pure.simulation.phases import MINUTE
from tests.pure.simulation.test_keys import BY_SECRET, kids, published
from tests.pure.simulation.test_keys import METADATA as BY_KEY

SERVER = {"rotation": {"strategy": "Server"}}


def apply_by(life: Life, metadata: dict[str, Any], key: dict[str, Any] | None) -> None:
    life.apply(clientMetadata=metadata, privateKey=key, **SERVER)


def test_from_a_secret_to_a_key_and_back_at_one_client() -> None:
    async def main() -> None:
        life = Life(server=AuthorizationServer())
        apply_by(life, BY_SECRET, None)
        await life.live(MINUTE)
        before = published(life.world)
        apply_by(life, BY_KEY, {})
        await life.live(MINUTE)
        by_key = published(life.world)
        assert life.server.calls == ["POST", "PUT"]
        assert by_key["client_id"] == before["client_id"]
        assert "client_secret" not in by_key
        assert kids(life.world) == [by_key["key_id"]]
        assert life.status()["edition"] == 2
        assert life.world.condition() == ("True", "Registered")
        apply_by(life, BY_SECRET, None)
        await life.live(MINUTE)
        assert life.server.calls == ["POST", "PUT", "PUT"]
        assert published(life.world) == before
        assert kids(life.world) == []
        assert life.status()["edition"] == 3
        assert life.world.condition() == ("True", "Registered")

    asyncio.run(main())


def test_another_algorithm_is_still_another_key_beside_the_first() -> None:
    async def main() -> None:
        life = Life(server=AuthorizationServer())
        apply_by(life, BY_KEY, {})
        await life.live(MINUTE)
        first = published(life.world)["key_id"]
        apply_by(life, BY_KEY, {"algorithm": "EdDSA"})
        await life.live(MINUTE)
        assert kids(life.world) == [first, published(life.world)["key_id"]]

    asyncio.run(main())


def test_what_changes_while_an_update_is_refused_is_what_is_done_afterwards() -> None:
    async def main() -> None:
        life = Life(server=AuthorizationServer())
        apply_by(life, BY_SECRET, None)
        await life.live(MINUTE)
        before = published(life.world)
        life.server.refuses = Response(status=400, body=b'{"error": "invalid_client_metadata"}')
        apply_by(life, BY_KEY, {})
        await life.live(MINUTE)
        assert life.world.condition() == ("False", "UpdateRejected")
        assert published(life.world) == before
        life.server.refuses = None
        # Another algorithm is another key, and nothing of the first is said to the server.
        apply_by(life, BY_KEY, {"algorithm": "EdDSA"})
        await life.live(MINUTE)
        assert published(life.world)["token_endpoint_auth_signing_alg"] == "EdDSA"
        assert kids(life.world) == [published(life.world)["key_id"]]
        assert life.world.condition() == ("True", "Registered")
        assert life.server.calls.count("POST") == 1

    asyncio.run(main())


def test_an_edit_that_is_taken_back_before_it_was_accepted_leaves_everything_as_it_was() -> None:
    async def main() -> None:
        life = Life(server=AuthorizationServer())
        apply_by(life, BY_SECRET, None)
        await life.live(MINUTE)
        before = published(life.world)
        life.server.refuses = Response(status=400, body=b'{"error": "invalid_client_metadata"}')
        apply_by(life, BY_KEY, {})
        await life.live(MINUTE)
        life.server.refuses = None
        apply_by(life, BY_SECRET, None)
        await life.live(MINUTE)
        assert published(life.world) == before
        assert life.world.condition() == ("True", "Registered")
        assert life.record().replacement is None

    asyncio.run(main())


def test_a_client_that_cannot_be_updated_keeps_its_method_and_that_is_said() -> None:
    async def main() -> None:
        server = AuthorizationServer()
        server.issued = NOT_MANAGED
        life = Life(server=server)
        apply_by(life, BY_SECRET, None)
        await life.live(MINUTE)
        before = published(life.world)
        apply_by(life, BY_KEY, {})
        await life.live(MINUTE)
        assert life.server.calls == ["POST"]
        assert published(life.world) == before
        assert life.world.condition() == ("False", "RenewalFailed")
        assert "strategy: Reregister" in said_of(life, "Ready")

    asyncio.run(main())


def test_a_server_that_takes_the_update_and_leaves_the_method_is_not_asked_in_a_loop() -> None:
    async def main() -> None:
        server = AuthorizationServer()
        server.issued = {}
        life = Life(server=server)
        apply_by(life, BY_SECRET, None)
        await life.live(MINUTE)
        server.answers = {"token_endpoint_auth_method": "client_secret_basic"}
        apply_by(life, BY_KEY, {})
        await life.live(timedelta(minutes=30))
        assert life.server.calls == ["POST", "PUT"]
        assert "client_secret" in published(life.world)
        assert life.world.condition()[0] == "False"

    asyncio.run(main())
