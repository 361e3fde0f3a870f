"""How far a change of an issuer has come outlives the process, or one more client goes first."""

import asyncio
from typing import Any

import pytest

from tests.pure.simulation.issuer_changes import (
    CHANGED,
    NO,
    applied,
    change,
    generations,
    later,
    restarted,
    with_clients,
)


def test_after_a_restart_the_others_wait_as_the_issuers_status_says() -> None:
    platform = with_clients(("shop",), each=4)
    platform.server.refuses = NO
    change(platform)
    message = applied(platform)[2]
    calls = len(platform.server.calls)
    for _ in range(3):
        restarted(platform)
        assert sorted(generations(platform)) == [1, 1, 1, 2]
        assert (len(platform.server.calls), applied(platform)[2]) == (calls, message)
    platform.server.refuses = None
    later(platform, minutes=11)
    assert generations(platform) == [2] * 4


def test_after_a_restart_all_follow_where_the_issuers_status_says_that_they_may() -> None:
    platform = with_clients(("shop",), each=3)
    change(platform)
    # One that was not reached before the process was gone.
    platform.server.refuses = NO
    body = platform.api.get("oauthclients", "shop", "web-2")
    body["status"]["issuer"]["generation"] = 1
    platform.api.put(("oauthclients", "shop", "web-2"), body)
    platform.server.refuses = None
    restarted(platform)
    assert generations(platform) == [2] * 3
    assert applied(platform)[:2] == ("True", "Applied")


def test_an_update_whose_answer_was_lost_in_a_crash_is_brought_to_its_end_whoever_is_first_then() -> None:
    platform = with_clients(("shop",), each=3)
    platform.apply_issuer(CHANGED)
    exchange = platform.server.exchange

    class Killed(BaseException):
        pass

    async def killed(request: Any, issuer: Any, **more: Any) -> Any:
        await exchange(request, issuer, **more)
        raise Killed

    platform.server.exchange = killed  # type: ignore[method-assign] # the process dies here
    with pytest.raises(Killed):
        asyncio.run(platform.settle())
    platform.server.exchange = exchange  # type: ignore[method-assign] # the next one does not
    restarted(platform)
    later(platform, minutes=30)
    assert generations(platform) == [2] * 3
    assert {c["require_pushed_authorization_requests"] for c in platform.server.clients.values()} == {True}
