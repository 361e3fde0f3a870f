"""What the executor needs of the world, as protocols: the cluster, the issuers, the lease and the clock."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from ..exchange import Answer, Request
from ..issuer.caller import Caller, Key
from ..oauth.json_object import JSON
from ..oauth.metadata_source import MetadataSource
from ..oauth.outcome import Outcome
from ..oauth.rfc8414 import ServerMetadata
from ..plan.observed import Limits, SecretMetadata, Unread
from ..record.envelope import Summary

JSONObject = dict[str, JSON]


class Cluster(Protocol):
    """The API server's verbs; failures are ClusterErrors."""

    async def read_oauth_client(self, namespace: str, name: str) -> JSONObject | None:
        """Read a resource live; None only where there is none."""
        ...

    async def patch_oauth_client(self, namespace: str, name: str, patch: Mapping[str, JSON]) -> JSONObject:
        """Patch a resource."""
        ...

    async def patch_oauth_client_status(self, namespace: str, name: str, patch: Mapping[str, JSON]) -> JSONObject:
        """Patch a resource's status."""
        ...

    async def read_secret(self, namespace: str, name: str) -> JSONObject | None:
        """Read a Secret live; None only where there is none."""
        ...

    async def create_secret(self, namespace: str, manifest: Mapping[str, JSON], *, dry_run: bool = False) -> JSONObject:
        """Create a Secret, or only try to."""
        ...

    async def patch_secret(
        self, namespace: str, name: str, patch: Mapping[str, JSON], *, dry_run: bool = False
    ) -> JSONObject:
        """Patch a Secret, or only try to."""
        ...

    async def delete_secret(self, namespace: str, name: str, *, uid: str, resource_version: str) -> None:
        """Delete a Secret as it was read."""
        ...

    async def create_event(self, namespace: str, manifest: Mapping[str, JSON]) -> None:
        """Create an Event."""
        ...


class Issuers(Protocol):
    """The one way to authorization servers."""

    @property
    def trust(self) -> str:
        """Name the trust in use."""
        ...

    async def discover(
        self,
        source: MetadataSource,
        caller: Caller,
        *,
        registration_endpoint: str | None = None,
        max_age: float | None = None,
    ) -> ServerMetadata:
        """Return an issuer's metadata, at most `max_age` seconds old where that is given.

        A registration endpoint that is known beforehand goes before theirs.
        """
        ...

    async def exchange(
        self,
        request: Request,
        *,
        timeout: float,  # noqa: ASYNC109 - see Door.exchange
        may_begin: Callable[[], str | None] | None = None,
    ) -> Answer:
        """Send a request once; `may_begin` is asked right before its first byte."""
        ...

    def nonce(self, url: str) -> str | None:
        """Return the newest DPoP nonce that the origin of a URL gave."""
        ...

    def slot(
        self, issuer: str, caller: Caller, *, anyway: bool = False
    ) -> AbstractContextManager[Callable[[Answer], None]]:
        """Hold one of an issuer's places, and yield who wants to know what came of an exchange."""
        ...

    def withdraw(self, key: Key) -> None:
        """Take back that a resource wants a place."""
        ...

    def admits_endpoint(self, issuer: str, url: str) -> bool:
        """Say whether a URL that an issuer named may be called for it."""
        ...


class Watched(Protocol):
    """What the watches know, without I/O."""

    def resource(self, namespace: str, name: str) -> JSONObject | None:
        """Return the newest known body."""
        ...

    def offer_resource(self, body: JSONObject) -> None:
        """Take the answer to a write of a resource."""
        ...

    def forget_resource(self, namespace: str, name: str, uid: str) -> None:
        """Take a live read's word that a resource is gone."""
        ...

    def offer_secret(self, body: JSONObject) -> None:
        """Take the answer to a write of a Secret."""
        ...

    def secret(self, namespace: str, name: str) -> SecretMetadata | None:
        """Return what is known of a published Secret."""
        ...

    def initial_access_token_version(self, namespace: str, name: str) -> str | Unread | None:
        """Return which version of an initial access token's Secret is known; Unread where nobody has looked."""
        ...

    def record(self, uid: str) -> Summary | None:
        """Return what is known of a record."""
        ...

    def records(self) -> Mapping[str, Summary]:
        """Return what is known of all records, by UID."""
        ...

    def records_of(self, namespace: str) -> int:
        """Count the records of a namespace's resources."""
        ...

    def knows(self, uid: str) -> bool:
        """Whether a resource with that UID is known."""
        ...

    def records_with(self, client_label: str) -> Mapping[str, str]:
        """Return the label's value by the UID of each record that carries it."""
        ...


class Lease(Protocol):
    """The right to act."""

    def remaining(self) -> float:
        """Return for how many seconds the right is sure."""
        ...


class Observer(Protocol):
    """Who counts what was done."""

    def registered(self, outcome: Outcome) -> None:
        """Count a registration request by its outcome."""
        ...


class Unobserved:
    """Nobody counts."""

    def registered(self, outcome: Outcome) -> None:
        """Do nothing."""


class Clock(Protocol):
    """Time; `elapsed` runs during suspend and never jumps."""

    def now(self) -> datetime:
        """Return the time of day."""
        ...

    def elapsed(self) -> float:
        """Return seconds that run also during suspend."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the executor is told once, at start."""

    cluster_uid: str
    holder: str
    records_namespace: str
    exchange_timeout: timedelta = timedelta(seconds=20)
    limits: Limits = field(default_factory=Limits)
    secret_metadata_prefixes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """When to look at a resource again: at a time, after a backoff of the queue's, or when something changes.

    With `called` it waits for an issuer, and is called when it can go on.
    """

    at: datetime | None = None
    backoff: bool = False
    called: bool = False
