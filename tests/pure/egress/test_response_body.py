"""What a body is, however its bytes are divided on their way, and whatever is wrong with its framing."""

import pytest

from oauthclient_operator.egress.response_body import CHUNKS, Body

#: chunked, length, what comes, the body, its flaws, whether it is over, whether something is missing at the end
Row = tuple[bool, int | None, bytes, bytes, tuple[str, ...], bool, bool]
ROWS: dict[str, Row] = {
    "to the end": (False, None, b"{}\n", b"{}\n", (), False, False),
    "a length": (False, 2, b"{}", b"{}", (), True, False),
    "half a length": (False, 4, b"{}", b"{}", (), False, True),
    "no length": (False, 0, b"", b"", (), True, False),
    "chunks": (True, None, b"1\r\n{\r\n1;a=b\r\n}\r\n0\r\n\r\n", b"{}", (), True, False),
    "a trailer that is none": (True, None, b"2\r\n{}\r\n0\r\nA b\r\n\r\n", b"{}", (), True, False),
    "chunks without the last one": (True, None, b"1\r\n{\r\n1\r\n}\r\n", b"{}", (), False, True),
    "half a chunk": (True, None, b"5\r\n{}", b"{}", (), False, True),
    "half a chunk's size": (True, None, b"1\r\n{\r\n1", b"{", (), False, True),
    "no chunks at all": (True, None, b"", b"", (), False, True),
    "a chunk that is none after one": (True, None, b"1\r\n{\r\nxyz}", b"{\r\nxyz}", (CHUNKS,), False, False),
    "no chunks": (True, None, b"{}", b"{}", (CHUNKS,), False, False),
    "no chunks, but letters of a size": (True, None, b"abc", b"abc", (CHUNKS,), False, False),
    "no chunks, in a length": (True, 2, b"{}", b"{}", (CHUNKS,), True, False),
    "no chunks, in half a length": (True, 4, b"{}", b"{}", (CHUNKS,), False, True),
    "a size without an end": (True, None, b"1;" + b"x" * 5000, b"1;" + b"x" * 5000, (CHUNKS,), False, False),
    "a size that no number is": (True, None, b"1" * 40 + b"\r\n", b"1" * 40 + b"\r\n", (CHUNKS,), False, False),
}


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("step", [1, 2, 3, 5, 1000])
def test_a_body_is_what_it_is_however_it_is_divided(row: str, step: int) -> None:
    chunked, length, written, body, flaws, over, lacks = ROWS[row]
    read, found = Body(chunked=chunked, length=length), b""
    for start in range(0, len(written), step):
        found += read.feed(written[start : start + step])
    found += read.rest()
    assert (found, read.flaws, read.over, read.lacks) == (body, flaws, over, lacks)


def test_what_comes_with_the_end_of_a_length_is_kept_and_goes_on() -> None:
    read = Body(chunked=False, length=2)
    assert read.feed(b"{") + read.feed(b'"a"') + read.feed(b": 1}") == b'{"'
    assert (read.beyond, read.over, read.enough, read.lacks) == (b'a": 1}', False, True, False)


@pytest.mark.parametrize("after", [b"", b"\r\n", b"HTTP/1.1 408 Request Timeout\r\n"])
def test_a_line_end_or_another_response_is_not_beyond_it(after: bytes) -> None:
    read = Body(chunked=False, length=2)
    assert read.feed(b"{}" + after) == b"{}"
    assert (read.beyond, read.over) == (b"", True)


def test_each_chunk_is_a_piece_and_so_is_each_part_of_what_has_none() -> None:
    chunked, plain = Body(chunked=True, length=None), Body(chunked=False, length=None)
    chunked.feed(b"1\r\n{\r\n" * 5)
    for _ in range(5):
        plain.feed(b"{")
    assert (chunked.pieces, plain.pieces) == (5, 5)
