"""The spec names another issuer, and what is published is of no use before long, or already: what is done, and said."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.errors import IssuerUnavailable
from oauthclient_operator.exchange import Answer, NotSent, Purpose, Request, Response
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.oauth.rfc8414 import ServerMetadata
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.reach import IssuerAddress
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.expiring import expiring
from tests.pure.simulation.lives import EDITED, Life, said_of
from tests.pure.simulation.phases import DAY, MINUTE
from tests.pure.simulation.test_moving_by_adoption import ADOPT
from tests.pure.simulation.two_issuers import OTHER, TwoIssuers

HOUR = timedelta(hours=1)
CLOSED = Response(status=403, body=b'{"error": "access_denied"}')
ANOTHER: dict[str, Any] = {"issuer": OTHER}
"""Named without a client that is there already."""


class Away(TwoIssuers):
    """The other issuer has no metadata to be had, or cannot be connected to; registrations at `here` may fail, too."""

    def __init__(self, there: Answer | None, here: Response | None = None) -> None:
        super().__init__()
        self.there, self.here = there, here
        self.metadata = {"revocation_endpoint": f"{ISSUER}/revoke"}

    async def discover(self, source: MetadataSource, caller: Caller, **options: Any) -> ServerMetadata:
        if source.issuer == OTHER and self.there is None:
            raise IssuerUnavailable("no answer")
        return await super().discover(source, caller, **options)

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        registers = request.method == "POST" and request.purpose is not Purpose.PROVE
        if registers and issuer.issuer == OTHER and self.there is not None:
            return self.there
        if registers and issuer.issuer == ISSUER and self.here is not None:
            return self.here
        return await super().exchange(request, issuer, **options)


@pytest.mark.parametrize("spec", [ANOTHER, ADOPT], ids=["to be registered there", "to be adopted there"])
@pytest.mark.parametrize("there", [None, NotSent(cause="no route")], ids=["no metadata", "no connection"])
def test_a_client_that_is_gone_is_replaced_at_its_own_issuer_while_the_other_one_cannot_be_reached(
    there: Answer | None, spec: dict[str, Any]
) -> None:
    async def main() -> None:
        server = Away(there, CLOSED)
        life = Life(server=server, limits=Limits(retry_slowly=HOUR))
        server.here = None
        life.apply(policy={"gone": "Reregister"})
        await life.live(HOUR)
        server.clients.clear()
        server.here = CLOSED
        # An edit finds out that it is gone.
        life.apply(clientMetadata=EDITED)
        await life.live(30 * MINUTE)
        assert life.world.condition("CredentialsValid") == ("False", "ClientGone")
        server.here = None
        life.apply(**spec)
        await life.live(DAY)
        assert life.shown() in life.living()
        assert "POST" not in server.other.calls

    asyncio.run(main())


@pytest.mark.parametrize("spec", [ANOTHER, ADOPT], ids=["to be registered there", "to be adopted there"])
@pytest.mark.parametrize(
    ("status", "words"), [(502, "oauth-operator.dev/resolve"), (403, "HTTP 403")], ids=["lost here", "refused here"]
)
def test_what_keeps_a_renewal_from_its_own_issuer_is_said_beside_what_keeps_it_from_the_other_one(
    status: int, words: str, spec: dict[str, Any]
) -> None:
    async def main() -> None:
        server = Away(Response(status=400, body=b'{"error": "invalid_client_metadata"}'))
        life = expiring(server, DAY)
        life.apply()
        await life.live(HOUR)
        server.here = Response(status=status)
        life.apply(**spec)
        await life.live(22.5 * HOUR)
        said = said_of(life, "Ready")
        assert f'nor can client "client-1" be replaced at its own issuer, {ISSUER}, meanwhile: ' in said
        assert words in said

    asyncio.run(main())
