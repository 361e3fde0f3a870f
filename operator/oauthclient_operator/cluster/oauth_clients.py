"""OAuthClients at the API server, as values; what a write answers is shown to the caches at once."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from ..oauth.json_object import JSON
from ..resource.oauth_client import OAuthClient
from ..resource.status import Status

Seen = Callable[[dict[str, JSON]], None]
"""Takes an object that was read or written."""


class OAuthClientVerbs(Protocol):
    """The verbs of `Cluster` that are needed here."""

    async def read_oauth_client(self, namespace: str, name: str) -> dict[str, JSON] | None:
        """Read one."""
        ...

    async def patch_oauth_client(self, namespace: str, name: str, patch: Mapping[str, JSON]) -> dict[str, JSON]:
        """Patch one."""
        ...

    async def patch_oauth_client_status(self, namespace: str, name: str, patch: Mapping[str, JSON]) -> dict[str, JSON]:
        """Patch one's status."""
        ...


class OAuthClients:
    """Read them, and write their finalizers and status; every write holds for the version that was read.

    `read_seen` is shown what was read, `written_seen` what was written.
    """

    def __init__(
        self,
        cluster: OAuthClientVerbs,
        *,
        read_seen: Seen,
        written_seen: Seen,
        time: Callable[[], datetime | None] = lambda: None,
    ) -> None:
        self._cluster = cluster
        self._read_seen = read_seen
        self._written_seen = written_seen
        self._time = time

    def time(self) -> datetime | None:
        """Return the time by the API server's clock, as its newest answer says."""
        return self._time()

    async def read(self, namespace: str, name: str) -> OAuthClient | None:
        """Read a resource live; None only where the API server says that there is none."""
        body = await self._cluster.read_oauth_client(namespace, name)
        if body is None:
            return None
        self._read_seen(body)
        return OAuthClient.parse(body)

    async def write_finalizers(self, resource: OAuthClient, finalizers: tuple[str, ...]) -> OAuthClient:
        """Write a resource's finalizers."""
        patch: dict[str, JSON] = {"metadata": {**_version(resource), "finalizers": list(finalizers)}}
        return self._written(await self._cluster.patch_oauth_client(resource.namespace, resource.name, patch))

    async def write_status(self, resource: OAuthClient, status: Status) -> OAuthClient | None:
        """Write a resource's status; None where it says that already, and nothing was written."""
        change = status.patch_from(resource.status)
        if change is None:
            return None
        patch: dict[str, JSON] = {"metadata": {**_version(resource)}, "status": change}
        return self._written(await self._cluster.patch_oauth_client_status(resource.namespace, resource.name, patch))

    def _written(self, body: dict[str, JSON]) -> OAuthClient:
        self._written_seen(body)
        return OAuthClient.parse(body)


def _version(resource: OAuthClient) -> dict[str, JSON]:
    return {"uid": resource.uid, "resourceVersion": resource.resource_version}
