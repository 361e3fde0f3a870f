"""A server that answers 401 for one client whatever is shown: the access token that all share is not its tenant's."""

from datetime import timedelta
from typing import Any

from oauthclient_operator import names
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
    platform.edit("Other", name="web-1")
    platform.apply("web-2")
    platform.settled()
    assert platform.is_ready("web-1")
    assert platform.is_ready("web-2")
    assert server.clients[platform.client_id("web-1")]["client_name"] == "Other"
    platform.later(MINUTE)
    assert platform.said()[:2] == ("False", "AccessDenied")


def test_a_token_that_was_withdrawn_meanwhile_is_found_out_by_a_registration() -> None:
    platform, server = with_one_that_is_refused()
    for number in range(2):
        platform.edit(f"Shop {number}")
    withdrawn = {*server.tokens}
    server.takes = lambda token: token in server.tokens and token not in withdrawn
    platform.apply("web-2")
    platform.settled()
    assert platform.is_ready("web-2")


def withdrawn_in_the_minute() -> tuple[ManagedPlatform, Administered]:
    """Return a platform whose access token was withdrawn just after one was thrown away for the first client."""
    platform, server = with_one_that_is_refused()
    platform.edit("Shop")
    assert platform.said()[:2] == ("False", "AccessDenied"), "two tokens were refused: it is that client"
    withdrawn = {*server.tokens}
    server.objects = lambda token: UNAUTHORIZED if token in withdrawn else None
    server.takes = lambda token: token in server.tokens and token not in withdrawn
    return platform, server


def is_soon(platform: ManagedPlatform, name: str) -> bool:
    """Whether a client that waits says why, shows nothing more, and is ready a minute later."""
    status, reason, message = platform.said(name=name)
    assert (status, reason) == ("Unknown", "Pending")
    assert "tried again by itself with another one, within a minute" in message
    calls, tokens = len(platform.server.managed), len(platform.server.tokens)
    platform.later(MINUTE / 2)
    assert (len(platform.server.managed), len(platform.server.tokens)) == (calls, tokens)
    platform.later(MINUTE / 2)
    return platform.is_ready(name)


def test_a_token_that_was_withdrawn_while_it_is_kept_for_anothers_sake_delays_an_edit_by_a_minute() -> None:
    platform, server = withdrawn_in_the_minute()
    platform.edit("Other", name="web-1")
    assert is_soon(platform, "web-1")
    assert server.clients[platform.client_id("web-1")]["client_name"] == "Other"
    assert len(server.tokens) == 3


def test_an_edit_in_that_minute_is_made_with_the_token_that_is_kept_and_once_more_with_another() -> None:
    platform, server = withdrawn_in_the_minute()
    platform.edit("Other", name="web-1")
    platform.edit("Another", name="web-1")
    assert is_soon(platform, "web-1")
    assert server.clients[platform.client_id("web-1")]["client_name"] == "Another"


def test_a_read_waits_for_another_token_too() -> None:
    platform, server = withdrawn_in_the_minute()
    platform.api.annotate("shop", "web-1", {names.REFRESH_ANNOTATION: "now"})
    platform.later(timedelta())
    assert "waits: the authorization server did not take the access token" in platform.said(name="web-1")[2]
    platform.later(MINUTE)
    assert [what.split()[0] for what in server.managed[-2:]] == ["GET", "GET"]
    assert "waits" not in platform.said(name="web-1")[2]


def test_a_client_that_the_server_does_not_know_says_so_after_that_minute_and_is_tried_seldom() -> None:
    platform, server = with_one_that_is_refused()
    platform.edit("Shop")
    platform.edit("Shop once more")
    assert platform.said()[1] == "Pending", "one token alone was refused what it says"
    platform.later(MINUTE)
    assert platform.said()[:2] == ("False", "AccessDenied")
    calls = len(server.managed)
    for _ in range(10):
        platform.later(MINUTE)
    assert len(server.managed) == calls
