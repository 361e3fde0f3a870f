"""A client secret that expires is renewed beside an edit that its server refuses, in whatever words it does."""

import asyncio
from datetime import timedelta

import pytest

from oauthclient_operator.exchange import Response
from oauthclient_operator.plan.observed import Limits
from tests.pure.simulation.lives import Life
from tests.pure.simulation.phases import DAY
from tests.pure.simulation.refusing import UNWANTED, Refusing

MONTH = timedelta(days=30)


@pytest.mark.parametrize(
    "answer",
    [
        Response(status=400, body=b'{"error": "invalid_client_metadata"}'),
        Response(status=403, body=b'{"error": "insufficient_scope", "error_description": "Policy rejected"}'),
        Response(status=400, body=b'{"error": "invalid_request"}'),
        Response(status=422, body=b'{"detail": "no"}'),
        Response(status=400, body=b"bad"),
        Response(status=500),
        Response(status=201, body=b"<html>registered</html>"),
    ],
    ids=["RFC 7591", "a policy of Keycloak's", "RFC 6749", "422", "400 without JSON", "lost", "not understood"],
)
def test_what_was_accepted_before_will_do(answer: Response) -> None:
    async def main() -> None:
        server = Refusing(answer)
        life = Life(server=server, limits=Limits(retry_slowly=timedelta(hours=12)))
        server.expires_at = lambda: int((life.world.clock.now() + MONTH).timestamp())
        life.apply()
        await life.live(DAY)
        life.apply(clientMetadata=UNWANTED)
        for days in (27, 9):
            await life.live(days * DAY)
            shown = life.shown()
            assert shown is not None
            expires_at = server.clients[shown[1]]["client_secret_expires_at"]
            assert life.world.clock.now().timestamp() < expires_at
        # What nobody can name is not made anew with each renewal.
        assert len(life.record().suspects) <= 2

    asyncio.run(main())
