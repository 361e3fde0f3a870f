"""Names are resolved off the loop, within the deadline, and nobody waits for another's name server."""

import asyncio
import contextlib
import socket
import threading
from ipaddress import ip_address
from typing import Any

import pytest

from oauthclient_operator.egress.door import Door
from oauthclient_operator.egress.policy import EgressPolicy
from oauthclient_operator.egress.resolution import Resolver
from oauthclient_operator.errors import NameNotResolved
from oauthclient_operator.exchange import NotSent, Request, Response
from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving import MisbehavingServer, respond
from tests.wire.egress.conftest import NAME, DoorOf


class SlowNames:
    """A name server that answers for one name at once, and for the others when it is told to."""

    def __init__(self) -> None:
        self.answer = threading.Event()
        self.asked: list[str] = []

    def getaddrinfo(self, host: str, _: object, **__: object) -> list[Any]:
        self.asked.append(host)
        if host != NAME:
            self.answer.wait(10)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]


@pytest.mark.slow
async def test_a_name_server_that_never_answers_costs_its_own_name_the_deadline_and_others_nothing(
    certificate_authority: CertificateAuthority,
) -> None:
    names = SlowNames()
    door = Door(
        policy=EgressPolicy.parse(private_issuers=[NAME], http_issuers=[NAME]),
        ca_bundle=certificate_authority.bundle,
        resolver=Resolver(names.getaddrinfo),
    )
    begun = asyncio.get_running_loop().time()
    hole = Request(method="POST", url="https://hole.example.com/")
    waiting = [asyncio.create_task(door.exchange(hole, timeout=1)) for _ in range(20)]
    async with MisbehavingServer(respond(200, {})) as server:
        answer = await door.exchange(Request(method="GET", url=server.url(host=NAME)), timeout=5)
        assert isinstance(answer, Response)
    assert not any(task.done() for task in waiting)
    answers = await asyncio.gather(*waiting)
    assert asyncio.get_running_loop().time() - begun < 3
    assert set(answers) == {NotSent(cause="no complete response within 1 s")}
    assert names.asked.count("hole.example.com") == 1
    names.answer.set()


async def test_one_lookup_serves_all_who_wait_and_survives_the_first_of_them() -> None:
    names = SlowNames()
    resolver = Resolver(names.getaddrinfo)
    first, second = (asyncio.create_task(resolver.resolve("slow.example.com")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    names.answer.set()
    assert await second == (ip_address("127.0.0.1"),)
    assert first.cancelled()
    assert names.asked == ["slow.example.com"]


async def test_an_answer_is_not_remembered() -> None:
    names = SlowNames()
    resolver = Resolver(names.getaddrinfo)
    for _ in range(2):
        await resolver.resolve(NAME)
    assert names.asked == [NAME, NAME]


async def test_lookups_under_way_are_bounded() -> None:
    names = SlowNames()
    resolver = Resolver(names.getaddrinfo)
    tasks = [asyncio.create_task(resolver.resolve(f"n{n}.example.com")) for n in range(128)]
    await asyncio.sleep(0)
    one_more = asyncio.create_task(resolver.resolve("one-more.example.com"))
    await asyncio.sleep(0)
    assert len(names.asked) <= 128
    names.answer.set()
    await asyncio.gather(*tasks)
    await one_more
    assert names.asked[-1] == "one-more.example.com"


@pytest.mark.parametrize("error", [UnicodeError("label too long"), OSError(), socket.gaierror(-3, "Try again")])
async def test_a_lookup_that_fails_is_a_name_that_is_not_resolved(error: Exception) -> None:
    def getaddrinfo(*_: object, **__: object) -> list[Any]:
        raise error

    with pytest.raises(NameNotResolved, match=f"^{NAME} cannot be resolved: (not a name|Try again)$"):
        await Resolver(getaddrinfo).resolve(NAME)


async def test_the_system_resolves_names_without_looking_them_up_twice() -> None:
    assert ip_address("127.0.0.1") in await Resolver().resolve("localhost")


async def test_the_next_address_is_tried_when_one_does_not_answer(door_of: DoorOf) -> None:
    async with MisbehavingServer(respond(200, {}), host="127.0.0.2") as server:
        door = door_of({NAME: ["::1", "127.0.0.1", "127.0.0.2"]}, private_issuers=[NAME], http_issuers=[NAME])
        answer = await door.exchange(Request(method="GET", url=server.url(host=NAME)), timeout=5)
        assert isinstance(answer, Response)
        assert server.connections == 1


async def test_an_address_that_says_nothing_costs_its_share_of_the_deadline(
    door_of: DoorOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oauthclient_operator.egress.network._TIMEOUT", 0.1)
    server = MisbehavingServer(respond(200, {}), host="127.0.0.2")
    with socket.socket() as hole, contextlib.ExitStack() as fillers:
        # A backlog that is full: the kernel drops what comes next, as a black hole does.
        hole.bind(("127.0.0.1", 0))
        hole.listen(0)
        server.port = hole.getsockname()[1]
        for _ in range(4):
            filler = fillers.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(hole.getsockname())
        async with server:
            door = door_of({NAME: ["127.0.0.1", "127.0.0.2"]}, private_issuers=[NAME], http_issuers=[NAME])
            answer = await door.exchange(Request(method="GET", url=server.url(host=NAME)), timeout=5)
        assert isinstance(answer, Response)
        assert len(server.requests) == 1
