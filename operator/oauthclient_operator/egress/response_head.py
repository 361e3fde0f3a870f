"""The head of a response as servers write it, made fit for a reader that is strict: an answer is not to be lost to it.

Only the form is mended: which lines are no header lines, where the body ends, and what it is coded with.
"""

import re
from dataclasses import dataclass
from typing import Final

from .response_body import Body

_END: Final = re.compile(rb"\r?\n\r?\n")
_STATUS: Final = re.compile(rb"HTTP/1\.[01] [0-9]{3}(?: [\t\x20-\x7e\x80-\xff]*)?")
_ALMOST_A_STATUS: Final = re.compile(rb"\s*HTTP/[0-9](?:\.[0-9])?[ \t]+([0-9]{3})(?![0-9])", re.IGNORECASE)
_FIELD: Final = re.compile(rb"([-!#$%&'*+.^_`|~0-9a-zA-Z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)")
_FRAMING: Final = (b"transfer-encoding", b"content-length")
_LENGTH: Final = re.compile(rb"[0-9]{1,18}")

NOT_A_STATUS: Final = "a status line that is not HTTP"
NOT_A_FIELD: Final = "a header line that is not HTTP"
CODING: Final = "a Transfer-Encoding that was not asked for"
LENGTHS: Final = "a Content-Length that is none, or two"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A head that a strict reader takes, and the body to come, which is read to the end of what is handed on.

    `flaws` name what was wrong, `codings` are those around the body. RFC 9112 section 7: a transfer coding is a
    property of the message, and may be a compression, too.
    """

    text: bytes
    body: Body | None = None
    flaws: tuple[str, ...] = ()
    codings: tuple[str, ...] = ()


class Heads:
    """What a connection brings, with each head mended on its way, and the last one's body without its framing."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._looked_at = 0
        self._flaws: tuple[str, ...] = ()
        self._body: Body | None = None
        self.codings: tuple[str, ...] = ()

    @property
    def flaws(self) -> tuple[str, ...]:
        """What was wrong with the form of what came."""
        return self._flaws if self._body is None else (*self._flaws, *self._body.flaws)

    @property
    def pieces(self) -> int:
        """How many pieces the body came in."""
        return 0 if self._body is None else self._body.pieces

    @property
    def over(self) -> bool:
        """Whether all of the response has come."""
        return self._body is not None and self._body.over

    @property
    def lacks(self) -> bool:
        """Whether the body's framing says that more was to come."""
        return self._body is not None and self._body.lacks

    @property
    def enough(self) -> bool:
        """Whether all of the response has come that its head announces, be it over or not."""
        return self._body is not None and self._body.enough

    @property
    def beyond(self) -> bytes:
        """What came after all that the head announces."""
        return b"" if self._body is None else self._body.beyond

    @property
    def status(self) -> int | None:
        """The status code of a head that is not complete, as far as its first line says one."""
        found = _ALMOST_A_STATUS.match(self._held)
        return None if found is None else int(found[1])

    def feed(self, data: bytes) -> bytes:
        """Return what can go on by now: nothing while a head is incomplete."""
        if self._body is not None:
            return self._body.feed(data)
        self._held += data
        if not self._looked_at:
            # An empty line before a head is none of its end.
            self._held = self._held.lstrip(b"\r\n")
        passed = b""
        while self._body is None and (end := _END.search(self._held, self._looked_at)) is not None:
            head = mended(bytes(self._held[: end.start()]))
            self._held, self._looked_at = self._held[end.end() :], 0
            self._flaws, self.codings, self._body = head.flaws, head.codings, head.body
            passed += head.text
        if self._body is not None:
            held, self._held = bytes(self._held), bytearray()
            return passed + self._body.feed(held)
        # The end may be in the middle of what comes next.
        self._looked_at = max(0, len(self._held) - 3)
        return passed

    def rest(self) -> bytes:
        """Return what is held, for nothing more comes."""
        if self._body is not None:
            return self._body.rest()
        held, self._held = bytes(self._held), bytearray()
        return held


def mended(head: bytes) -> Head:
    """Return a head, given without the empty line at its end, as a strict reader takes it; the rest it may refuse."""
    status, *lines = head.replace(b"\r\n", b"\n").split(b"\n")
    flaws: list[str] = []
    if _STATUS.fullmatch(status) is None:
        found = _ALMOST_A_STATUS.match(status)
        if found is None:
            # Nobody knows what it is.
            return Head(text=head + b"\r\n\r\n", body=Body(chunked=False, length=None))
        status = b"HTTP/1.1 " + found[1]
        flaws.append(NOT_A_STATUS)
    fields = _fields(lines, flaws)
    chunked, length, codings = _chunked(fields, flaws), _measured(fields, flaws), _codings(fields)
    written = [status, *(name + b": " + value for name, value in fields if name.lower() not in _FRAMING)]
    # A 101 is followed by another protocol; any other 1xx by the head that counts.
    final = not status.split(b" ")[1].startswith(b"1") or status.split(b" ")[1] == b"101"
    body = Body(chunked=chunked, length=length) if final else None
    return Head(text=b"\r\n".join([*written, b"", b""]), body=body, flaws=tuple(flaws), codings=codings)


def _fields(lines: list[bytes], flaws: list[str]) -> list[tuple[bytes, bytes]]:
    """Return the header fields; a line that is none is left out, and so is what continues it."""
    fields: list[tuple[bytes, list[bytes]]] = []
    dropped = True
    for line in lines:
        if line[:1] in (b" ", b"\t") and not dropped:
            # RFC 9112 section 5.2: obs-fold is to be replaced "with one or more SP octets".
            fields[-1][1].append(line.strip())
            continue
        found = _FIELD.fullmatch(line)
        dropped = found is None
        if found is None:
            flaws += [] if NOT_A_FIELD in flaws else [NOT_A_FIELD]
        else:
            fields.append((found[1], [found[2].strip()]))
    return [(name, b" ".join(values)) for name, values in fields]


def _chunked(fields: list[tuple[bytes, bytes]], flaws: list[str]) -> bool:
    """Say whether the body is in chunks, whatever else is said of it."""
    named = _transfer_codings(fields)
    if named and named != ["chunked"]:
        flaws.append(CODING)
    return "chunked" in named


def _codings(fields: list[tuple[bytes, bytes]]) -> tuple[str, ...]:
    content = [word for name, value in fields if name.lower() == b"content-encoding" for word in _words(value)]
    return tuple(word for word in (*content, *_transfer_codings(fields)) if word not in ("chunked", "identity"))


def _transfer_codings(fields: list[tuple[bytes, bytes]]) -> list[str]:
    return [word for name, value in fields if name.lower() == b"transfer-encoding" for word in _words(value)]


def _measured(fields: list[tuple[bytes, bytes]], flaws: list[str]) -> int | None:
    """Return the body's length, or None where none is said, or no single one: then it goes to the end."""
    said = {part.strip() for name, value in fields if name.lower() == b"content-length" for part in value.split(b",")}
    if not said:
        return None
    length = said.pop()
    if said or _LENGTH.fullmatch(length) is None:
        flaws.append(LENGTHS)
        return None
    return int(length)


def _words(value: bytes) -> list[str]:
    return [word for part in value.decode("latin-1").lower().split(",") if (word := part.partition(";")[0].strip())]
