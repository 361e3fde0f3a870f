"""The events of a watch as kopf reads them: of bounded length and depth, and none of what is known already.

Two of a new client's three events are echoes of our own writes, known by their answers before they come; kopf would
make a task of each. Such a one is a bookmark to it, which says from where to go on and nothing else. And at an error
other than that its resourceVersion is too old, or at what is no event, kopf would end: it is told to list anew.
"""

import json
import logging
from collections.abc import AsyncIterator
from typing import Any, Final

import aiohttp

from ..errors import ClusterError, MalformedObject, Unanswered
from ..oauth.json_object import JSON
from ..resource.json_path import child
from .elapsed import elapsed
from .event_lines import LIST_ANEW, EventLines
from .failures import failure_in_event
from .followed import Followed
from .json_text import MANY, is_too_deep
from .metadata import identity
from .outline import LARGE, outline
from .watch_pace import WatchPace

_LOG = logging.getLogger(__name__)
_OF_A_COPY: Final = ("ADDED", "MODIFIED")
_OF_ONE: Final = (*_OF_A_COPY, "DELETED")
_OF_NONE: Final = "BOOKMARK"


class WatchEvents:
    """A response's content, whole events at a time to who reads them, and as it is to aiohttp."""

    def __init__(self, content: aiohttp.StreamReader, kind: Followed, pace: WatchPace) -> None:
        self._content = content
        self._kind = kind
        self._pace = pace

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever it is
        return getattr(self._content, name)

    async def iter_chunked(self, _: int) -> AsyncIterator[bytes]:
        """Yield each event, whatever size is asked for."""
        lines, began = EventLines(), elapsed()
        try:
            async for chunk in self._content.iter_any():
                for line in lines.feed(chunk):
                    yield unless_known(line, self._kind) + b"\n"
        except ClusterError as error:
            self._pace.failed(elapsed() - began)
            if error.status != 410:
                _LOG.warning("watch failed", extra={"resource": str(self._kind.target), "error": str(error)})
            yield LIST_ANEW + b"\n"
        except (aiohttp.ClientError, TimeoutError):
            self._pace.ended(elapsed() - began)
            raise
        else:
            self._pace.ended(elapsed() - began)


def unless_known(line: bytes, kind: Followed) -> bytes:
    """Return an event, or a bookmark in the place of one that tells of a copy not newer than what is known.

    Raises:
        ClusterError: it tells of an error, or is none.
    """
    try:
        event = _readable(line)
        type_, thing = _parts(json.loads(event))
        if type_ == "ERROR":
            raise failure_in_event(kind.target, thing)
        if type_ == _OF_NONE:
            return event
        key, _, version = identity(child(thing, "metadata"))
    except (ValueError, MalformedObject):
        raise Unanswered(f"watch {kind.target}: what came is no event") from None
    reached = kind.sink.reached(*key)
    if type_ not in _OF_A_COPY or reached is None or version > reached:
        return event
    return json.dumps({"type": _OF_NONE, "object": {"metadata": {"resourceVersion": str(version)}}}).encode()


def _parts(event: JSON) -> tuple[JSON, dict[str, JSON]]:
    thing = event.get("object") if isinstance(event, dict) else None
    type_ = event.get("type") if isinstance(event, dict) else None
    if not isinstance(thing, dict) or not (type_ == "ERROR" or isinstance(thing.get("metadata"), dict)):
        raise MalformedObject("nothing in it")
    if type_ not in _OF_ONE and type_ not in (_OF_NONE, "ERROR"):
        raise MalformedObject("of no type that a watch has")
    return type_, thing


def _readable(line: bytes) -> bytes:
    """Return an event as a parser may have it whose own stack, time and memory bound it in nothing."""
    if len(line) <= LARGE and line.count(b"{") + line.count(b"[") <= MANY:
        return line
    text = line.decode()
    return json.dumps(outline(text)).encode() if len(text) > LARGE or is_too_deep(text) else line
