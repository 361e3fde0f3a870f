"""Two updates of one client that its server refuses both: each waits for its own time, and they do not take turns."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.exchange import Answer, Response
from tests.pure.simulation.authorization_server import AuthorizationServer
from tests.pure.simulation.expiring import SLOWLY, expiring, left
from tests.pure.simulation.lives import EDITED, METADATA, Life, said_of
from tests.pure.simulation.phases import DAY, MINUTE

REFUSALS = [
    pytest.param(Response(status=403), id="403"),
    pytest.param(Response(status=400, body=b'{"error": "invalid_client_metadata"}'), id="400"),
]
KEYED = {**METADATA, "token_endpoint_auth_method": "private_key_jwt"}


class TakesSomeUpdates(AuthorizationServer):
    """Takes so many updates, and then no other."""

    def __init__(self, refusal: Response, takes: int = 0) -> None:
        super().__init__()
        self.takes = takes
        self._refusal_of_updates = refusal

    def _updated(self, client: dict[str, Any], body: dict[str, Any]) -> Answer:
        self.refuses = self._refusal_of_updates if self.updates >= self.takes else None
        return super()._updated(client, body)


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_renewal_by_an_update_and_an_edit_are_told_to_the_server_twice_a_day_each_and_end_in_another_client(
    refusal: Response,
) -> None:
    async def main() -> None:
        life = expiring(TakesSomeUpdates(refusal))
        life.apply(rotation={"strategy": "Server"})
        await life.live(16 * DAY)
        life.apply(clientMetadata=EDITED)
        for _ in range(8):
            before = life.server.calls.count("PUT")
            await life.live(DAY / 2)
            # Each may be told in two forms.
            assert life.server.calls.count("PUT") - before <= 2 * 2 * 2
            assert life.world.condition() == ("False", "UpdateRejected")
        await life.live(9 * DAY)
        assert left(life) > timedelta()
        assert "client-1" not in (life.shown() or ())

    asyncio.run(main())


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_key_that_cannot_be_taken_back_and_an_edit_are_told_to_the_server_once_in_that_time(
    refusal: Response,
) -> None:
    async def main() -> None:
        server = TakesSomeUpdates(refusal, takes=1)
        server.fails_with_two_keys = True
        life = Life(server=server, limits=SLOWLY)
        life.apply(clientMetadata=KEYED, privateKey={}, rotation={"strategy": "Keys"})
        await life.live(DAY)
        life.rotate("x")
        await life.live(30 * MINUTE)
        life.apply(clientMetadata={**KEYED, "client_name": "shop"})
        before = server.calls.count("PUT")
        await life.live(SLOWLY.retry_slowly - 31 * MINUTE)
        assert server.calls.count("PUT") - before <= 2 * 2
        assert life.world.condition() == ("False", "UpdateRejected")
        assert "often" not in said_of(life, "Ready")
        # It is tried again, and goes on once the server takes it.
        server.takes = 1_000
        await life.live(2 * SLOWLY.retry_slowly)
        assert life.world.condition() == ("True", "Registered")
        assert len(server.clients["client-1"]["jwks"]["keys"]) == 1

    asyncio.run(main())
