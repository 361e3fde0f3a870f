"""A relay hands requests on as they came, and makes one fault of one request."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest

from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving import MisbehavingServer, Received, respond, send
from tests.parts.relay import Asked, Fault, Relay


@dataclass
class Chosen:
    """Makes the fault of the next request, and keeps what it hears."""

    heard: list[str] = field(default_factory=list)
    next: Fault | None = None
    made: asyncio.Event = field(default_factory=asyncio.Event)

    def fault(self, asked: Asked) -> Fault | None:
        self.heard.append(f"{asked.at} {asked.method} {asked.target} {asked.body.decode()}")
        fault, self.next = self.next, None
        return fault

    def answered(self, asked: Asked, status: int, content: bytes) -> None:
        self.heard.append(f"{status} {content.decode()}")

    def kill(self) -> None:
        self.heard.append("killed")

    def done(self, asked: Asked, fault: Fault) -> None:
        self.heard.append(f"{fault.name} of {asked.method}")
        self.made.set()


@pytest.fixture
def chosen() -> Chosen:
    return Chosen()


@pytest.fixture
async def server(certificate_authority: CertificateAuthority) -> AsyncIterator[MisbehavingServer]:
    server = MisbehavingServer(
        respond(201, {"made": True}, x_more="yes"), certificate=certificate_authority.certificate()
    )
    async with server:
        yield server


@pytest.fixture
async def client(
    chosen: Chosen, server: MisbehavingServer, certificate_authority: CertificateAuthority
) -> AsyncIterator[httpx.AsyncClient]:
    relay = Relay(
        name="here",
        certificate=certificate_authority.certificate(),
        trust=certificate_authority.bundle,
        delay=0.3,
        target=server.url(""),
    )
    trusted = ssl.create_default_context(cafile=certificate_authority.bundle)
    async with (
        relay.serving(chosen),
        httpx.AsyncClient(base_url=relay.url, verify=trusted, trust_env=False, timeout=5) as client,
    ):
        yield client


async def test_what_comes_is_handed_on_and_so_is_the_answer(
    client: httpx.AsyncClient, chosen: Chosen, server: MisbehavingServer
) -> None:
    answer = await client.post("/reg?a=%2F", content=b"asked", headers={"Authorization": "Bearer x", "Host": "idp"})
    assert (answer.status_code, answer.json(), answer.headers["x-more"]) == (201, {"made": True}, "yes")
    (received,) = server.requests
    assert (received.method, received.target, received.body) == ("POST", "/reg?a=%2F", b"asked")
    assert (received.headers["authorization"], received.headers["host"]) == ("Bearer x", "idp")
    assert chosen.heard == ["here POST /reg?a=%2F asked", '201 {"made": true}']


@pytest.mark.parametrize(
    ("fault", "arrived", "heard"),
    [
        (Fault.KILLED_BEFORE, 0, ["killed", "KILLED_BEFORE of PUT"]),
        (Fault.KILLED_AFTER, 1, ['201 {"made": true}', "killed", "KILLED_AFTER of PUT"]),
        (Fault.REQUEST_LOST, 0, ["REQUEST_LOST of PUT"]),
        (Fault.ANSWER_LOST, 1, ['201 {"made": true}', "ANSWER_LOST of PUT"]),
    ],
    ids=lambda value: value.name if isinstance(value, Fault) else "",
)
async def test_who_asked_gets_no_answer(
    client: httpx.AsyncClient,
    chosen: Chosen,
    server: MisbehavingServer,
    fault: Fault,
    arrived: int,
    heard: list[str],
) -> None:
    chosen.next = fault
    with pytest.raises(httpx.TransportError):
        await client.put("/reg/1")
    assert (len(server.requests), chosen.heard[1:]) == (arrived, heard)
    # The next one is whole.
    assert (await client.get("/")).status_code == 201


async def test_what_is_delayed_arrives_when_nobody_waits_any_more(
    client: httpx.AsyncClient, chosen: Chosen, server: MisbehavingServer
) -> None:
    chosen.next = Fault.DELAYED
    with pytest.raises(httpx.ReadTimeout):
        await client.put("/reg/1", timeout=0.1)
    assert server.requests == []
    await asyncio.wait_for(chosen.made.wait(), 5)
    assert [request.method for request in server.requests] == ["PUT"]


async def test_what_is_repeated_arrives_twice_and_the_second_answer_counts(
    client: httpx.AsyncClient, chosen: Chosen, server: MisbehavingServer
) -> None:
    chosen.next = Fault.REPEATED
    answers = iter((respond(200), respond(401)))

    async def behave(received: Received, writer: asyncio.StreamWriter) -> None:
        await next(answers)(received, writer)

    server.behave = behave
    assert (await client.delete("/reg/1")).status_code == 401
    assert len(server.requests) == 2


async def test_what_a_watch_brings_is_handed_on_as_it_comes(
    client: httpx.AsyncClient, server: MisbehavingServer
) -> None:
    rest = asyncio.Event()

    async def go_on(_: Received, writer: asyncio.StreamWriter) -> None:
        await rest.wait()
        writer.write(b"6\r\nsecond\r\n0\r\n\r\n")

    server.behave = send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n", then=go_on)
    async with client.stream("GET", "/things?watch=true") as answer:
        chunks = answer.aiter_bytes()
        assert await anext(chunks) == b"first"
        rest.set()
        assert await anext(chunks) == b"second"
