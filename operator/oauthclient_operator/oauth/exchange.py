"""One HTTP exchange with an authorization server, as values: what is asked, and everything that can come of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .confidential import Confidential


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request to be sent once; `bearer` becomes the Authorization header (RFC 6750 section 2.1)."""

    method: str
    url: str
    bearer: Confidential | None = None
    body: bytes | None = field(default=None, repr=False)
    """JSON text, sent as application/json; it may hold nothing that the server issued."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A complete response: status line, headers (names in lower case) and whole body, none of it judged."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """No byte of the request was written: refused by our door, or name resolution, connection or TLS failed.

    `refused` says that it was the door, `ours` that our own side had another reason, which says nothing of the server;
    `cause` is a sentence for people, without anything confidential.
    """

    cause: str
    refused: bool = False
    ours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Incomplete:
    """The request may have arrived, and no complete response came: timeout, reset, truncation, a bound exceeded.

    `status` and `partial` are what had come by then (None and b"" if nothing had).
    """

    cause: str
    status: int | None = None
    partial: bytes = field(default=b"", repr=False)


Answer = Response | NotSent | Incomplete
