"""A server that refuses each registration access token and names another one with it: it is not asked hot."""

import asyncio
import json
from datetime import timedelta
from typing import Any

from oauthclient_operator.exchange import Answer, Request, Response
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.reach import IssuerAddress
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.lives import EDITED, Life
from tests.pure.simulation.phases import MINUTE

HOUR = timedelta(hours=1)


class NamesAnother(AuthorizationServer):
    """Refuses so many updates more, each with another token that it names: none of them is good but the last."""

    refusals = 0

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        if request.method != "PUT" or not self.refusals:
            return await super().exchange(request, issuer, **options)
        self.calls.append("PUT refused")
        self.refusals -= 1
        token = f"another-{next(self._numbers)}"
        self.clients["client-1"]["registration_access_token"] = token
        said = json.dumps({"error": "invalid_token", "registration_access_token": token})
        return Response(status=401, headers={"content-type": "application/json"}, body=said.encode())


async def edited(refusals: int) -> Life:
    """Return a life whose edit was refused that often, or is going to be."""
    server = NamesAnother()
    life = Life(server=server)
    life.apply()
    await life.live(MINUTE)
    server.refusals = refusals
    life.apply(clientMetadata=EDITED)
    await life.live(MINUTE)
    return life


def test_a_token_that_comes_with_a_refusal_is_used_at_once() -> None:
    async def main() -> None:
        life = await edited(2)
        assert life.server.calls == ["POST", "PUT refused", "PUT refused", "PUT"]
        assert life.world.condition() == ("True", "Registered")

    asyncio.run(main())


def test_where_none_of_them_is_good_the_server_is_asked_slowly_and_that_is_said() -> None:
    async def main() -> None:
        life = await edited(10_000)
        before = len(life.server.calls)
        await life.live(3 * HOUR)
        assert len(life.server.calls) - before <= 3 * HOUR / Limits().retry_slowly
        assert life.world.condition() == ("False", "ManagementLost")
        life.apply(policy={"unmanageable": "Reregister"})
        await life.live(HOUR)
        assert life.world.condition() == ("True", "Registered")
        assert life.shown() != (ISSUER, "client-1")

    asyncio.run(main())
