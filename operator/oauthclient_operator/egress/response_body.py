"""The body of a response as servers frame it: an answer is not to be lost to a length or a chunk that is wrong.

A request says `Connection: close`, so that whatever comes until the end belongs to its answer.
"""

import re
from typing import Final

CHUNKS: Final = "chunks that are not HTTP"

_SIZE: Final = re.compile(rb"[\r\n\t ]*(?:0[xX])?(0*[0-9a-fA-F]{1,8})[\t ]*(?:;[^\n]*)?\r?\n")
_STRICT_SIZE: Final = re.compile(rb"[0-9a-fA-F]{1,16}[\t ]*(?:;[^\n]*)?\r\n")
_ALMOST_A_SIZE: Final = re.compile(rb"[\r\n\t ]*(?:0[xX]?)?[0-9a-fA-F]*[\t ]*(?:;[^\n]*)?\r?")
_SIZE_LIMIT: Final = 4 * 1024
"""Bytes of a chunk's first line, with what a server calls an extension."""


class Body:
    """What comes after a head, without its framing; a framing that is none is taken for a part of it.

    `length` is what Content-Length says, if it says one; what comes after that is `beyond` it. `flaws` name what was
    wrong, `pieces` count what it came in.
    """

    def __init__(self, *, chunked: bool, length: int | None) -> None:
        self._chunked = chunked
        self._length = length
        self._held = b""
        self._left = 0
        self.beyond = b""
        self.pieces = 0
        self.over = not chunked and length == 0
        self.flaws: tuple[str, ...] = ()

    def feed(self, data: bytes) -> bytes:
        """Return what of it belongs to the body, as far as that is known by now."""
        if self._chunked:
            return self._dechunked(data)
        self.pieces += 1
        return self._measured(data)

    def rest(self) -> bytes:
        """Return what is held, for nothing more comes."""
        held, self._held = self._held, b""
        if held and self.pieces == 0:
            # It never was a chunk.
            return self._unframed(held)
        return b""

    @property
    def lacks(self) -> bool:
        """Whether its framing says that more was to come."""
        return not self.over and (self._chunked or self._length not in (None, 0))

    @property
    def enough(self) -> bool:
        """Whether all of it came that its length says, be it over or not."""
        return not self._chunked and self._length == 0

    def _measured(self, data: bytes) -> bytes:
        if self._length is None:
            return data
        taken, beyond = data[: self._length], data[self._length :]
        self._length -= len(taken)
        if self.beyond or (beyond.strip() and not beyond.startswith(b"HTTP/")):
            # Servers that count characters say too little, and what they wrote comes all the same.
            self.beyond += beyond
        self.over = self._length == 0 and not self.beyond
        return taken

    def _dechunked(self, data: bytes) -> bytes:
        self._held += data
        body = bytearray()
        while not self.over and self._held:
            if self._left:
                taken = self._held[: self._left]
                self._held, self._left = self._held[len(taken) :], self._left - len(taken)
                body += taken
            elif (size := _SIZE.match(self._held)) is not None and size.end() <= _SIZE_LIMIT:
                self._begin(size)
            elif len(self._held) < _SIZE_LIMIT and _ALMOST_A_SIZE.fullmatch(self._held) is not None:
                break
            else:
                held, self._held = self._held, b""
                return bytes(body) + self._unframed(held)
        return bytes(body)

    def _begin(self, size: "re.Match[bytes]") -> None:
        # RFC 9112 section 7.1: a chunk's data end with CRLF.
        before = b"\r\n" if self.pieces else b""
        line = size.group()
        if not line.startswith(before) or _STRICT_SIZE.fullmatch(line.removeprefix(before)) is None:
            self._flaw()
        self.pieces += 1
        self._held, self._left = self._held[size.end() :], int(size[1], 16)
        # What may follow the last chunk are headers, and they say nothing that is needed.
        self.over = self._left == 0

    def _unframed(self, held: bytes) -> bytes:
        """Take what is no chunk for the body, to its end; a length speaks of chunks, too, where there were any."""
        self._chunked, self._length = False, None if self.pieces else self._length
        self._flaw()
        return self._measured(held)

    def _flaw(self) -> None:
        self.flaws = self.flaws if CHUNKS in self.flaws else (*self.flaws, CHUNKS)
