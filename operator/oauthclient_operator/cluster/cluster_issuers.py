"""ClusterOAuthIssuers at the API server, as values; what a write answers is shown to the caches at once."""

from collections.abc import Mapping
from typing import Protocol

from ..oauth.json_object import JSON
from ..resource.cluster_oauth_issuer import ClusterOAuthIssuer
from ..resource.issuer_status import IssuerStatus
from .oauth_clients import Seen


class ClusterIssuerVerbs(Protocol):
    """The verbs of `Cluster` that are needed here."""

    async def list_clients_of_issuer(self, name: str) -> list[tuple[str, str]]:
        """List who refers to one."""
        ...

    async def patch_cluster_issuer(self, name: str, patch: Mapping[str, JSON]) -> dict[str, JSON]:
        """Patch one."""
        ...

    async def patch_cluster_issuer_status(self, name: str, patch: Mapping[str, JSON]) -> dict[str, JSON]:
        """Patch one's status."""
        ...


class ClusterIssuers:
    """Write their finalizers and status; every write holds for the version that was read."""

    def __init__(self, cluster: ClusterIssuerVerbs, seen: Seen) -> None:
        self._cluster = cluster
        self._seen = seen

    async def clients_anywhere(self, name: str) -> tuple[str, ...]:
        """Return who refers to an issuer in any namespace, live, by namespace and name."""
        return tuple(sorted("/".join(client) for client in await self._cluster.list_clients_of_issuer(name)))

    async def write_finalizers(self, issuer: ClusterOAuthIssuer, finalizers: tuple[str, ...]) -> ClusterOAuthIssuer:
        """Write an issuer's finalizers."""
        patch: dict[str, JSON] = {"metadata": {**_version(issuer), "finalizers": list(finalizers)}}
        return self._parsed(await self._cluster.patch_cluster_issuer(issuer.name, patch))

    async def write_status(self, issuer: ClusterOAuthIssuer, status: IssuerStatus) -> ClusterOAuthIssuer | None:
        """Write an issuer's status; None where it says that already, and nothing was written."""
        change = status.patch_from(issuer.status)
        if change is None:
            return None
        patch: dict[str, JSON] = {"metadata": {**_version(issuer)}, "status": change}
        return self._parsed(await self._cluster.patch_cluster_issuer_status(issuer.name, patch))

    def _parsed(self, body: dict[str, JSON]) -> ClusterOAuthIssuer:
        self._seen(body)
        return ClusterOAuthIssuer.parse(body)


def _version(issuer: ClusterOAuthIssuer) -> dict[str, JSON]:
    return {"uid": issuer.uid, "resourceVersion": issuer.resource_version}
