"""A list as the API server sends it, read while it comes: never more than one item is there whole; pure.

A page read whole takes ten times its text, a tenant chooses how long that is, and what stays of it is scattered among
what goes: memory that does not go back to the system. An item that is large or deep is not even read whole: its end is
looked for as it comes, and then it is outlined.
"""

import codecs
import json
import re
from collections.abc import Callable
from typing import Final

from ..oauth.json_object import JSON
from .json_text import Extent, is_too_deep
from .outline import LARGE, outline

LARGEST: Final = 16 << 20
"""Characters of one item. What the API server stores in etcd is a tenth of that; nothing here could hold much more."""
_PART: Final = 64 * 1024
"""Bytes that are read at a time, however many came, so that nothing large is read before it is known to be."""
_DECODER: Final = json.JSONDecoder()
_SPACE: Final = re.compile(r"[ \t\n\r]*")


class ListReader:
    """Takes a list's bytes as they come and gives each item to `take` once it is whole; `size` counts the bytes."""

    def __init__(self, take: Callable[[JSON], None]) -> None:
        self.size = 0
        self._take = take
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._text = ""
        self._at = 0
        self._enough = 0
        self._step: Callable[[], bool] = self._begin
        self._about: dict[str, JSON] = {}
        self._extent: Extent | None = None
        """Of an item that is large or deep, while its end has not come."""
        self._seen = 0
        """Characters of it in which the end was looked for."""

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            ValueError: an item is larger than any that the API server stores, or this is not UTF-8.
        """
        self.size += len(chunk)
        for begin in range(0, len(chunk), _PART):
            self._text = self._text[self._at :] + self._decode(chunk[begin : begin + _PART])
            self._at = 0
            if len(self._text) >= self._enough:
                self._read()

    def end(self) -> dict[str, JSON]:
        """Return the list without its items, `items` null, once all has come.

        Raises:
            ValueError: it is no JSON object, or not whole.
        """
        self._text += self._decode(b"", final=True)
        self._read()
        if self._step != self._after or self._text[self._space(self._at) :]:
            raise ValueError("no JSON object")
        return self._about

    def _read(self) -> None:
        try:
            while self._step():
                pass
        except EOFError:
            left = len(self._text) - self._at
            if left > LARGEST:
                raise ValueError("an item that is too large") from None
            # What is not whole is tried again when there is twice as much of it: all tries together are linear.
            self._enough = 0 if self._extent is not None else min(2 * left, max(left, LARGE) + 1)
        else:
            self._enough = 0

    # Each step reads one thing and goes beyond it, or raises EOFError and stays: what it needs has not come yet. It
    # returns whether another step follows.

    def _begin(self) -> bool:
        self._at = self._mark(self._at, "{")[1]
        self._step = self._member
        return True

    def _member(self) -> bool:
        if self._peek() == "}":
            return self._ended()
        name, at = self._value(self._at)
        at = self._space(self._mark(at, ":")[1])
        if name == "items" and self._text[at : at + 1] == "[":
            self._about["items"] = None
            self._at, self._step = at + 1, self._item
            return True
        value, at = self._value(at)
        self._about[str(name)] = value
        return self._next(at, "}", self._member)

    def _item(self) -> bool:
        if self._peek() == "]":
            return self._next(self._space(self._at) + 1, "}", self._member)
        begin = self._space(self._at)
        item, end = self._read_item(begin)
        if self._text[begin] not in "{[":
            self._mark(end, ",]")  # A number may go on.
        self._take(item)
        self._at, self._step = end, self._beyond_item
        return True

    def _beyond_item(self) -> bool:
        return self._next(self._at, "]", self._item)

    def _after(self) -> bool:
        return False

    def _ended(self) -> bool:
        self._at, self._step = self._space(self._at) + 1, self._after
        return False

    def _next(self, at: int, end: str, step: Callable[[], bool]) -> bool:
        """Go beyond a comma, or up to the end of what this is in."""
        mark, beyond = self._mark(at, f",{end}")
        self._at, self._step = (beyond if mark == "," else beyond - 1), step
        return True

    def _value(self, at: int) -> tuple[JSON, int]:
        try:
            return _DECODER.raw_decode(self._text, self._space(at))
        except json.JSONDecodeError:
            raise EOFError from None
        except RecursionError:
            raise ValueError("no JSON object") from None

    def _read_item(self, at: int) -> tuple[JSON, int]:
        if self._extent is None:
            try:
                item, end = _DECODER.raw_decode(self._text, at)
            except json.JSONDecodeError:
                if len(self._text) - at <= LARGE or self._text[at] not in "{[":
                    raise EOFError from None
            except RecursionError:
                pass
            else:
                # What could be read here may be too deep for who reads it next.
                return (outline(self._text[at:end]) if is_too_deep(self._text, at, end) else item), end
            self._extent, self._seen = Extent(), 0
        end, is_whole = self._extent.end(self._text, at + self._seen)
        self._seen = end - at
        if not is_whole:
            raise EOFError
        self._extent = None
        return outline(self._text[at:end]), end

    def _mark(self, at: int, marks: str) -> tuple[str, int]:
        at = self._space(at)
        if (found := self._text[at : at + 1]) == "":
            raise EOFError
        if found not in marks:
            raise ValueError("no JSON object")
        return found, at + 1

    def _peek(self) -> str:
        at = self._space(self._at)
        if at == len(self._text):
            raise EOFError
        return self._text[at]

    def _space(self, at: int) -> int:
        match = _SPACE.match(self._text, at)
        return at if match is None else match.end()
