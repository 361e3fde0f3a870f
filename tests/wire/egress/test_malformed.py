"""Answers that came whole in a form that is not HTTP, or not what was asked for: they are handed on, with what was wrong."""

import gzip
import json
import zlib
from typing import Any

import pytest

from oauthclient_operator.egress import response_body, response_head
from oauthclient_operator.egress.door import Door
from oauthclient_operator.exchange import Incomplete, Request, Response
from oauthclient_operator.oauth.judgement import LONGER
from oauthclient_operator.oauth.outcome import Committed
from oauthclient_operator.oauth.rfc7591 import judge
from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving import MisbehavingServer, hang, respond, send
from tests.wire.egress.conftest import NAME

CLIENT: dict[str, Any] = {"client_id": "s6", "client_secret": "cf136", "registration_access_token": "reg-23410913"}
BODY = json.dumps(CLIENT).encode()
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
CHUNKED = b"%x\r\n" % len(BODY) + BODY + b"\r\n0\r\n\r\n"
CREATED = b"HTTP/1.1 201 Created\r\n"


def _chunks(before: bytes, after: bytes, end: bytes) -> bytes:
    """Return the body in two chunks, with what is around their sizes and after their data."""
    parts = (BODY[:9], BODY[9:], b"")
    return b"".join(b"%b%x%b%b%b" % (before, len(part), after, part, end) for part in parts)


COMPRESSED = "a compressed body, although it was asked not to be compressed"

FORMS: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "chunked, chunked": (
        CREATED + b"Transfer-Encoding: chunked, chunked\r\n\r\n" + CHUNKED,
        (response_head.CODING,),
    ),
    "chunked in two lines": (
        CREATED + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: Chunked\r\n\r\n" + CHUNKED,
        (response_head.CODING,),
    ),
    "identity": (CREATED + b"Transfer-Encoding: identity\r\n" + LENGTH + b"\r\n" + BODY, (response_head.CODING,)),
    "a name with a space": (CREATED + b"A b: c\r\n" + LENGTH + b"\r\n" + BODY, (response_head.NOT_A_FIELD,)),
    "a line without a colon, and one that continues it": (
        CREATED + b"warning\r\n and more\r\n" + LENGTH + b"\r\n" + BODY,
        (response_head.NOT_A_FIELD,),
    ),
    "a space before the colon": (
        CREATED + b"X-A : c\r\n" + LENGTH + b"\r\n" + BODY,
        (response_head.NOT_A_FIELD,),
    ),
    "a control character in a value": (
        CREATED + b"X-A: a\x00b\x0bc\r\n" + LENGTH + b"\r\n" + BODY,
        (response_head.NOT_A_FIELD,),
    ),
    "a folded value": (CREATED + b"X-A: a\r\n b\r\n" + LENGTH + b"\r\n" + BODY, ()),
    "two lengths": (
        CREATED + LENGTH + b"Content-Length: 3\r\n\r\n" + BODY,
        (response_head.LENGTHS,),
    ),
    "a negative length": (CREATED + b"Content-Length: -1\r\n\r\n" + BODY, (response_head.LENGTHS,)),
    "another version and two spaces": (
        b"HTTP/2  201 Created\r\n" + LENGTH + b"\r\n" + BODY,
        (response_head.NOT_A_STATUS,),
    ),
    "lines before it that are empty": (b"\r\n\r\n" + CREATED + LENGTH + b"\r\n" + BODY, ()),
    "a space before it, and HTTP in small letters": (
        b" http/1.1 201 Created\r\n" + LENGTH + b"\r\n" + BODY,
        (response_head.NOT_A_STATUS,),
    ),
    "chunked, and no chunks": (
        CREATED + b"Transfer-Encoding: chunked\r\n\r\n" + BODY,
        (response_body.CHUNKS,),
    ),
    "chunked, and a length that holds": (
        CREATED + b"Transfer-Encoding: chunked\r\n" + LENGTH + b"\r\n" + BODY,
        (response_body.CHUNKS,),
    ),
    "chunks with bare line ends": (
        CREATED + b"Transfer-Encoding: chunked\r\n\r\n" + _chunks(b"", b"\n", b"\n"),
        (response_body.CHUNKS,),
    ),
    "chunks whose sizes begin with 0x": (
        CREATED + b"Transfer-Encoding: chunked\r\n\r\n" + _chunks(b"0x", b"\r\n", b"\r\n"),
        (response_body.CHUNKS,),
    ),
    "chunks whose sizes begin with spaces": (
        CREATED + b"Transfer-Encoding: chunked\r\n\r\n" + _chunks(b"  ", b" ;a=b\r\n", b"\r\n"),
        (response_body.CHUNKS,),
    ),
    "chunks whose sizes begin with many zeros": (
        CREATED + b"Transfer-Encoding: chunked\r\n\r\n" + _chunks(b"0" * 25, b"\r\n", b"\r\n"),
        (response_body.CHUNKS,),
    ),
    "chunks without a line end after them": (
        CREATED + b"Transfer-Encoding: chunked\r\n\r\n" + _chunks(b"", b"\r\n", b""),
        (response_body.CHUNKS,),
    ),
    "bare line ends": (CREATED.replace(b"\r", b"") + LENGTH.replace(b"\r", b"") + b"\n" + BODY, ()),
    "after a 100 of that kind": (
        b"HTTP/1.1 100 Continue\r\nA b: c\r\n\r\n" + CREATED + LENGTH + b"\r\n" + BODY,
        (),
    ),
}


def post(url: str) -> Request:
    return Request(method="POST", url=url, body=b'{"client_name": "canary"}')


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("pieces", ["at once", "in drops"])
async def test_an_answer_is_not_lost_to_its_form(form: str, pieces: str, door: Door) -> None:
    written, flaws = FORMS[form]
    drops = [written] if pieces == "at once" else [bytes([b]) for b in written]
    async with MisbehavingServer(send(*drops)) as server:
        answer = await door.exchange(post(server.url()), timeout=5)
        assert len(server.requests) == 1
    assert isinstance(answer, Response)
    assert (answer.status, answer.body, answer.flaws) == (201, BODY, flaws)


async def test_what_is_well_formed_has_no_flaw_and_keeps_its_headers(door: Door) -> None:
    async with MisbehavingServer(respond(201, CLIENT, x_a="b")) as server:
        answer = await door.exchange(post(server.url()), timeout=5)
    assert isinstance(answer, Response)
    assert (answer.flaws, answer.headers["x-a"]) == ((), "b")


RAW = zlib.compressobj(wbits=-15)
PACKED = {
    "gzip": ("gzip", gzip.compress(BODY)),
    "GZIP": ("GZIP", gzip.compress(BODY)),
    "x-gzip": ("x-gzip", gzip.compress(BODY)),
    "deflate": ("deflate", zlib.compress(BODY)),
    "deflate without its frame": ("deflate", RAW.compress(BODY) + RAW.flush()),
    "gzip twice": ("gzip, gzip", gzip.compress(gzip.compress(BODY))),
    "identity, gzip": ("identity, gzip", gzip.compress(BODY)),
}


@pytest.mark.parametrize("packed", PACKED)
async def test_a_body_that_was_compressed_unasked_is_unpacked(packed: str, door: Door) -> None:
    coding, body = PACKED[packed]
    async with MisbehavingServer(respond(201, body=body, content_encoding=coding)) as server:
        answer = await door.exchange(post(server.url()), timeout=5)
        assert server.requests[0].headers["accept-encoding"] == "identity"
    assert isinstance(answer, Response)
    assert (answer.status, answer.body, answer.flaws) == (201, BODY, (COMPRESSED,))


async def test_a_transfer_coding_that_compresses_is_undone_too(door: Door) -> None:
    packed = gzip.compress(BODY)
    written = CREATED + b"Transfer-Encoding: gzip, chunked\r\n\r\n%x\r\n" % len(packed) + packed + b"\r\n0\r\n\r\n"
    async with MisbehavingServer(send(written)) as server:
        answer = await door.exchange(post(server.url()), timeout=5)
    assert isinstance(answer, Response)
    assert (answer.body, answer.flaws) == (BODY, (response_head.CODING, COMPRESSED))


UNREADABLE = {
    "a bomb": ("gzip", gzip.compress(b"0" * 50_000_000)),
    "a bomb in a bomb": ("gzip, gzip", gzip.compress(gzip.compress(b"0" * 50_000_000))),
    "three layers": ("gzip, gzip, gzip", gzip.compress(gzip.compress(gzip.compress(BODY)))),
    "not in that coding": ("gzip", BODY),
    "cut short": ("gzip", gzip.compress(BODY)[:-9]),
    "brotli": ("br", b"\x1b\x2c\x00\xf8"),
    "zstd": ("zstd", b"\x28\xb5\x2f\xfd"),
}


@pytest.mark.parametrize("packed", UNREADABLE)
async def test_what_cannot_be_unpacked_within_the_bounds_is_handed_on_as_it_came(packed: str, door: Door) -> None:
    coding, body = UNREADABLE[packed]
    async with MisbehavingServer(respond(201, body=body, content_encoding=coding)) as server:
        answer = await door.exchange(post(server.url()), timeout=5)
    assert isinstance(answer, Response)
    assert (answer.status, answer.body, answer.flaws) == (201, body, (COMPRESSED,))


async def test_an_end_without_close_notify_hands_on_all_that_came(
    door: Door, certificate_authority: CertificateAuthority
) -> None:
    """Whether that is a whole answer is not for the door to say."""
    written = send(CREATED + b"X-A: b\r\n\r\n" + BODY)
    async with MisbehavingServer(written, certificate=certificate_authority.certificate(NAME)) as server:
        server.closes_without_a_word = True
        answer = await door.exchange(post(server.url(host=NAME)), timeout=5)
    assert isinstance(answer, Incomplete)
    assert (answer.status, answer.partial, answer.headers) == (201, BODY, {"x-a": "b"})


async def test_a_length_that_is_right_needs_no_close_notify(
    door: Door, certificate_authority: CertificateAuthority
) -> None:
    certificate = certificate_authority.certificate(NAME)
    async with MisbehavingServer(respond(201, CLIENT), certificate=certificate) as server:
        server.closes_without_a_word = True
        answer = await door.exchange(post(server.url(host=NAME)), timeout=5)
    assert isinstance(answer, Response)
    assert answer.body == BODY


@pytest.mark.parametrize("length", [len(BODY) - 2, 1, 0])
async def test_a_length_that_is_too_small_cuts_nothing_off(length: int, door: Door) -> None:
    async with MisbehavingServer(send(CREATED + b"Content-Length: %d\r\n\r\n" % length + BODY)) as server:
        answer = await door.exchange(post(server.url()), timeout=5)
    assert isinstance(answer, Response)
    assert (answer.status, answer.body + answer.beyond, answer.flaws) == (201, BODY, ())
    assert judge(answer) == Committed(members=CLIENT, flaws=(LONGER,))


async def test_what_comes_after_the_length_need_not_end(door: Door) -> None:
    async with MisbehavingServer(send(CREATED + LENGTH + b"\r\n" + BODY + b"<!-- end -->", then=hang)) as server:
        answer = await door.exchange(post(server.url()), timeout=1)
    assert isinstance(answer, Response)
    assert judge(answer) == Committed(members=CLIENT)


@pytest.mark.parametrize("after", [b"\r\n", b"HTTP/1.1 408 Request Timeout\r\n\r\n{}"])
async def test_a_line_end_or_another_response_is_no_part_of_the_body(after: bytes, door: Door) -> None:
    async with MisbehavingServer(send(CREATED + LENGTH + b"\r\n" + BODY + after, then=hang)) as server:
        answer = await door.exchange(post(server.url()), timeout=5)
    assert isinstance(answer, Response)
    assert (answer.body, answer.beyond, answer.flaws) == (BODY, b"", ())
