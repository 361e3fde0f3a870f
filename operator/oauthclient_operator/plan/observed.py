"""All that `plan` may look at: what was read so far in this pass, and what has not been read yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from ..confidential import Confidential
from ..errors import Retry
from ..oauth.proof.results import Calibrated, NotKnown, NotProvable, Refused, Unavailable, Valid
from ..oauth.rfc8414 import ServerMetadata
from ..published_secret import Amendment, NewSecret, Unkept
from ..reach import IssuerAddress
from ..record.envelope import Stored
from ..record.summary import Summary
from ..resource.client_information_secret import HandedOver
from ..resource.initial_access_token import InitialAccessToken
from ..resource.oauth_client import OAuthClient
from ..resource.secret import Secret, SecretMetadata
from ..resource.terms import IssuerTerms
from ..verdict.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was tried and stands in the way, and what can make it go away; `pauses` says until when."""

    verdict: Verdict
    retry: Retry = Retry.ON_CHANGE
    retry_after: float | None = None
    """Seconds that whoever refused asked to wait; it only lengthens a pause."""
    issuer: str | None = None
    """Where a call came to nothing; None where what stands in the way is in the way of all issuers' clients."""
    of_metadata: bool = False
    """Whether it is that the issuer's metadata cannot be had, or used: then no call was made."""


@dataclass(frozen=True, slots=True)
class Held:
    """A problem of a moment ago: nothing of the kind is tried before then, or before something changes."""

    verdict: Verdict
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """How often calls failed in a row, as far as this process remembers, and a number in [0, 1) to spread pauses by."""

    in_a_row: int = 0
    chance: float = 0.0


@dataclass(frozen=True, slots=True)
class Missing:
    """A live read found nothing."""


@dataclass(frozen=True, slots=True)
class Unread:
    """Nothing was read live in this pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instead:
    """Why the Secret of that name, which the spec names, cannot be written in this pass, and what was read of it.

    The one that was published before is kept true instead. The name is None where the spec has none that can be, or
    where that very Secret is kept as it was published.
    """

    verdict: Verdict
    name: str | None = None
    secret: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """How the published client's own issuer is asked for another client, and what came of the one that the spec names.

    Or, where the resource is gone, how the issuer is asked that admitted a client. `verdict` is what is waited for
    there, until when if that is known; `failed` is a failure of this pass. `ends` is set where that issuer is asked for
    nothing but the end of a client that the resource left behind there.
    """

    terms: IssuerTerms
    verdict: Verdict
    until: datetime | None = None
    failed: Problem | None = None
    ends: int | None = None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Since when no answer tells whether what is published is accepted, or what proves it; `why` is the newest one."""

    since: datetime
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """That a resource that lives left clients behind, and when the next is tried; None: nothing can be called for."""

    due: datetime | None


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
ProofResult = Calibrated | NotProvable | Valid | Refused | NotKnown | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The operator's settings that decide when."""

    exchange_timeout: timedelta = timedelta(seconds=20)
    retry_slowly: timedelta = timedelta(minutes=15)
    release_after: timedelta = timedelta(hours=1)
    margin: timedelta = timedelta(seconds=5)
    keep_released: timedelta = timedelta(seconds=70)
    """How long a confirmed record stays, so that no late answer finds it gone: the lease and an exchange."""
    suspects: int = 3
    records_per_namespace: int = 1000
    proof_interval: timedelta | None = None
    """None: what is published is proven only at doubt and on request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """The state of the world as far as it is known, about a resource or about the record of one that is gone.

    `resource` is from the cache until `live`; `summary` and `secret_metadata` are from the watches; `record`, `secret`,
    `server`, `initial_access_token` and `software_statement` are read when `plan` asks. `sharing` and
    `sharing_deletion` say that another record holds the same client, or is deregistering it for nobody knows how long;
    `ended_elsewhere` until when another record's deregistration may end what this record was answered with, or when it
    did; `newer_elsewhere` that another record was given the client later. `unmanageable` are clients whose address the
    egress door does not let us call with a token.
    """

    resource: OAuthClient | Unread | None
    """None if there is none; Unread in a pass over a record, until a live read has told."""
    address: IssuerAddress | None = None
    """How the issuer of the spec is reached now; None where there is no spec, or no terms that can be honoured."""
    terms: IssuerTerms | None = None
    """What is known of that issuer."""
    awaited: str | None = None
    """Of a resource that goes: the UID of that issuer, which says Access, where it cannot be used now."""
    admitting: Mapping[str, IssuerTerms] | None = None
    """Of a record whose resource is gone: what is known, by UID, of the issuers that may have admitted its clients."""
    others: Mapping[str, IssuerTerms] = field(default_factory=dict)
    """Of a resource that lives and left clients behind: the same of other issuers than that of its spec."""
    unseen: frozenset[str] = frozenset()
    """Of such a record: the UIDs of issuers that this process has not looked at yet."""
    live: bool = False
    live_at: datetime | None = None
    """When that was by the API server's clock, if it said so."""
    summary: Summary | None = None
    crowded: bool = False
    """There is no record of this resource, and no room for one more in its namespace."""
    record: Stored | Problem | Missing | Unread = Unread()
    secret_metadata: Mapping[str, SecretMetadata] = field(default_factory=dict)
    secret: Secret | Missing | Unread = Unread()
    instead: Instead | None = None
    """Set where `secret` is the one that was published before the one that the spec names."""
    initial_access_token_version: str | Unread | None = None
    initial_access_token: InitialAccessToken | Problem | Unread = Unread()
    """For the endpoint of `server`, and for one call."""
    software_statement_version: str | Unread | None = None
    software_statement: Confidential | Problem | Unread = Unread()
    """As the token."""
    handed_over: HandedOver | Problem | Unread = Unread()
    """What the Secret that `spec.adopt` names hands over."""
    held_by_other: bool | Unread = Unread()
    """Whether another record keeps this one from adopting that, as far as the watches know."""
    held_by_other_live: bool | Unread = Unread()
    """And after a live look at the records."""
    server: ServerMetadata | Problem | Unread = Unread()
    server_read_at: datetime | None = None
    turned: Turned | None = None
    """Set where `server`, token and statement are, until the next call, another issuer's than the spec's, or any's."""
    denials: Mapping[str, Problem] = field(default_factory=dict)
    """Why issuers that were asked before in this pass for a client's end give no access token, by their UIDs."""
    rehearsed: bool | Problem = False
    """True once a dry run of the publication succeeded in this pass."""
    rehearsal: NewSecret | Amendment | None = None
    """What it succeeded of, in this pass or in one before that had no slot for the call any more."""
    publication: Problem | None = None
    unkept: Unkept = field(default_factory=Unkept)
    """What was written into the published Secret before, and did not stay."""
    finalizer: Problem | None = None
    """Our finalizer was written in this pass, or taken off, and that did not stay."""
    sharing: frozenset[int] = frozenset()
    sharing_deletion: frozenset[int] = frozenset()
    ended_elsewhere: Mapping[int, datetime] = field(default_factory=dict)
    newer_elsewhere: frozenset[int] = frozenset()
    unmanageable: frozenset[int] = frozenset()
    fleet_not_before: datetime | None = None
    """Until when it is not this resource's turn to replace a client that its issuer seems not to know."""
    waits_for_another: bool = False
    """Another client of its issuer goes first where a change of that one is an update of each."""
    began_at: datetime = _EPOCH
    """When this process began to act, or its clock was put back while it did."""
    proven_at: datetime | None = None
    """When what is published was proven last, or somebody tried, as far as this process remembers."""
    unanswered: Unanswered | None = None
    """Set where the newest of that told nothing."""
    left: Left | None = None
    """What the record said of that when this process read it last; None: it has not, or it says nothing."""
    proofs: Mapping[int, ProofResult] = field(default_factory=dict)
    """What came of proofs in this pass, by the key of the client."""
    key_proofs: Mapping[str, ProofResult] = field(default_factory=dict)
    """And of those of single keys of ours, by their names."""
    proves: bool = True
    """False: what is said of what is published does not wait for a proof of it."""
    handed_proof: ProofResult | None = None
    """And of that of the client secret or the key that is handed over."""
    failures: Failures = Failures()
    unread: Mapping[str, int] = field(default_factory=dict)
    """By issuer: how often in a row its metadata could not be had, which says nothing of calls."""
    chance: float = 0.0
    """A number in [0, 1), drawn for this pass: what fails in it together with others does not come back with them."""
    held: Held | None = None
    held_back: Mapping[str, Held] = field(default_factory=dict)
    """By issuer: calls to it fail in a row, or one came to nothing, and nothing is begun there before then."""
    heal_not_before: datetime | None = None
    unwritten: Verdict | None = None
    """Why the published Secret could not be written when that was tried last, if it could not."""
    rests_until: datetime | None = None
    """Of a record whose resource is gone: until then there was nothing to do, and it has not changed since."""
    asked_after: int | None = None
    """Set where a person asks that the clients of a resource that is gone be deregistered, whatever its policy was.

    It is the number of the newest call that the record had by then. Not a time: the clock of whoever asks is another
    than that of the operator.
    """
    limits: Limits = Limits()

    def address_of(self, issuer: str) -> IssuerAddress:
        """Return how an issuer is reached: as the spec's terms say now, or else as the record kept it."""
        if self.address is not None and self.address.issuer == issuer:
            return self.address
        return self.record.record.address_of(issuer) if isinstance(self.record, Stored) else IssuerAddress(issuer)

    def held_at(self, issuer: str) -> Held | None:
        """Return what keeps calls to an issuer from being made, if anything does."""
        return self.held if self.held is not None else self.held_back.get(issuer)
