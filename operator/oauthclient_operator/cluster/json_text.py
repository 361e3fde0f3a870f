"""The extent and the depth of JSON as the API server writes it, whatever a tenant put into an object; pure.

A tenant chooses what an object holds: a million brackets, or levels upon levels of them. What is looked for here is
looked for in whole windows of the text, by functions that are written in C: no step is taken for each bracket.
"""

from array import array
from bisect import bisect_left
from itertools import accumulate
from typing import Final

LEVELS: Final = 64
"""Twice what client metadata may have; a value that is deeper is not read."""
MANY: Final = 500
"""Brackets; a text with no more is nested so little that nothing that reads or writes it runs out of stack."""
_SMALLEST_WINDOW: Final = 256
_LARGEST_WINDOW: Final = 64 * 1024
_BRACKETS: Final = b"[{]}"
_OTHERS: Final = bytes(byte for byte in range(256) if byte not in _BRACKETS)
_ALIKE: Final = bytes.maketrans(b"{}", b"[]")
_STEPS: Final = bytes.maketrans(b"[]", bytes((1, 255)))
"""One level down, or one up, as signed bytes."""
_AT_ONCE: Final = 8
"""Innermost levels that are gone through without a look at each bracket."""
_NONE: Final = bytes.maketrans(_BRACKETS, b"____")


def is_too_deep(text: str, begin: int = 0, end: int | None = None) -> bool:
    """Whether something in a JSON text is nested more deeply than is read."""
    if text.count("[", begin, end) + text.count("{", begin, end) <= MANY:
        return False
    brackets = b"".join(_pieces(text[begin:end])[::2]).translate(_ALIKE, _OTHERS)
    for _ in range(LEVELS):
        # The innermost level of each.
        brackets = brackets.replace(b"[]", b"")
    return brackets != b""


class Extent:
    """How far an object or a list goes in a JSON text, which may come in parts."""

    def __init__(self) -> None:
        self.deepest = 0
        """How many levels there are at least, its own included; there may be some more."""
        self._depth = 0
        self._in_string = False

    def end(self, text: str, at: int) -> tuple[int, bool]:
        """Read on in a text from there; return where it ends, and true, or how far it was read, and false.

        Raises:
            ValueError: this is not JSON.
        """
        window = _SMALLEST_WINDOW
        while (stop := _before_an_escape(text, at, at + window)) > at:
            if (length := self._read(text[at:stop])) is not None:
                return at + length, True
            at, window = stop, min(2 * window, _LARGEST_WINDOW)
        return at, False

    def _read(self, part: str) -> int | None:
        """Read on and return after how many characters it ended, if it did."""
        # Every other piece is in a string, the second one first.
        opening = '"' if self._in_string else ""
        pieces = _pieces(opening + part)
        self._in_string = len(pieces) % 2 == 0
        brackets = b"".join(pieces[::2]).translate(_ALIKE, _OTHERS)
        # What begins and ends in here does not end what it is in.
        depths = _depths(self._depth, _without_innermost(brackets) if self._depth else brackets)
        if 0 not in depths[1:]:
            self._depth = depths[-1]
            self._saw(depths)
            return None
        depths = _depths(self._depth, brackets)
        closing = depths.index(0, 1)
        self._saw(depths[:closing])
        return _place_of_bracket(pieces, closing) + 1 - len(opening)

    def _saw(self, depths: list[int]) -> None:
        deepest = max(depths)
        self.deepest = max(self.deepest, deepest)


def _depths(first: int, brackets: bytes) -> list[int]:
    """Return the depth before the first of the brackets, and after each of them."""
    return list(accumulate(array("b", brackets.translate(_STEPS)), initial=first))


def _without_innermost(brackets: bytes) -> bytes:
    for _ in range(_AT_ONCE):
        brackets = brackets.replace(b"[]", b"")
    return brackets


def _pieces(text: str) -> list[bytes]:
    """Split a text at its quotation marks: what is outside of strings, what is in one, and so on.

    A character is a byte, whichever it is.
    """
    raw = text.encode("latin-1", "replace")
    if b"\\" in raw:
        raw = raw.replace(rb"\\", b"__").replace(rb"\"", b"__")
    return raw.split(b'"')


def _place_of_bracket(pieces: list[bytes], number: int) -> int:
    if len(pieces) > 1:
        # JSON has no such character in a string.
        pieces[1::2] = b"\0".join(pieces[1::2]).translate(_NONE).split(b"\0")
    whole = b'"'.join(pieces)
    return bisect_left(range(len(whole)), number, key=lambda at: len(whole[: at + 1].translate(None, _OTHERS)))


def _before_an_escape(text: str, at: int, stop: int) -> int:
    """Return where a window ends, so that it parts no backslash from what it escapes."""
    window = text[at:stop]
    return at + len(window) - (len(window) - len(window.rstrip("\\"))) % 2
