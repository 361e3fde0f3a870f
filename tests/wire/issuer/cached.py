"""A discovery cache over issuers that a test plays."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from oauthclient_operator.errors import (
    IssuerNotAsked,
    OperatorError,
)
from oauthclient_operator.issuer.caller import Tenant
from oauthclient_operator.issuer.discovery_cache import (
    DiscoveryCache,
)
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.oauth.rfc8414 import ServerMetadata
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.resource.key import Key

ISSUER = "https://idp.example.com"


SOURCE = MetadataSource(issuer=ISSUER)


def metadata(issuer: str) -> ServerMetadata:
    return ServerMetadata(
        issuer=issuer,
        registration_endpoint=f"{issuer}/reg",
        endpoints={},
        token_endpoint_auth_methods_supported=("none",),
        grant_types_supported=(),
    )


class Issuers:
    """Answers discovery when a test lets it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.asked: list[MetadataSource] = []
        self.failure: OperatorError | None = None
        self.not_asked: set[Tenant] = set()
        """Tenants for which our own side does not get it done."""
        self.woken: list[Key] = []
        self.open = asyncio.Event()
        self.open.set()
        self.trust = "system"
        self.changed: list[IssuerAddress] = []
        self.replaced: list[MetadataSource] = []
        self.methods: tuple[str, ...] = ("none",)
        self.cache = DiscoveryCache(
            self.fetch,
            trust=lambda _issuer: self.trust,
            clock=clock,
            chance=lambda: 0.5,
            changed=self.changed.append,
            replaced=self.replaced.append,
        )

    async def fetch(self, source: MetadataSource, tenant: Tenant | None) -> ServerMetadata:
        self.asked.append(source)
        await self.open.wait()
        if tenant in self.not_asked:
            raise IssuerNotAsked("too many names")
        if self.failure is not None:
            raise self.failure
        return replace(metadata(source.issuer), token_endpoint_auth_methods_supported=self.methods)
