"""Calls that change something at an authorization server: what each kind says, open, and closed with what came of it.

A call is written down before its first byte is sent. Every kind is a type of its own; whoever treats them differently
does so exhaustively (`assert_never`), so that a new kind falls into nobody's branch.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, assert_never

from ..confidential import Confidential
from ..oauth.json_object import JSON
from ..oauth.rfc7592 import UNSUPPORTED, says_nothing_there
from ..oauth.rfc9449 import USE_DPOP_NONCE


class CallKind(StrEnum):
    """The words for the calls of RFC 7591 and RFC 7592: in labels, metrics and logs."""

    REGISTER = "register"
    UPDATE = "update"
    DEREGISTER = "deregister"


class CallOutcome(StrEnum):
    """What came of a call; the rows of the outcome table."""

    NOT_SENT = "not-sent"
    REJECTED = "rejected"
    COMMITTED = "committed"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class Asked:
    """The client metadata of a spec, as a call carried them; `members` is None where only their digest is kept."""

    digest: str
    members: Mapping[str, JSON] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterCall:
    """A registration (RFC 7591 section 3.1), part of one attempt.

    `bearer` is the fingerprint of the initial access token, `credential` the version of the Secret that held it,
    `proof_key` the thumbprint of the key of its DPoP proof; `repeats` says that it is the one before it once more, for
    which the server wanted a nonce.
    """

    kind: ClassVar = CallKind.REGISTER
    attempt: int
    asked: Asked
    bearer: str | None = None
    credential: str | None = None
    proof_key: str | None = None
    repeats: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateCall:
    """An update (RFC 7592 section 2.2) of the client of that key; `bearer` is the fingerprint of the token used."""

    kind: ClassVar = CallKind.UPDATE
    client: int
    asked: Asked
    bearer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeregisterCall:
    """A deregistration (RFC 7592 section 2.3) of the client of that key, with the token of that fingerprint."""

    kind: ClassVar = CallKind.DEREGISTER
    client: int
    bearer: str | None = None


What = RegisterCall | UpdateCall | DeregisterCall


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call at one issuer: what it says, who makes it, and until when its answer can come."""

    number: int
    nonce: str
    holder: str
    issuer: str
    trust: str
    endpoint: str
    opened_at: datetime
    deadline: datetime
    what: What

    @property
    def kind(self) -> CallKind:
        """The word for its kind."""
        return self.what.kind

    @property
    def client(self) -> int | None:
        """The key of the client that it is about, if there is one already."""
        return None if isinstance(self.what, RegisterCall) else self.what.client

    def compacted(self) -> "Call":
        """Return the call without the metadata that it carried: their digest is enough once it is closed."""
        match self.what:
            case RegisterCall() | UpdateCall() as what:
                return replace(self, what=replace(what, asked=Asked(what.asked.digest)))
            case DeregisterCall():
                return self
            case _:
                assert_never(self.what)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the server said, or for want of an answer what kept it away: status code, and words cleaned and cut.

    `retry_after` is in seconds; `json` says whether a complete answer's body was a JSON object.
    """

    status: int | None = None
    error: str | None = None
    description: str | None = None
    retry_after: float | None = None
    json: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedCall:
    """A call whose outcome is known, or known to be unknown, since `at`."""

    call: Call
    outcome: CallOutcome
    at: datetime
    said: Said = field(default_factory=Said)

    @property
    def number(self) -> int:
        """The call's number."""
        return self.call.number

    @property
    def what(self) -> What:
        """What the call said."""
        return self.call.what

    @property
    def rejected(self) -> bool:
        """Whether the server refused it completely."""
        return self.outcome is CallOutcome.REJECTED

    @property
    def unsupported(self) -> bool:
        """Whether the server said that it does not do such a thing.

        Of an update a 404 that is no JSON says so too: nothing that knows the protocol is there. Of a deregistration
        it does not: what stands before a server answers so while the server is away, and the client lives on.
        """
        page = isinstance(self.what, UpdateCall) and says_nothing_there(self.said.status, json=self.said.json)
        return self.rejected and (self.said.status in UNSUPPORTED or page)

    @property
    def proven(self) -> bool:
        """Whether it carried a DPoP proof."""
        return isinstance(self.what, RegisterCall) and self.what.proof_key is not None

    @property
    def nonce_wanted(self) -> bool:
        """Whether its DPoP proof was refused for its nonce, or for having none (RFC 9449 section 8)."""
        return self.rejected and self.said.error == USE_DPOP_NONCE and self.proven

    @property
    def to_be_repeated(self) -> bool:
        """Whether it is worth one more call with the nonce that came: what repeated another is not."""
        return self.nonce_wanted and isinstance(self.what, RegisterCall) and not self.what.repeats


def fingerprint(credential: Confidential | None) -> str | None:
    """Return a name for a token or secret that says nothing about it but whether two are the same."""
    return None if credential is None else hashlib.sha256(credential.reveal().encode()).hexdigest()[:16]
