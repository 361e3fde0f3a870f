"""A server with metadata documents at places of its own, and the search for them."""

import asyncio
from typing import Any

from oauthclient_operator.egress.door import Door
from oauthclient_operator.issuer.discovery import Discovery
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.oauth.rfc8414 import DiscoveryForm, ServerMetadata
from oauthclient_operator.oauth.rfc9449 import Nonces
from tests.parts.misbehaving import Behaviour, MisbehavingServer, Received, respond

APPENDED = "/a/.well-known/openid-configuration"
INSERTED = "/.well-known/oauth-authorization-server/a"
OPENID_INSERTED = "/.well-known/openid-configuration/a"


class Documents:
    """A server with documents at paths; 404 everywhere else."""

    def __init__(self) -> None:
        self.at: dict[str, Behaviour] = {}
        self.server = MisbehavingServer(self._behave)

    async def _behave(self, received: Received, writer: asyncio.StreamWriter) -> None:
        await self.at.get(received.target, respond(404, body=b"<html>", content_type="text/html"))(received, writer)

    @property
    def issuer(self) -> str:
        return self.server.url("/a")

    @property
    def asked(self) -> list[str]:
        return [request.target for request in self.server.requests]

    def document(self, *, registration: str | None = "/reg", **members: Any) -> Behaviour:
        endpoint = {} if registration is None else {"registration_endpoint": self.server.url(registration)}
        return respond(200, {"issuer": self.issuer, **endpoint, **members})


async def fetch(
    documents: Documents, door: Door, form: DiscoveryForm = DiscoveryForm.AUTO, *, within: float = 5, **source: Any
) -> ServerMetadata:
    source = {"issuer": documents.issuer, "form": form, **source}
    return await Discovery(lambda _issuer: door, Nonces(), timeout=within).fetch(MetadataSource(**source))
