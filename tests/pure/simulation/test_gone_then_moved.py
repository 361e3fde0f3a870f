"""A client that its server does not know any more, and a spec that names another issuer then."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.exchange import Answer, Purpose, Request, Response
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.reach import IssuerAddress
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.lives import EDITED, Life
from tests.pure.simulation.two_issuers import OTHER, TwoIssuers

HOUR = timedelta(hours=1)


class Closed(TwoIssuers):
    """The first issuer registers nobody any more once it is `closed`; `early` counts proofs at the other before a client."""

    closed = False
    early = 0

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        if request.purpose is Purpose.PROVE and issuer.issuer == OTHER and not self.other.clients:
            self.early += 1
        if (
            request.method == "POST"
            and issuer.issuer == ISSUER
            and self.closed
            and request.purpose is not Purpose.PROVE
        ):
            return Response(status=403, body=b'{"error": "access_denied"}')
        return await super().exchange(request, issuer, **options)


@pytest.mark.parametrize("proves", [True, False], ids=["the other proves credentials", "it does not"])
def test_the_other_issuer_is_shown_no_credentials_of_the_first_and_the_move_waits_for_no_proof(proves: bool) -> None:
    async def main() -> None:
        server = Closed()
        server.metadata = {"revocation_endpoint": f"{ISSUER}/revoke"}
        server.other.metadata = {"revocation_endpoint": f"{OTHER}/revoke"}
        server.other.proves = proves
        life = Life(server=server, limits=Limits(retry_slowly=HOUR))
        life.apply(policy={"gone": "Reregister"})
        await life.live(HOUR)
        server.clients.clear()
        server.closed = True
        life.apply(clientMetadata=EDITED)
        await life.live(3 * HOUR)
        life.apply(issuer=OTHER)
        await life.live(HOUR)
        shown = life.shown()
        assert shown is not None
        assert shown[0] == OTHER
        assert server.early == 0

    asyncio.run(main())
