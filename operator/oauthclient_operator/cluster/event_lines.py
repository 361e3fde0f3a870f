"""The events of a watch, cut from its bytes, each of bounded length; pure."""

from typing import Final

LARGEST: Final = 8 << 20
"""Bytes of one event. The API server stores objects of 1.5 MiB, and JSON may take some times that for them."""
LIST_ANEW: Final = b'{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}'
"""What the API server says where one cannot go on from a resourceVersion: in the place of an event that is too large,
so that its object is read as a list's item, beyond which the next watch begins."""


class EventLines:
    """Takes a watch's bytes as they come and returns the lines that they complete."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._length = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take the next bytes and return each event that is whole now; what an end of the stream cuts off never is."""
        first, *others = chunk.split(b"\n")
        found = []
        self._add(first)
        for following in others:
            found.append(b"".join(self._parts) if self._length <= LARGEST else LIST_ANEW)
            self._parts, self._length = [], 0
            self._add(following)
        return [line for line in found if line.strip()]

    def _add(self, part: bytes) -> None:
        self._length += len(part)
        if self._length <= LARGEST:
            self._parts.append(part)
        else:
            self._parts = []
