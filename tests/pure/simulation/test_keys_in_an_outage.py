"""A key whose time is over, at a server that cannot be reached."""

import asyncio
from datetime import timedelta
from typing import Any

from oauthclient_operator.errors import IssuerUnavailable
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.oauth.rfc8414 import ServerMetadata
from tests.pure.simulation.authorization_server import AuthorizationServer
from tests.pure.simulation.lives import Life
from tests.pure.simulation.phases import MINUTE
from tests.pure.simulation.test_keys import METADATA

HOUR = timedelta(hours=1)


class Away(AuthorizationServer):
    """Its metadata cannot be had while it is away."""

    is_away = False

    async def discover(self, source: MetadataSource, caller: Caller, **options: Any) -> ServerMetadata:
        if self.is_away:
            raise IssuerUnavailable("no answer")
        return await super().discover(source, caller, **options)


def test_it_is_taken_from_the_server_when_that_is_back_and_tried_less_and_less_often_until_then() -> None:
    async def main() -> None:
        server = Away()
        life = Life(server=server)
        life.apply(clientMetadata=METADATA, privateKey={}, rotation={"strategy": "Keys", "overlap": "1h"})
        await life.live(MINUTE)
        life.rotate("1")
        await life.live(MINUTE)
        [client] = server.clients.values()
        assert len(client["jwks"]["keys"]) == 2
        server.is_away = True
        server.forget()
        life.process = life.world.start()
        await life.live(2 * HOUR)
        before = life.passes
        await life.live(HOUR)
        assert life.passes - before <= 24, "by then each pause is of five minutes, less half of that by chance"
        server.is_away = False
        await life.live(HOUR)
        [client] = server.clients.values()
        assert len(client["jwks"]["keys"]) == 1

    asyncio.run(main())
