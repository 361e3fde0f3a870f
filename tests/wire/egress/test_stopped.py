"""A process that was stopped (SIGSTOP) over its deadline reads what came meanwhile, and sends nothing."""

import asyncio
import time

import pytest

from oauthclient_operator.egress.door import Door
from oauthclient_operator.exchange import Incomplete, NotSent, Request, Response
from tests.parts.misbehaving import MisbehavingServer, hang, respond, response, send

pytestmark = pytest.mark.slow


def stop_for(seconds: float) -> None:
    """Stand still, as the whole process does: nothing on the loop goes on, and its clock does."""
    time.sleep(seconds)


async def test_an_answer_that_came_in_the_meantime_is_taken(door: Door) -> None:
    late = send(b"", pause=0.4, then=respond(201, {"client_id": "late"}))
    with MisbehavingServer(late).in_thread() as server:
        asyncio.get_running_loop().call_later(0.2, stop_for, 1.6)
        answer = await door.exchange(Request(method="POST", url=server.url(), body=b"{}"), timeout=0.5)
    assert isinstance(answer, Response)
    assert b"late" in answer.body


async def test_where_none_came_the_deadline_is_kept_soon_after(door: Door) -> None:
    with MisbehavingServer(hang).in_thread() as server:
        asyncio.get_running_loop().call_later(0.2, stop_for, 1.6)
        began = time.monotonic()
        answer = await door.exchange(Request(method="POST", url=server.url(), body=b"{}"), timeout=0.5)
    assert isinstance(answer, Incomplete)
    assert 1.8 < time.monotonic() - began < 8


async def test_what_was_not_begun_before_is_not_begun_after(door: Door) -> None:
    with MisbehavingServer(send(response(201))).in_thread() as server:
        until = time.monotonic() + 0.5
        asyncio.get_running_loop().call_soon(stop_for, 1.6)
        answer = await door.exchange(
            Request(method="POST", url=server.url(), body=b"{}"),
            timeout=0.5,
            may_begin=lambda: "too late" if time.monotonic() > until else None,
        )
        assert server.requests == []
    assert answer == NotSent(cause="too late", ours=True)
