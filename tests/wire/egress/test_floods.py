"""Whatever a server sends, and however fast: the exchange ends in time, and nobody waits for the loop meanwhile."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from oauthclient_operator.egress.door import Door
from oauthclient_operator.egress.exchange_progress import OVERHEAD_LIMIT, READS_LIMIT, ExchangeProgress
from oauthclient_operator.errors import BoundExceeded
from oauthclient_operator.exchange import Incomplete, NotSent, Request, Response
from tests.parts.certificates import CertificateAuthority
from tests.parts.flooding import (
    ALERT,
    CHANGE_CIPHER_SPEC,
    DATA,
    HANDSHAKE,
    TICKET,
    FloodingServer,
    plain,
    repeated,
)
from tests.parts.misbehaving import MisbehavingServer, respond, response, send
from tests.processor_time import without_collection
from tests.wire.egress.conftest import NAME

STATUS = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = STATUS + b"Transfer-Encoding: chunked\r\n\r\n"
HELLO_REQUEST = b"\x00\x00\x00\x00"
NO_RESPONSE = "the server sent more than 128 KiB of TLS that is no response"
PIECES = "the response's body came in more than 8192 pieces"
LINES = "the response's headers are more than 1024 lines"
BY_TLS = ""
"""OpenSSL ends it by itself."""
LATE = "no complete response within 1 s"

BEFORE: dict[str, tuple[dict[str, Any], str]] = {
    "HelloRequests, a record each": ({"before": plain(HANDSHAKE, HELLO_REQUEST) * 1000}, NO_RESPONSE),
    "HelloRequests, many in a record": ({"before": plain(HANDSHAKE, HELLO_REQUEST * 4000)}, NO_RESPONSE),
    "HelloRequests, one now and then": ({"before": plain(HANDSHAKE, HELLO_REQUEST), "pause": 0.01}, LATE),
    "change of cipher spec after the ServerHello": ({"between": plain(CHANGE_CIPHER_SPEC, b"\x01") * 1000}, BY_TLS),
    "alerts after the ServerHello": ({"between": plain(ALERT, b"\x01\x5a") * 1000}, BY_TLS),
}
AFTER: dict[str, tuple[Any, str]] = {
    "session tickets": (repeated(lambda r: r.of(HANDSHAKE, TICKET * 800)), NO_RESPONSE),
    "session tickets within the response": (
        repeated(lambda r: r.of(HANDSHAKE, TICKET * 800), head=CHUNKED),
        NO_RESPONSE,
    ),
    "updates of the keys": (repeated(lambda r: b"".join(r.key_update() for _ in range(100))), NO_RESPONSE),
    "empty records": (repeated(lambda r: r.of(DATA, b"")), BY_TLS),
    "warnings": (repeated(lambda r: r.of(ALERT, b"\x01\x5a")), BY_TLS),
    "records of one byte": (
        repeated(lambda r: b"".join(r.of(DATA, bytes([byte])) for byte in b"1\r\nx\r\n" * 50), head=CHUNKED),
        NO_RESPONSE,
    ),
    "chunks of one byte": (repeated(lambda r: r.of(DATA, b"1\r\nx\r\n" * 2000), head=CHUNKED), PIECES),
    "chunks with extensions": (repeated(lambda r: r.of(DATA, b"1;a=b\r\nx\r\n" * 1500), head=CHUNKED), PIECES),
    "interim responses": (repeated(lambda r: r.of(DATA, b"HTTP/1.1 100 \r\n\r\n" * 900)), LINES),
    "headers": (repeated(lambda r: r.of(DATA, b"a:\r\n" * 4000), head=STATUS), LINES),
}


class Patience:
    """The longest time for which this thread worked without letting others have the loop, in seconds of CPU.

    Not of the clock: the machine is shared, and who else keeps it is not what is measured.
    """

    longest = 0.0

    async def watch(self) -> None:
        last = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            self.longest, last = max(self.longest, now - last), now


async def flooded(door: Door, server: FloodingServer) -> NotSent | Incomplete:
    # What a first exchange imports is not what is measured.
    async with MisbehavingServer(respond(200, {})) as first:
        await door.exchange(Request(method="GET", url=first.url()), timeout=10)
    patience = Patience()
    watching = asyncio.create_task(patience.watch())
    with without_collection(), server.in_thread():
        began, worked = time.monotonic(), time.thread_time()
        url = f"https://{NAME}:{server.port}/"
        answer = await door.exchange(Request(method="POST", url=url, body=b"{}"), timeout=1)
        assert time.monotonic() - began < 3, "the deadline was not kept"
        # The watch is what keeps the thread busy while the exchange waits: its turns are not counted.
        assert time.thread_time() - worked < 2
        watching.cancel()
    assert patience.longest < 0.15
    assert isinstance(answer, NotSent | Incomplete)
    return answer


@pytest.mark.parametrize("flood", BEFORE)
async def test_a_flood_in_place_of_the_handshake_is_bounded(
    flood: str, door: Door, certificate_authority: CertificateAuthority, tmp_path: Path
) -> None:
    sent, words = BEFORE[flood]
    answer = await flooded(door, FloodingServer(certificate_authority.certificate(NAME), tmp_path, **sent))
    assert isinstance(answer, NotSent)
    assert not answer.ours
    assert words in answer.cause


@pytest.mark.parametrize("flood", AFTER)
async def test_a_flood_in_place_of_a_response_is_bounded(
    flood: str, door: Door, certificate_authority: CertificateAuthority, tmp_path: Path
) -> None:
    after, words = AFTER[flood]
    answer = await flooded(door, FloodingServer(certificate_authority.certificate(NAME), tmp_path, after=after))
    assert isinstance(answer, Incomplete)
    assert words in answer.cause or answer.cause == LATE


async def test_reads_are_bounded_however_little_each_brings() -> None:
    progress = ExchangeProgress(None)
    for _ in range(READS_LIMIT):
        await progress.arrived(1)
        await progress.received(b"{")
    with pytest.raises(BoundExceeded, match="in more than 2048 pieces"):
        await progress.arrived(1)


async def test_what_is_no_data_is_bounded_apart_from_what_is() -> None:
    progress = ExchangeProgress(None)
    progress.answered(200, {})
    for _ in range(12):
        await progress.arrived(20 * 1024)
        await progress.received(bytes(20 * 1024))
    await progress.arrived(OVERHEAD_LIMIT)
    with pytest.raises(BoundExceeded, match="TLS that is no response"):
        await progress.arrived(1)


async def test_others_have_the_loop_at_every_read_of_data_that_is_ready() -> None:
    progress, turns = ExchangeProgress(None), 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    for _ in range(100):
        await progress.arrived(1)
    task.cancel()
    assert turns >= 100


@pytest.mark.parametrize("lines", [1000, 8000])
async def test_a_response_with_many_lines_in_its_body_is_taken(door: Door, lines: int) -> None:
    body = b"{\n" + b'  "a": 1,\n' * lines + b'  "b": 2\n}\n'
    async with MisbehavingServer(send(response(200, body=body))) as server:
        answer = await door.exchange(Request(method="GET", url=server.url()), timeout=5)
    assert isinstance(answer, Response)
    assert answer.body == body
