"""What the policy does not allow is refused without a packet and, where the URL says enough, without a lookup."""

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.egress.door import Door
from oauthclient_operator.egress.policy import EgressPolicy
from oauthclient_operator.exchange import NotSent, Request, bearer
from tests.parts.misbehaving import MisbehavingServer, respond
from tests.pure.egress.hostile import HOSTILE_URLS
from tests.pure.egress.test_addresses import LISTED, NEVER, PRIVATE, PUBLIC
from tests.wire.egress.conftest import NAME, DoorOf, Heard, resolver_of


def get(url: str) -> Request:
    return Request(method="GET", url=url, authorization=bearer(Confidential("secret")))


async def refused(door: Door, url: str) -> NotSent:
    answer = await door.exchange(get(url), timeout=5)
    assert isinstance(answer, NotSent)
    assert answer.refused
    assert "secret" not in answer.cause
    return answer


@pytest.mark.parametrize("url", HOSTILE_URLS)
async def test_a_hostile_url_costs_no_packet_and_no_lookup(url: str, heard: Heard, door_of: DoorOf) -> None:
    # Everything is allowed: what is refused is refused for its form.
    await refused(door_of({}, private_issuers=["0.0.0.0/0", "::/0"], http_issuers=["127.0.0.1"]), url)
    assert heard.nothing()


def literal(address: str) -> str:
    return f"https://[{address}]/" if ":" in address else f"https://{address}/"


@pytest.mark.parametrize("address", PRIVATE | LISTED | NEVER)
async def test_a_forbidden_address_as_host_costs_no_packet_and_no_lookup(
    address: str, heard: Heard, door_of: DoorOf
) -> None:
    await refused(door_of({}), literal(address))
    assert heard.nothing()


@pytest.mark.parametrize("address", PRIVATE | LISTED | NEVER)
async def test_a_name_that_means_a_forbidden_address_costs_no_packet(
    address: str, heard: Heard, door_of: DoorOf
) -> None:
    answer = await refused(door_of({NAME: [address]}), f"https://{NAME}/")
    assert not heard.connects
    assert address not in answer.cause


@pytest.mark.parametrize("address", PRIVATE | LISTED | NEVER)
async def test_one_forbidden_address_among_many_refuses_all(address: str, heard: Heard, door_of: DoorOf) -> None:
    for answers in ([address, *PUBLIC], [PUBLIC[0], address, *PUBLIC[1:]], [*PUBLIC, address]):
        await refused(door_of({NAME: answers}), f"https://{NAME}/")
    assert not heard.connects


@pytest.mark.parametrize("address", LISTED | NEVER)
async def test_a_listed_name_that_begins_to_mean_a_metadata_service_costs_no_packet(
    address: str, heard: Heard, door_of: DoorOf
) -> None:
    await refused(door_of({NAME: ["10.0.0.1", address]}, private_issuers=[NAME]), f"https://{NAME}/")
    assert not heard.connects


async def test_plain_http_that_is_not_listed_reaches_nobody(door_of: DoorOf, heard: Heard) -> None:
    async with MisbehavingServer(respond(200, {})) as server:
        await refused(door_of({}, private_issuers=["127.0.0.1"]), server.url())
        assert heard.nothing()
        assert server.connections == 0


async def test_a_name_is_resolved_once_so_that_a_second_answer_cannot_differ(heard: Heard) -> None:
    """DNS rebinding: the address that was judged is the one that is connected to."""
    asked: list[str] = []
    async with MisbehavingServer(respond(200, {})) as server:
        door = Door(
            policy=EgressPolicy.parse(private_issuers=[NAME], http_issuers=[NAME]),
            resolver=resolver_of({NAME: ["127.0.0.1"]}, asked),
        )
        await door.exchange(get(server.url(host=NAME)), timeout=5)
        assert len(server.requests) == 1
    assert asked == [NAME]
    assert heard.connects == [("127.0.0.1", server.port)]
    assert not heard.lookups


async def test_a_proxy_in_the_environment_is_not_used(
    door: Door, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with MisbehavingServer(respond(200, {})) as server, MisbehavingServer(respond(200, {})) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url())
        await door.exchange(get(server.url()), timeout=5)
        assert (len(server.requests), proxy.connections) == (1, 0)
    assert heard.connects == [("127.0.0.1", server.port)]


async def test_the_peer_is_looked_at_after_connecting(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.socket.getpeername", lambda _: ("10.0.0.1", 443))
    async with MisbehavingServer(respond(200, {})) as server:
        answer = await refused(door, server.url())
        assert not server.requests
    assert "another address" in answer.cause
