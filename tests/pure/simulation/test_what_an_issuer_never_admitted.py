"""What let clients in at a ClusterOAuthIssuer serves those that it admitted once, and no client that came otherwise."""

import asyncio
import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.exchange import Answer, Request, Response
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.resource.key import oauth_client
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.platform import CLIENT, SPEC, Platform, Server

TOKEN = "the-token-of-the-platform"
TIGHTER = {**SPEC["allowed"], "redirectURIs": ["https://other.example.com/*"]}
WITH_TOKEN = {**SPEC, "access": {"initialAccessToken": {"secretRef": {"name": "idp-token"}}}}


class Registrar(Server):
    """It keeps what was presented with each registration."""

    def __init__(self) -> None:
        super().__init__()
        self.presented: list[str | None] = []
        self.refuses_registrations_named: str | None = None

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        if request.method == "POST":
            self.presented.append(request.credentials.reveal() if request.credentials is not None else None)
            if json.loads(request.body or b"{}").get("client_name") == self.refuses_registrations_named:
                return Response(status=400, body=b'{"error": "invalid_client_metadata"}')
        return await super().exchange(request, issuer, **options)


def platform_with_token(spec: dict[str, Any] = WITH_TOKEN) -> tuple[Platform, Registrar]:
    server = Registrar()
    platform = Platform(server=server)
    data = {key: base64.b64encode(value.encode()).decode() for key, value in (("token", TOKEN), ("issuer", ISSUER))}
    platform.api.put(
        ("secrets", names.SYSTEM_NAMESPACE, "idp-token"),
        {"metadata": {"name": "idp-token", "uid": "t"}, "type": names.INITIAL_ACCESS_TOKEN_TYPE, "data": data},
    )
    platform.apply_issuer(spec)
    return platform, server


def settled(platform: Platform) -> Platform:
    asyncio.run(platform.settle())
    return platform


def asks_for_another(platform: Platform, namespace: str) -> None:
    platform.clock.time += timedelta(days=1)
    platform.api.annotate(namespace, "web", {names.ROTATE_ANNOTATION: "now"})
    platform.wake(oauth_client(namespace, "web"))
    settled(platform)


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param({}, id="as it is"),
        pytest.param({"clientMetadata": {"redirect_uris": "none"}}, id="with metadata that cannot be judged"),
        pytest.param({"rotation": {"interval": "soon"}}, id="with another mistake beside"),
    ],
)
def test_a_namespace_that_is_not_admitted_has_no_client_renewed_that_it_brought_along(edit: dict[str, Any]) -> None:
    platform, server = platform_with_token()
    # By a way of its own, at the same issuer.
    platform.api.apply("billing", "web", {"issuer": ISSUER, "clientMetadata": CLIENT["clientMetadata"]})
    platform.wake(oauth_client("billing", "web"))
    settled(platform)
    assert (platform.said(namespace="billing")[:2], server.presented) == (("True", "Registered"), [None])
    platform.apply(namespace="billing", **edit)
    settled(platform)
    # A read of it changes nothing about that.
    platform.api.annotate("billing", "web", {names.REFRESH_ANNOTATION: "now"})
    platform.wake(oauth_client("billing", "web"))
    settled(platform)
    asks_for_another(platform, "billing")
    assert server.presented == [None]
    assert platform.said(namespace="billing")[1] in ("NotAllowedByIssuer", "InvalidSpec")


def test_a_client_that_a_tighter_rule_excludes_is_renewed_unchanged() -> None:
    platform, server = platform_with_token()
    platform.apply()
    settled(platform)
    platform.apply_issuer({**WITH_TOKEN, "allowed": TIGHTER})
    settled(platform)
    assert platform.said()[1] == "NotAllowedByIssuer"
    asks_for_another(platform, "shop")
    assert server.presented == [TOKEN, TOKEN]
    uris = {uri for client in server.clients.values() for uri in client["redirect_uris"]}
    assert uris == {*CLIENT["clientMetadata"]["redirect_uris"]}
    assert platform.said()[1] == "NotAllowedByIssuer"


def test_what_the_issuer_excludes_is_not_registered_in_the_place_of_an_edit_that_its_server_refuses() -> None:
    platform, server = platform_with_token()
    elsewhere = {"client_name": "Web", "redirect_uris": ["https://attacker.example.com/callback"]}
    platform.api.apply("shop", "web", {"issuer": ISSUER, "clientMetadata": elsewhere})
    platform.wake(oauth_client("shop", "web"))
    settled(platform)
    assert (platform.said()[:2], server.presented) == (("True", "Registered"), [None])
    server.refuses = Response(status=400, body=b'{"error": "invalid_client_metadata"}')
    server.refuses_registrations_named = "Refused"
    platform.apply(clientMetadata={**CLIENT["clientMetadata"], "client_name": "Refused"})
    settled(platform)
    asks_for_another(platform, "shop")
    for _ in range(3):
        platform.clock.time += timedelta(hours=1)
        platform.wake(oauth_client("shop", "web"))
        settled(platform)
    assert {*server.presented[1:]} == {TOKEN}
    made = [client["redirect_uris"] for client in server.clients.values()]
    assert made == [elsewhere["redirect_uris"]]
