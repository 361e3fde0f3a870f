"""A server that answers 401 for one client whatever is shown: the access token that all share is not its tenant's."""

from datetime import timedelta
from typing import Any

from oauthclient_operator.exchange import Answer, Request, Response
from oauthclient_operator.reach import IssuerAddress
from tests.pure.simulation.managed import Administered, ManagedPlatform, managed

UNAUTHORIZED = Response(status=401, headers={"content-type": "application/json"}, body=b'{"error": "invalid_token"}')
MINUTE = timedelta(minutes=1)


def with_one_that_is_refused() -> tuple[ManagedPlatform, Administered]:
    """Return a platform with two clients, of which the server does not know the first any more."""
    platform = managed(clients=2)
    unknown, seen = platform.client_id(), platform.server.exchange

    async def exchange(request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        answer = await seen(request, issuer, **options)
        # RFC 7592 section 2.1: "If the client does not exist on this server, the server MUST respond with HTTP 401
        # Unauthorized".
        return UNAUTHORIZED if request.url.endswith(f"/{unknown}") else answer

    platform.server.exchange = exchange  # type: ignore[method-assign] # one address answers otherwise
    return platform, platform.server


def refusals(server: Administered) -> int:
    return sum(what.startswith("PUT") for what in server.managed)


def test_one_tenants_edits_have_no_token_obtained_again_and_again() -> None:
    platform, server = with_one_that_is_refused()
    began = platform.clock.now()
    for number in range(10):
        platform.edit(f"Shop {number}")
    assert refusals(server) >= 8, "edits are tried until its calls are spent"
    assert len(server.tokens) <= 2 + (platform.clock.now() - began) / MINUTE


def test_nobody_else_waits_for_that() -> None:
    platform, server = with_one_that_is_refused()
    for number in range(4):
        platform.edit(f"Shop {number}")
    assert platform.said()[:2] == ("False", "AccessDenied")
    platform.edit("Other", name="web-1")
    platform.apply("web-2")
    platform.settled()
    assert platform.is_ready("web-1")
    assert platform.is_ready("web-2")
    assert server.clients[platform.client_id("web-1")]["client_name"] == "Other"


def test_a_token_that_was_withdrawn_meanwhile_is_found_out_by_a_registration() -> None:
    platform, server = with_one_that_is_refused()
    for number in range(2):
        platform.edit(f"Shop {number}")
    withdrawn = {*server.tokens}
    server.takes = lambda token: token in server.tokens and token not in withdrawn
    platform.apply("web-2")
    platform.settled()
    assert platform.is_ready("web-2")
