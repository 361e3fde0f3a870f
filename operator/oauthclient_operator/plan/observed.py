"""All that `plan` may look at: what was read so far in this pass, and what has not been read yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..errors import Retry
from ..oauth.rfc8414 import ServerMetadata
from ..record.envelope import Stored
from ..record.summary import Summary
from ..resource.initial_access_token import InitialAccessToken
from ..resource.oauth_client import OAuthClient
from ..resource.secret import Secret, SecretMetadata
from ..verdict import Verdict


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was tried and stands in the way, and what can make it go away; `pauses` says until when."""

    verdict: Verdict
    retry: Retry = Retry.ON_CHANGE
    retry_after: float | None = None
    """Seconds that whoever refused asked to wait; it only lengthens a pause."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """The state of the world as far as it is known, about a resource or about the record of one that is gone.

    `resource` is from the cache until `live`; `summary` and `secret_metadata` are from the watches; `record`,
    `secret`, `server` and `initial_access_token` are read when `plan` asks. `sharing` and `sharing_deletion` say that
    another record holds the same client, or is deregistering it. `unmanageable` are clients whose address the egress
    door does not let us call with a token.
    """

    resource: OAuthClient | Unread | None
    """None if there is none; Unread in a pass over a record, until a live read has told."""
    live: bool = False
    summary: Summary | None = None
    crowded: bool = False
    """There is no record of this resource, and no room for one more in its namespace."""
    record: Stored | Problem | Missing | Unread = Unread()
    secret_metadata: Mapping[str, SecretMetadata] = field(default_factory=dict)
    secret: Secret | Missing | Unread = Unread()
    initial_access_token_version: str | Unread | None = None
    initial_access_token: InitialAccessToken | Problem | Unread = Unread()
    """For the endpoint of `server`, and for one call."""
    server: ServerMetadata | Problem | Unread = Unread()
    server_read_at: datetime | None = None
    rehearsed: bool | Problem = False
    """True once a dry run of the publication succeeded in this pass."""
    publication: Problem | None = None
    sharing: frozenset[int] = frozenset()
    sharing_deletion: frozenset[int] = frozenset()
    unmanageable: frozenset[int] = frozenset()
    failures: Failures = Failures()
    chance: float = 0.0
    """A number in [0, 1), drawn for this pass: what fails in it together with others does not come back with them."""
    held: Held | None = None
    heal_not_before: datetime | None = None
    rests_until: datetime | None = None
    """Of a record whose resource is gone: until then there was nothing to do, and it has not changed since."""
    asked_at: datetime | None = None
    """When a person asked that the clients of a resource that is gone be deregistered, whatever its policy was."""
    limits: Limits = Limits()
