"""What ClusterOAuthIssuers refer to in the operator's own namespace, read live and by name."""

from typing import Protocol

from ..oauth.json_object import JSON
from ..resource.config_map import ConfigMap
from ..resource.secret import Secret


class OperatorNamespaceVerbs(Protocol):
    """The verbs of `Cluster` that are needed here."""

    async def read_config_map(self, namespace: str, name: str) -> dict[str, JSON] | None:
        """Read a ConfigMap."""
        ...

    async def read_secret(self, namespace: str, name: str) -> dict[str, JSON] | None:
        """Read a Secret."""
        ...


class OperatorNamespace:
    """One namespace; no spec names another one."""

    def __init__(self, cluster: OperatorNamespaceVerbs, namespace: str) -> None:
        self._cluster = cluster
        self.name = namespace

    async def config_map(self, name: str) -> ConfigMap | None:
        """Read a ConfigMap live; None only where there is none."""
        body = await self._cluster.read_config_map(self.name, name)
        return None if body is None else ConfigMap.parse(body)

    async def secret(self, name: str) -> Secret | None:
        """Read a Secret live; None only where there is none."""
        body = await self._cluster.read_secret(self.name, name)
        return None if body is None else Secret.parse(body)
