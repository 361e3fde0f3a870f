"""All that `plan` may look at: what was read so far in this pass, and what has not been read yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..credentials import PublishedSecret
from ..oauth.rfc8414 import ServerMetadata
from ..record.envelope import Stored, Summary
from ..resource.oauth_client import OAuthClient
from ..verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretMetadata:
    """What the watch says of a Secret."""

    name: str
    uid: str
    resource_version: str
    owner_uids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was tried and stands in the way: wait until then, or for a backoff, or else for a change."""

    verdict: Verdict
    until: datetime | None = None
    backoff: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """A live read found nothing."""


@dataclass(frozen=True, slots=True)
class Unread:
    """Nothing was read live in this pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The operator's settings that decide when."""

    retry_slowly: timedelta = timedelta(minutes=15)
    release_after: timedelta = timedelta(hours=1)
    margin: timedelta = timedelta(seconds=5)
    first_backoff: timedelta = timedelta(seconds=1)
    suspects: int = 3
    records_per_namespace: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """The state of the world as far as it is known.

    `resource` is from the cache until `live`; `summary` and `secret_metadata` are from the watches; `record`,
    `secret`, `server` and `initial_access_token` are read when `plan` asks. `held` is what a failure a moment ago
    said, while nothing has changed that could make it better. `sharing` and `sharing_deletion` say that another
    record holds the same client, or is deregistering it. `unmanageable` are clients whose address the egress door
    does not let us call with a token.
    """

    resource: OAuthClient | None
    live: bool = False
    summary: Summary | None = None
    crowded: bool = False
    """There is no record of this resource, and no room for one more in its namespace."""
    record: Stored | Problem | Missing | Unread = Unread()
    secret_metadata: Mapping[str, SecretMetadata] = field(default_factory=dict)
    secret: PublishedSecret | Missing | Unread = Unread()
    initial_access_token_version: str | Unread | None = None
    initial_access_token: bool | Problem = False
    """True once it was read in this pass and may be used."""
    server: ServerMetadata | Problem | Unread = Unread()
    server_read_at: datetime | None = None
    rehearsed: bool | Problem = False
    """True once a dry run of the publication succeeded in this pass."""
    publication: Problem | None = None
    sharing: frozenset[int] = frozenset()
    sharing_deletion: frozenset[int] = frozenset()
    unmanageable: frozenset[int] = frozenset()
    held: Problem | None = None
    heal_not_before: datetime | None = None
    limits: Limits = Limits()
