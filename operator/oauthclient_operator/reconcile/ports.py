"""What the executor needs of the world, as protocols: the cluster, the issuers, the lease and the clock."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from ..oauth.exchange import Answer, Request
from ..oauth.json_object import JSON
from ..oauth.rfc8414 import DiscoveryForm, ServerMetadata
from ..plan.observed import Limits, SecretMetadata
from ..record.envelope import Summary

JSONObject = dict[str, JSON]


class Cluster(Protocol):
    """The API server's verbs; failures are ClusterErrors."""

    async def read_oauth_client(self, namespace: str, name: str) -> JSONObject | None: ...
    async def patch_oauth_client(self, namespace: str, name: str, patch: Mapping[str, JSON]) -> JSONObject: ...
    async def patch_oauth_client_status(self, namespace: str, name: str, patch: Mapping[str, JSON]) -> JSONObject: ...
    async def read_secret(self, namespace: str, name: str) -> JSONObject | None: ...
    async def create_secret(
        self, namespace: str, manifest: Mapping[str, JSON], *, dry_run: bool = False
    ) -> JSONObject: ...
    async def patch_secret(
        self, namespace: str, name: str, patch: Mapping[str, JSON], *, dry_run: bool = False
    ) -> JSONObject: ...
    async def delete_secret(self, namespace: str, name: str, *, uid: str, resource_version: str) -> None: ...
    async def create_event(self, namespace: str, manifest: Mapping[str, JSON]) -> None: ...


class Issuers(Protocol):
    """The one way to authorization servers."""

    @property
    def trust(self) -> str: ...
    async def discover(self, issuer: str, form: DiscoveryForm, *, max_age: float | None = None) -> ServerMetadata: ...
    async def exchange(
        self, request: Request, *, timeout: float, may_begin: Callable[[], str | None] | None = None
    ) -> Answer: ...
    def slot(self, issuer: str) -> AbstractAsyncContextManager[None]: ...
    def admits_endpoint(self, issuer: str, url: str) -> bool: ...


class Watched(Protocol):
    """What the watches know, without I/O."""

    def resource(self, namespace: str, name: str) -> JSONObject | None: ...
    def offer_resource(self, body: JSONObject) -> None: ...
    def offer_secret(self, body: JSONObject) -> None: ...
    def secret(self, namespace: str, name: str) -> SecretMetadata | None: ...
    def initial_access_token_version(self, namespace: str, name: str) -> str | None: ...
    def record(self, uid: str) -> Summary | None: ...
    def records(self) -> Mapping[str, Summary]: ...
    def knows(self, uid: str) -> bool:
        """Whether a resource with that UID is known."""
        ...

    def records_with(self, client_label: str) -> Mapping[str, str]:
        """Return the label's value by the UID of each record that carries it."""
        ...


class Lease(Protocol):
    """The right to act."""

    def remaining(self) -> float: ...


class Clock(Protocol):
    """Time; `elapsed` runs during suspend and never jumps."""

    def now(self) -> datetime: ...
    def elapsed(self) -> float: ...
    async def sleep(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the executor is told once, at start."""

    cluster_uid: str
    holder: str
    records_namespace: str
    exchange_timeout: timedelta = timedelta(seconds=20)
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """When to look at a resource again: at a time, after a backoff of the queue's, or when something changes."""

    at: datetime | None = None
    backoff: bool = False
