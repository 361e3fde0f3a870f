"""Calls that change something at an authorization server: what each kind says, open, and closed with what came of it.

A call is written down before its first byte is sent. Every kind is a type of its own; whoever treats them differently
does so exhaustively (`assert_never`), so that a new kind falls into nobody's branch.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final, assert_never

from ..confidential import Confidential
from ..exchange import TLSFailure
from ..oauth.json_object import JSON
from ..oauth.rfc7592 import UNSUPPORTED, UpdateForm, says_nothing_there
from ..oauth.rfc9449 import USE_DPOP_NONCE
from ..oauth.signing_algorithm import SigningAlgorithm
from .signing_keys import SigningKey


class CallKind(StrEnum):
    """The words for the calls of RFC 7591 and RFC 7592: in labels, metrics and logs."""

    REGISTER = "register"
    READ = "read"
    UPDATE = "update"
    DEREGISTER = "deregister"


class CallOutcome(StrEnum):
    """What came of a call; the rows of the outcome table."""

    NOT_SENT = "not-sent"
    REJECTED = "rejected"
    COMMITTED = "committed"
    AMBIGUOUS = "ambiguous"
    NOT_UNDERSTOOD = "not-understood"


@dataclass(frozen=True, slots=True)
class Asked:
    """The client metadata of a spec, as a call carried them; `members` is None where only their digest is kept."""

    digest: str
    members: Mapping[str, JSON] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterCall:
    """A registration (RFC 7591 section 3.1), part of one attempt.

    `bearer` is the fingerprint of the token that it presents, `credential` the version of the Secret that held it, or
    the way in which it was obtained and the version of the Secret for that,
    `statement` that of the Secret that the spec names for the software statement, and `returned` whether the one went
    that the server had returned with the client before; `proof_key` the thumbprint of the key of its DPoP proof;
    `repeats` says that it is the one before it once more, for which the server wanted a nonce, or another access token.
    `source` is the digest of where the spec had the issuer's metadata read, `admitted_by` the UID of the
    ClusterOAuthIssuer by whose terms it was made. `key` is born with it, and goes to the
    client of its answer; `signing` is that key's algorithm, which stays when the call is closed.
    """

    kind: ClassVar = CallKind.REGISTER
    attempt: int
    asked: Asked
    bearer: str | None = None
    credential: str | None = None
    statement: str | None = None
    returned: bool = False
    proof_key: str | None = None
    repeats: bool = False
    source: str | None = None
    admitted_by: str | None = None
    signing: SigningAlgorithm | None = None
    key: SigningKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateCall:
    """An update (RFC 7592 section 2.2) of the client of that key; `bearer` is the fingerprint of the token used.

    `by_access` says that this is an access token of the operator's own, `repeats` that it is the one before it once
    more, for another such token. `kids` name the keys of ours that it says, `key` is the one among them that is born
    with it.
    """

    kind: ClassVar = CallKind.UPDATE
    client: int
    asked: Asked
    bearer: str | None = None
    by_access: bool = False
    repeats: bool = False
    form: UpdateForm = UpdateForm.FULL
    kids: tuple[str, ...] = ()
    key: SigningKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeregisterCall:
    """A deregistration (RFC 7592 section 2.3) of the client of that key, with the token of that fingerprint.

    `by_access` says that this is an access token of the operator's own.
    """

    kind: ClassVar = CallKind.DEREGISTER
    client: int
    bearer: str | None = None
    by_access: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCall:
    """A read (RFC 7592 section 2.1) of the client of that key, with the token of that fingerprint.

    It is a call like the others because servers may renew the client secret and the token with it. `by_access` says
    that it presents an access token of the operator's own; `repeats` that it is the one before it once more, whose
    answer was lost or whose access token was refused; `adopts` that the client is one that a Secret hands over, and
    none of the record's yet.
    """

    kind: ClassVar = CallKind.READ
    client: int
    bearer: str | None = None
    by_access: bool = False
    repeats: bool = False
    adopts: bool = False


What = RegisterCall | ReadCall | UpdateCall | DeregisterCall
Managing = ReadCall | UpdateCall | DeregisterCall
"""The calls of RFC 7592: each is about a client, and presents its registration access token, or an access token."""


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
        """Return the call without what it carried: of metadata their digest is enough once it is closed.

        A key is the client's by then; one that no answer brought a client for is of no use.
        """
        match self.what:
            case RegisterCall() | UpdateCall() as what:
                return replace(self, what=replace(what, asked=Asked(what.asked.digest), key=None))
            case ReadCall() | DeregisterCall():
                return self
            case _:
                assert_never(self.what)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the server said, or for want of an answer what kept it away: status code, and words cleaned and cut.

    Of what is not understood `description` says what came, in our words; of what is committed, what was wrong with its
    form. `retry_after` is in seconds; `json` says whether a complete answer's body was a JSON object; `tls` says that
    nothing was sent because TLS fails until a person does something about it.
    """

    status: int | None = None
    error: str | None = None
    description: str | None = None
    retry_after: float | None = None
    json: bool = True
    tls: TLSFailure | None = None


_NOT_ABOUT_METADATA: Final = frozenset({401, 404, 405, 429})


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
    def not_understood(self) -> bool:
        """Whether the server answered completely that it did it, and no client could be read in that."""
        return self.outcome is CallOutcome.NOT_UNDERSTOOD

    @property
    def refuses_metadata(self) -> bool:
        """Whether the server does not take what was asked, as far as its answer goes: not the token, nor the pace.

        Keycloak's policies answer 403, others 422, or 400 without a word of RFC 7591.
        """
        return self.rejected and self.said.status not in _NOT_ABOUT_METADATA

    @property
    def unsupported(self) -> bool:
        """Whether the server said that it does not do such a thing.

        Of a read or an update a 404 that is no JSON says so too: nothing that knows the protocol is there. Of a
        deregistration it does not: what stands before a server answers so while the server is away, and the client
        lives on.
        """
        reads_or_updates = isinstance(self.what, ReadCall | UpdateCall)
        page = reads_or_updates and says_nothing_there(self.said.status, json=self.said.json)
        return self.rejected and (self.said.status in UNSUPPORTED or page)

    @property
    def by_access(self) -> bool:
        """Whether it presented an access token of the operator's own for managing a client."""
        return isinstance(self.what, Managing) and self.what.by_access

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
