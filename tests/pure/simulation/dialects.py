"""Servers that do otherwise than RFC 7591 and RFC 7592 say, and a platform whose issuer says so."""

import asyncio
import base64
import json
from datetime import timedelta
from typing import Any

from oauthclient_operator.exchange import Answer, Request
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.resource.key import oauth_client
from tests.pure.simulation.platform import CLIENT, SPEC, Platform, Server

METADATA = CLIENT["clientMetadata"]
READY = ("True", "Registered")


class Particular(Server):
    """It keeps what it is sent; as Keycloak it refuses what it does not know, as IBM an update without its secret."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[dict[str, Any]] = []
        """What registrations and updates said."""
        self.refuses_members: frozenset[str] = frozenset()
        self.wants_secret = False
        self.merges = False

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        if request.method in ("POST", "PUT") and request.url != f"{self.issuer}/token":
            body = json.loads(request.body or b"{}")
            self.bodies.append(body)
            if self.refuses_members & body.keys():
                self.calls.append(request.method)
                return self._answer(400, {"error": "invalid_client_metadata"})
            client = self.clients.get(request.url.rpartition("/")[2])
            if request.method == "PUT" and self.wants_secret and client is not None:
                if body.get("client_secret") != client["client_secret"]:
                    self.calls.append("PUT")
                    return self._answer(400, {"error": "invalid_request"})
                self.renews = lambda _: True
            if request.method == "PUT" and self.merges and client is not None:
                self.answers = {n: v for n, v in {**client, **body}.items() if n in client and n not in body}
                self.answers = {n: v for n, v in self.answers.items() if not n.startswith(("client_", "registration_"))}
        return await super().exchange(request, issuer, **options)


def platform_with(dialect: dict[str, Any], **client: Any) -> tuple[Platform, Particular]:
    server = Particular()
    platform = Platform(server=server)
    platform.apply_issuer({**SPEC, "dialect": dialect})
    platform.apply(**client)
    return platform, server


def settled(platform: Platform) -> Platform:
    asyncio.run(platform.settle())
    return platform


async def lived(platform: Platform, time: timedelta, *, step: timedelta = timedelta(hours=6)) -> None:
    """Let time pass, and have the client looked at from time to time, as it is due."""
    until = platform.clock.now() + time
    while platform.clock.now() < until:
        await platform.clock.sleep(step.total_seconds())
        platform.wake(oauth_client("shop", "web"))
        await platform.settle()


def published(platform: Platform) -> dict[str, str]:
    secret = platform.api.get("secrets", "shop", "web")
    assert secret is not None
    return {name: base64.b64decode(value).decode() for name, value in secret["data"].items()}
