"""Two authorization servers in memory, each at its own issuer, behind the one port that reaches issuers."""

from typing import Any

from oauthclient_operator.exchange import Answer, Request
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.oauth.rfc8414 import ServerMetadata
from oauthclient_operator.reach import IssuerAddress
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer

OTHER = "https://other.example"


class TwoIssuers(AuthorizationServer):
    """Itself at the first issuer; `other` is the second one's, with clients and a log of its own."""

    def __init__(self, *, rotates: bool = True) -> None:
        super().__init__(rotates=rotates, issuer=ISSUER)
        self.other = AuthorizationServer(rotates=rotates, issuer=OTHER)

    async def discover(self, source: MetadataSource, caller: Caller, **options: Any) -> ServerMetadata:
        """Fetch the metadata of whichever is asked for."""
        if source.issuer == OTHER:
            return await self.other.discover(source, caller, **options)
        return await super().discover(source, caller, **options)

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        """Call whichever the request goes to; each knows its own tokens alone."""
        assert request.url.startswith(f"{issuer}/"), "what one issuer gave is sent to that one alone"
        if issuer.issuer == OTHER:
            return await self.other.exchange(request, issuer, **options)
        return await super().exchange(request, issuer, **options)
