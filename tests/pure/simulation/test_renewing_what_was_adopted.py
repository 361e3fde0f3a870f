"""A client was taken over, and its server has refused what the spec asks ever since: its secret is renewed all the same."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.exchange import Answer, Purpose, Request, Response
from oauthclient_operator.reach import IssuerAddress
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.expiring import expiring, left
from tests.pure.simulation.lives import METADATA
from tests.pure.simulation.phases import DAY
from tests.pure.simulation.refusing import UNWANTED
from tests.pure.simulation.test_moving_by_adoption import ADOPT, hand_over
from tests.pure.simulation.two_issuers import OTHER, TwoIssuers


class Refusing(TwoIssuers):
    """Both issuers refuse whatever has the member that nobody wants."""

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        if b'"unwanted"' in (request.body or b"") and request.purpose is not Purpose.PROVE:
            return Response(status=400, body=b'{"error": "invalid_client_metadata"}')
        return await super().exchange(request, issuer, **options)


@pytest.mark.parametrize(
    "moves", [False, True], ids=["where it was adopted", "also where the spec names another issuer"]
)
def test_it_is_registered_anew_as_its_server_said_that_it_is(moves: bool) -> None:
    async def main() -> None:
        server = Refusing()
        life = expiring(server)
        hand_over(life, server.other.made(METADATA))
        life.apply(**ADOPT, clientMetadata=UNWANTED)
        await life.live(DAY)
        assert life.shown() == (OTHER, "client-1")
        if moves:
            # The Secret hands over none of that one.
            life.apply(issuer=ISSUER)
        for _ in range(40):
            await life.live(DAY)
            assert left(life) > timedelta()
        shown = life.shown()
        assert shown is not None
        assert shown[0] == OTHER
        assert server.other.clients[shown[1]]["client_name"] == METADATA["client_name"]

    asyncio.run(main())
