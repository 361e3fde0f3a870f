"""Lookups that never end take their tenant's share of the places, and nobody else's; want of a place is our own side's."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import pytest

from oauthclient_operator.egress.door import Door
from oauthclient_operator.egress.policy import EgressPolicy
from oauthclient_operator.egress.resolution import NO_PLACE, Resolver
from oauthclient_operator.errors import NameNotAsked, NameNotResolved
from oauthclient_operator.exchange import NotSent, Request
from tests.parts.certificates import CertificateAuthority

ALL = 128
ADDRESS = (ip_address("127.0.0.1"),)


class NameServer:
    """Answers for `good` at once, and for others when it is told to, each by its name or all of them."""

    def __init__(self) -> None:
        self.answers: dict[str, threading.Event] = {}
        self.stop = threading.Event()
        self.asked: list[str] = []

    def getaddrinfo(self, host: str, _: object, **__: object) -> list[Any]:
        self.asked.append(host)
        if not host.startswith("good"):
            self.answers.setdefault(host, threading.Event()).wait(20)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]

    def answer(self, host: str) -> None:
        self.answers.setdefault(host, threading.Event()).set()


@pytest.fixture
def names() -> Iterator[NameServer]:
    names = NameServer()
    yield names
    for host in names.asked:
        names.answer(host)


async def unanswered(resolver: Resolver, tenant: str, number: int) -> tuple[int, int]:
    """Look so many names up that nobody answers; return how many lookups go on, and how many were refused."""
    tasks = [asyncio.create_task(resolver.resolve(f"{tenant}-{n}.example.com", tenant)) for n in range(number)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    refused = [task for task in tasks if task.done()]
    for task in refused:
        assert isinstance(task.exception(), NameNotAsked)
    return number - len(refused), len(refused)


async def test_two_tenants_with_150_names_that_nobody_answers_delay_no_other(names: NameServer) -> None:
    resolver = Resolver(names.getaddrinfo)
    first, _ = await unanswered(resolver, "mallory", 150)
    second, _ = await unanswered(resolver, "mallet", 150)
    async with asyncio.timeout(5):
        assert await resolver.resolve("good.example.com", "shop") == ADDRESS
    assert (first, second) == (25, 20)


async def test_the_more_do_not_end_the_smaller_is_everybodys_share_and_there_is_one_for_who_has_none(
    names: NameServer,
) -> None:
    resolver = Resolver(names.getaddrinfo)
    shares = [(await unanswered(resolver, f"tenant-{n}", 150))[0] for n in range(16)]
    assert shares == [25, 20, 16, 13, 11, 8, 7, 5, 4, 4, 3, 2, 2, 1, 1, 1]
    assert sum(shares) < ALL
    async with asyncio.timeout(5):
        assert await resolver.resolve("good.example.com", "shop") == ADDRESS


async def test_where_no_place_is_left_tenants_take_turns(names: NameServer) -> None:
    resolver = Resolver(names.getaddrinfo)
    await_all = [asyncio.create_task(resolver.resolve(f"hung-{n}.example.com", n)) for n in range(ALL)]
    await asyncio.sleep(0)
    order: list[str] = []

    async def look_up(host: str, tenant: str) -> None:
        await resolver.resolve(host, tenant)
        order.append(host)

    waiting = [
        asyncio.create_task(look_up(host, tenant))
        for host, tenant in [("good-1", "many"), ("good-2", "many"), ("good-3", "many"), ("good-4", "one")]
    ]
    await asyncio.sleep(0)
    assert not order
    names.answer("hung-0.example.com")
    async with asyncio.timeout(5):
        await asyncio.gather(*waiting)
    assert order == ["good-1", "good-4", "good-2", "good-3"]
    for task in await_all:
        task.cancel()


async def test_a_place_that_came_to_somebody_who_has_left_goes_to_the_next(names: NameServer) -> None:
    resolver = Resolver(names.getaddrinfo)
    hung = [asyncio.create_task(resolver.resolve(f"hung-{n}.example.com", n)) for n in range(ALL)]
    await asyncio.sleep(0)
    left, leaves, stays = (asyncio.create_task(resolver.resolve(f"good-{n}", f"t{n}")) for n in range(3))
    await asyncio.sleep(0)
    left.cancel()
    hung[0].add_done_callback(lambda _: leaves.cancel())
    names.answer("hung-0.example.com")
    async with asyncio.timeout(5):
        assert await stays == ADDRESS
    assert left.cancelled()
    for task in hung:
        task.cancel()


async def test_a_deadline_in_the_queue_for_a_place_is_our_own_sides(
    names: NameServer, certificate_authority: CertificateAuthority
) -> None:
    resolver = Resolver(names.getaddrinfo)
    hung = [asyncio.create_task(resolver.resolve(f"hung-{n}.example.com", n)) for n in range(ALL)]
    await asyncio.sleep(0)
    door = Door(policy=EgressPolicy(), ca_bundle=certificate_authority.bundle, resolver=resolver)
    answer = await door.exchange(Request(method="GET", url="https://good.example.com/"), timeout=0.2, tenant="shop")
    assert answer == NotSent(cause=NO_PLACE, ours=True)
    for task in hung:
        task.cancel()


async def test_a_tenant_beyond_its_share_is_told_at_once_and_it_is_our_own_sides(
    names: NameServer, certificate_authority: CertificateAuthority
) -> None:
    resolver = Resolver(names.getaddrinfo)
    await unanswered(resolver, "mallory", 150)
    door = Door(policy=EgressPolicy(), ca_bundle=certificate_authority.bundle, resolver=resolver)
    answer = await door.exchange(Request(method="GET", url="https://more.example.com/"), timeout=30, tenant="mallory")
    assert answer == NotSent(cause=NO_PLACE, ours=True)


async def test_a_name_that_another_tenant_asks_for_already_needs_no_place(names: NameServer) -> None:
    resolver = Resolver(names.getaddrinfo)
    await unanswered(resolver, "mallory", 150)
    joined = asyncio.create_task(resolver.resolve("mallory-0.example.com", "mallory"))
    await asyncio.sleep(0)
    names.answer("mallory-0.example.com")
    assert await joined == ADDRESS
    assert names.asked.count("mallory-0.example.com") == 1


async def test_a_lookup_that_fails_fails_for_each_who_waits_with_an_error_of_its_own() -> None:
    def getaddrinfo(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    resolver = Resolver(getaddrinfo)
    found = await asyncio.gather(*(resolver.resolve("gone.example.com") for _ in range(2)), return_exceptions=True)
    assert all(type(error) is NameNotResolved for error in found)
    assert found[0] is not found[1]


async def test_what_waited_for_a_place_is_not_remembered_for_ever(names: NameServer) -> None:
    resolver = Resolver(getaddrinfo=names.getaddrinfo)
    tasks = [asyncio.create_task(resolver.resolve(f"t{n}.example.com", f"t{n}")) for n in range(3 * ALL)]
    await asyncio.sleep(0)
    for number in range(3 * ALL):
        names.answer(f"t{number}.example.com")
    await asyncio.gather(*tasks)
    assert not len(resolver._waiting)
    assert not resolver._waiting._in_work
