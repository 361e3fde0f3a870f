"""The events of a watch as kopf reads them: of bounded length and depth, and none of what is known already.

Two of a new client's three events are echoes of our own writes, known by their answers before they come; kopf would
make a task of each. Such a one is a bookmark to it, which says from where to go on and nothing else.
"""

import json
from collections.abc import AsyncIterator
from typing import Any, Final

import aiohttp

from ..errors import MalformedObject
from ..resource.json_path import child
from .event_lines import EventLines
from .followed import Followed
from .json_text import MANY, is_too_deep
from .metadata import identity
from .outline import LARGE, outline

_OF_A_COPY: Final = ("ADDED", "MODIFIED")


class WatchEvents:
    """A response's content, whole events at a time to who reads them, and as it is to aiohttp."""

    def __init__(self, content: aiohttp.StreamReader, kind: Followed | None) -> None:
        self._content = content
        self._kind = kind

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever it is
        return getattr(self._content, name)

    async def iter_chunked(self, _: int) -> AsyncIterator[bytes]:
        """Yield each event, whatever size is asked for."""
        lines = EventLines()
        async for chunk in self._content.iter_any():
            for line in lines.feed(chunk):
                event = _readable(line)
                yield (event if self._kind is None else unless_known(event, self._kind)) + b"\n"


def unless_known(event: bytes, kind: Followed) -> bytes:
    """Return an event, or a bookmark in the place of one that tells of a copy not newer than what is known."""
    try:
        told = json.loads(event)
        if not isinstance(told, dict) or told.get("type") not in _OF_A_COPY:
            return event
        key, _, version = identity(child(child(told, "object"), "metadata"))
    except (ValueError, MalformedObject):
        return event  # kopf says what that is.
    reached = kind.sink.reached(*key)
    if reached is None or version > reached:
        return event
    return json.dumps({"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": str(version)}}}).encode()


def _readable(line: bytes) -> bytes:
    """Return an event as a parser may have it whose own stack, time and memory bound it in nothing."""
    if len(line) <= LARGE and line.count(b"{") + line.count(b"[") <= MANY:
        return line
    text = line.decode()
    return json.dumps(outline(text)).encode() if len(text) > LARGE or is_too_deep(text) else line
