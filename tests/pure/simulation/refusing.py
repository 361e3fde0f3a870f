"""An authorization server that refuses some metadata, in whatever words a test gives it."""

from typing import Any

from oauthclient_operator.exchange import Answer, Purpose, Request, Response
from oauthclient_operator.reach import IssuerAddress
from tests.pure.simulation.authorization_server import AuthorizationServer
from tests.pure.simulation.lives import METADATA

UNWANTED = {**METADATA, "client_name": "unwanted"}


class Refusing(AuthorizationServer):
    """It takes no metadata with that name."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        if b'"unwanted"' in (request.body or b"") and request.purpose is not Purpose.PROVE:
            return self.answer
        return await super().exchange(request, issuer, **options)
