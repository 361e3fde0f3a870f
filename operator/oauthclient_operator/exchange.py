"""One HTTP exchange with an authorization server, as values: what is asked, and everything that can come of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
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

    It has parameters, or a token68, or neither. What a server wrote into any of it may be what was presented to it:
    the repr shows nothing.
    """

    scheme: str = field(repr=False)
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
    READ = "read"
    UPDATE = "update"
    DEREGISTER = "deregister"
    PROVE = "prove"
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
    """A complete response: status line, headers (names in lower case) and whole body, none of it judged.

    `flaws` name in fixed words what of its form is not HTTP, or not what was asked for, and was taken all the same.
    `beyond` is what came after a body of the length that was announced.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    flaws: tuple[str, ...] = ()
    beyond: bytes = field(default=b"", repr=False)


class TLSFailure(Enum):
    """Why TLS with a server does not come about, where only a person can mend that."""

    UNTRUSTED = "no authority that is trusted vouches for the server's certificate"
    EXPIRED = "the certificate, or that of its authority, is not valid at this time"
    WRONG_NAME = "the certificate is another host's"
    UNUSABLE = "the certificate is not one for a server, or breaks another rule"
    REFUSED = "the server refuses the TLS that is spoken here"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """No byte of the request was written: refused by our door, or name resolution, connection or TLS failed.

    `refused` says that it was the door, `ours` that our own side had another reason, which says nothing of the server,
    `tls` that TLS fails until a person does something about it; `cause` is a sentence for people, without anything
    confidential.
    """

    cause: str
    refused: bool = False
    ours: bool = False
    tls: TLSFailure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incomplete:
    """The request may have arrived, and no complete response came: timeout, reset, truncation, a bound exceeded.

    `status`, `headers` and `partial` are what had come by then (None, none and b"" if nothing had), `flaws` as of a
    `Response`; `ours` says that our own side ended it, which says nothing of the server, `too_much` that more came than
    is read, as it would again.
    """

    cause: str
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    partial: bytes = field(default=b"", repr=False)
    flaws: tuple[str, ...] = ()
    ours: bool = False
    too_much: bool = False


Answer = Response | NotSent | Incomplete
