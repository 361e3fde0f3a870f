"""Once a byte may have been written, no fault of the server or the wire is ever called "not sent"."""

import asyncio
import socket

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.egress.door import Door
from oauthclient_operator.egress.stream import TLSStream
from oauthclient_operator.exchange import Incomplete, Request, Response, bearer
from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving import Behaviour, MisbehavingServer, flood, hang, leave, reset, respond, send
from tests.wire.egress.conftest import NAME

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CUT = b'{"client_id": "s6", "client_sec'
BROKEN = "the connection broke before the response was complete"
ENDED = "the connection ended, or what came is not HTTP, before the response was complete"
LATE = "no complete response within 1 s"

FAULTS: dict[str, tuple[Behaviour, str, int | None, bytes]] = {
    "an end without an answer": (leave, ENDED, None, b""),
    "a reset without an answer": (reset, BROKEN, None, b""),
    "half a status line": (send(b"HTTP/1.1 20"), ENDED, None, b""),
    "a head cut off": (send(OK), ENDED, None, b""),
    "a 100 Continue and no more": (send(b"HTTP/1.1 100 Continue\r\n\r\n"), ENDED, None, b""),
    "a body cut off": (send(OK + b"Content-Length: 99\r\n\r\n" + CUT), ENDED, 200, CUT),
    "a body reset": (send(OK + b"Content-Length: 99\r\n\r\n" + CUT, pause=0.05, then=reset), BROKEN, 200, CUT),
    "a chunked body cut off": (
        send(OK + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(CUT) + CUT + b"\r\n"),
        ENDED,
        200,
        CUT,
    ),
    "not HTTP": (send(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), ENDED, None, b""),
    "HTTP/2 without being asked": (send(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" * 4), ENDED, None, b""),
    "switching protocols": (
        send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
        ENDED,
        None,
        b"",
    ),
    "no answer": (hang, LATE, None, b""),
    "half an answer": (
        send(OK + b"Content-Length: 99\r\n\r\n" + CUT, then=hang),
        LATE,
        200,
        CUT,
    ),
    "an answer in drops": (
        send(OK + b"Content-Length: 99\r\n\r\n", *(b"{" for _ in range(99)), pause=0.01),
        LATE,
        200,
        b"{",
    ),
}


def post(url: str) -> Request:
    return Request(
        method="POST", url=url, authorization=bearer(Confidential("secret")), body=b'{"client_name": "canary"}'
    )


@pytest.mark.parametrize(
    ("fault", "tls"),
    [
        (fault, tls)
        for fault, (_, cause, _, _) in FAULTS.items()
        for tls in (True, False)
        if not (tls and cause == LATE)
    ],
)
async def test_a_fault_after_the_request(
    fault: str, tls: bool, door: Door, certificate_authority: CertificateAuthority
) -> None:
    behave, cause, status, partial = FAULTS[fault]
    certificate = certificate_authority.certificate(NAME) if tls else None
    async with MisbehavingServer(behave, certificate=certificate) as server:
        # Only what waits for the deadline has a short one, and it is long enough for a busy machine's handshake.
        deadline = 0.5 if cause == LATE else 5
        answer = await door.exchange(post(server.url(host=NAME)), timeout=deadline)
        assert len(server.requests) == 1
    assert isinstance(answer, Incomplete)
    assert answer.cause.startswith(cause)
    assert answer.status == status
    assert answer.partial.startswith(partial)


@pytest.mark.parametrize(
    ("behave", "words", "status"),
    [
        (flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "headers are more than 1024 lines", None),
        (flood(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"), "headers are more than 1024 lines", 200),
        (flood(b"HTTP/1.1 200 OK\r\nX-A: ", b"b" * 1000), "headers are larger than 64 KiB", 200),
        (flood(b"HTTP/1.1 200 ", b"O" * 1000), "headers are larger than 64 KiB", 200),
        (flood(OK + b"\r\n", b'{"a":' * 200), "the response is larger than 256 KiB", 200),
        (flood(OK + b"Content-Length: 999999999999\r\n\r\n", b"{" * 1000), "the response is larger than 256 KiB", 200),
        (flood(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n{\r\n"), "in more than 8192 pieces", 200),
    ],
    ids=["1xx", "header count", "header size", "status line", "to the end", "length", "chunks"],
)
async def test_a_response_without_end_is_bounded(behave: Behaviour, words: str, status: int, door: Door) -> None:
    async with MisbehavingServer(behave) as server:
        answer = await door.exchange(post(server.url()), timeout=10)
    assert isinstance(answer, Incomplete)
    assert words in answer.cause
    assert (answer.status, answer.too_much) == (status, True)
    assert len(answer.partial) <= 256 * 1024


async def test_a_cancellation_after_the_first_byte_becomes_an_answer(door: Door) -> None:
    async with MisbehavingServer(send(OK + b"Content-Length: 99\r\n\r\n" + CUT, then=hang)) as server:
        task = asyncio.create_task(door.exchange(post(server.url()), timeout=5))
        await server.arrived.wait()
        task.cancel()
        answer = await task
    assert isinstance(answer, Incomplete)
    assert answer.cause == "the exchange was cancelled before the response was complete"


async def test_a_server_that_breaks_off_our_writing_may_have_read_enough(door: Door) -> None:
    """A body that does not fit into the buffers: the write fails in the middle."""
    request = Request(method="POST", url="", body=b'{"x": "' + b"x" * 8_000_000 + b'"}')
    async with MisbehavingServer(leave, greeting=send(b"", pause=0.05, then=reset)) as server:
        answer = await door.exchange(Request(method="POST", url=server.url(), body=request.body), timeout=5)
    assert isinstance(answer, Incomplete)
    assert answer.status is None


async def test_a_server_that_answers_without_reading_all_is_heard(door: Door) -> None:
    refusal = b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
    body = b'{"x": "' + b"x" * 100_000 + b'"}'
    async with MisbehavingServer(leave, greeting=send(refusal, pause=0.1)) as server:
        answer = await door.exchange(Request(method="POST", url=server.url(), body=body), timeout=5)
    assert isinstance(answer, Response)
    assert (answer.status, answer.body) == (413, b"{}")


async def test_a_fault_that_nobody_foresaw_is_not_called_unsent(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object, **__: object) -> bytes:
        await asyncio.sleep(0)
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("oauthclient_operator.egress.stream.PlainStream.read", fail)
    async with MisbehavingServer(respond(201, {})) as server:
        answer = await door.exchange(post(server.url()), timeout=5)
    assert answer == Incomplete(cause="the exchange failed (ZeroDivisionError)", ours=True)


@pytest.mark.parametrize("tls", [True, False], ids=["TLS", "plain"])
@pytest.mark.parametrize("then", ["fails", "hangs", "is cancelled"])
async def test_a_first_write_that_does_not_end_may_have_sent_something(
    then: str, tls: bool, door: Door, certificate_authority: CertificateAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, writing, secured = asyncio.get_running_loop(), asyncio.Event(), not tls
    sendall, shake_hands = loop.sock_sendall, TLSStream.shake_hands

    async def shake_hands_and_say_so(stream: TLSStream) -> None:
        nonlocal secured
        await shake_hands(stream)
        secured = True

    async def first_byte_only(sock: socket.socket, data: bytes) -> None:
        if not secured:
            await sendall(sock, data)
            return
        await sendall(sock, data[:1])
        writing.set()
        if then == "fails":
            raise BrokenPipeError
        await asyncio.Event().wait()

    monkeypatch.setattr(TLSStream, "shake_hands", shake_hands_and_say_so)
    monkeypatch.setattr(loop, "sock_sendall", first_byte_only)
    certificate = certificate_authority.certificate(NAME) if tls else None
    async with MisbehavingServer(respond(200, {}), certificate=certificate) as server:
        deadline = 5 if then == "is cancelled" else 0.5
        task = asyncio.create_task(door.exchange(post(server.url(host=NAME)), timeout=deadline))
        await writing.wait()
        if then == "is cancelled":
            task.cancel()
        answer = await task
    assert isinstance(answer, Incomplete)
