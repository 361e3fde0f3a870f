"""NotSent is said only, and always, when no byte of the request was written."""

import asyncio
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.egress.door import Door
from oauthclient_operator.egress.policy import EgressPolicy
from oauthclient_operator.egress.resolution import Resolver
from oauthclient_operator.exchange import NotSent, Request, Response, bearer
from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving import MisbehavingServer, hang, leave, reset, respond, send
from tests.parts.ports import free_port
from tests.wire.egress.conftest import NAME, DoorOf, Heard


def post(url: str) -> Request:
    return Request(
        method="POST", url=url, authorization=bearer(Confidential("secret")), body=b'{"client_name": "canary"}'
    )


async def not_sent(door: Door, url: str, *, within: float = 5) -> str:
    answer = await door.exchange(post(url), timeout=within)
    assert isinstance(answer, NotSent)
    assert not answer.refused
    assert "secret" not in answer.cause
    return answer.cause


async def test_a_name_that_does_not_resolve(door: Door, heard: Heard) -> None:
    cause = await not_sent(door, "https://nowhere.example.com/")
    assert cause == "nowhere.example.com cannot be resolved: Name or service not known"
    assert not heard.connects


async def test_a_name_without_an_address(heard: Heard, door_of: DoorOf) -> None:
    assert await not_sent(door_of({NAME: []}), f"https://{NAME}/") == f"{NAME} has no address"
    assert not heard.connects


async def test_a_port_where_nobody_listens(door: Door) -> None:
    port = free_port()
    cause = await not_sent(door, f"https://127.0.0.1:{port}/")
    assert cause == f"127.0.0.1 cannot be connected to on port {port}: connection refused"


async def test_a_host_that_does_not_answer(door: Door) -> None:
    with socket.socket() as full:
        # A backlog that is full: the kernel drops what comes next, as a black hole does.
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(address)
        cause = await not_sent(door, f"http://127.0.0.1:{address[1]}/", within=0.3)
        for filler in fillers:
            filler.close()
    assert cause == "no complete response within 1 s"


@pytest.mark.parametrize(
    ("greeting", "words"),
    [
        (leave, "failed"),
        (reset, "failed"),
        (send(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "failed"),
        (send(b"\x15\x03\x01\x00\x02\x02\x28"), "failed: "),
        (hang, "no complete response within 1 s"),
    ],
    ids=["end", "reset", "plain http", "alert", "hang"],
)
async def test_tls_that_does_not_come_about(door: Door, greeting: Callable[..., object], words: str) -> None:
    async with MisbehavingServer(hang, greeting=greeting) as server:  # type: ignore[arg-type] # a table's row
        cause = await not_sent(door, server.url().replace("http:", "https:"), within=0.3 if greeting is hang else 5)
        assert words in cause
        assert server.connections == 1


async def test_D7_C1_M1_a_certificate_for_another_name(door: Door, certificate_authority: CertificateAuthority) -> None:
    certificate = certificate_authority.certificate("other.example.com")
    async with MisbehavingServer(respond(200, {}), certificate=certificate) as server:
        cause = await not_sent(door, server.url(host=NAME))
        assert f"the certificate of {NAME} is not valid: Hostname mismatch" in cause
        assert not server.requests


async def test_D7_C1_M1_a_certificate_of_an_unknown_authority(door: Door, tmp_path: Path) -> None:
    stranger = CertificateAuthority.made(tmp_path)
    async with MisbehavingServer(respond(200, {}), certificate=stranger.certificate(NAME)) as server:
        cause = await not_sent(door, server.url(host=NAME))
        assert f"the certificate of {NAME} is not valid: unable to get local issuer certificate" in cause
        assert not server.requests


async def test_a_deadline_that_is_over_before_it_begins(door: Door) -> None:
    async with MisbehavingServer(respond(200, {})) as server:
        assert await not_sent(door, server.url(), within=0)
        assert not server.requests


async def test_a_token_that_no_header_can_carry(door: Door) -> None:
    async with MisbehavingServer(respond(200, {})) as server:
        request = Request(method="GET", url=server.url(), authorization=bearer(Confidential("secret\r\nHost: x")))
        answer = await door.exchange(request, timeout=5)
        assert answer == NotSent(cause="the access token holds a character that no header can carry", ours=True)
        assert server.connections == 0


async def test_the_caller_is_asked_right_before_the_first_byte(door: Door, heard: Heard) -> None:
    async with MisbehavingServer(respond(200, {})) as server:
        asked: list[int] = []

        def objection() -> str | None:
            asked.append(len(heard.connects))
            return "the lease ran short"

        answer = await door.exchange(post(server.url()), timeout=5, may_begin=objection)
        assert answer == NotSent(cause="the lease ran short", ours=True)
        await server.ended.wait()
        assert (asked, server.requests) == ([1], [])
        answer = await door.exchange(post(server.url()), timeout=5, may_begin=lambda: asked.append(0))
        assert isinstance(answer, Response)
        assert asked == [1, 0]


async def test_a_cancellation_before_the_first_byte_goes_on(door: Door) -> None:
    async with MisbehavingServer(hang, greeting=hang) as server:
        task = asyncio.create_task(door.exchange(post(server.url().replace("http:", "https:")), timeout=5))
        await server.arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_cancellation_while_the_name_is_resolved_goes_on(certificate_authority: CertificateAuthority) -> None:
    asked, answer = threading.Event(), threading.Event()

    def getaddrinfo(*_: object, **__: object) -> list[Any]:
        asked.set()
        answer.wait(5)
        return []

    door = Door(policy=EgressPolicy(), ca_bundle=certificate_authority.bundle, resolver=Resolver(getaddrinfo))
    task = asyncio.create_task(door.exchange(post(f"https://{NAME}/"), timeout=5))
    await asyncio.to_thread(asked.wait, 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    answer.set()
