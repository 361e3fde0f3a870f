"""One HTTP exchange with an authorization server, as values: what is asked, and everything that can come of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from .confidential import Confidential


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """An Authorization header (RFC 9110 section 11.6.2): a scheme, and credentials in its own form."""

    scheme: str
    credentials: Confidential


def bearer(token: Confidential) -> Authorization:
    """Return the authorization by an access token that is no more than shown (RFC 6750 section 2.1)."""
    return Authorization(scheme="Bearer", credentials=token)


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """One challenge of a WWW-Authenticate header (RFC 9110 section 11.3); scheme and parameters' names in lower case.

    It has parameters, or a token68, or neither. What a server wrote into them may be what was presented to it: the
    repr does not show it.
    """

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    token68: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCertificate:
    """A certificate to show in the TLS handshake (RFC 8705 section 2): PEM files of its chain and its private key."""

    chain: Path
    key: Path


class Purpose(StrEnum):
    """What a request is for: whoever counts is told, and does not guess it from the HTTP method."""

    DISCOVER = "discover"
    REGISTER = "register"
    UPDATE = "update"
    DEREGISTER = "deregister"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request to be sent once.

    `proof` becomes the DPoP header (RFC 9449 section 4.1). `body` is text of the media type; a record keeps it of a
    registration, so that one may hold nothing that the server issued.
    """

    method: str
    url: str
    purpose: Purpose = Purpose.OTHER
    authorization: Authorization | None = None
    proof: Confidential | None = None
    body: bytes | None = field(default=None, repr=False)
    media_type: str = "application/json"
    certificate: ClientCertificate | None = None

    @property
    def credentials(self) -> Confidential | None:
        """The token, or other credentials, in the Authorization header."""
        return None if self.authorization is None else self.authorization.credentials


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
