"""What a request to the API server is about, and the path to it; pure."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from .. import names
from ..errors import RequestRefused

CORE: Final = "/api/v1"
OAUTH_CLIENTS: Final = f"/apis/{names.API_VERSION}"
LEASES: Final = "/apis/coordination.k8s.io/v1"
EVENTS: Final = "/apis/events.k8s.io/v1"
ADMISSION: Final = "/apis/admissionregistration.k8s.io/v1"
DEFINITIONS: Final = "/apis/apiextensions.k8s.io/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An object, or the collection of its kind where it has no name, in one namespace or in all."""

    api: str
    resource: str
    """The plural name in the path."""
    namespace: str | None = None
    name: str | None = None
    subresource: str | None = None

    @property
    def path(self) -> str:
        """The path below the server's address.

        Raises:
            RequestRefused: a name that no object can have.
        """
        parts = [self.api]
        if self.namespace is not None:
            parts += ["namespaces", self._segment(self.namespace)]
        parts.append(self.resource)
        parts += [self._segment(part) for part in (self.name, self.subresource) if part is not None]
        return "/".join(parts)

    def _segment(self, name: str) -> str:
        # Names come from tenants' specs. An empty one would be the whole collection, and two dots what is above it.
        if name in ("", ".", ".."):
            raise RequestRefused(f"{self}: an object cannot have the name {name!r}")
        return quote(name, safe="")

    def __str__(self) -> str:
        kind = f"{self.resource}/{self.subresource}" if self.subresource else self.resource
        where = "/".join(part for part in (self.namespace, self.name) if part)
        return f"{kind} {where}".rstrip()


def secret(namespace: str, name: str | None = None) -> Target:
    """Return a Secret, or a namespace's Secrets."""
    return Target(api=CORE, resource="secrets", namespace=namespace, name=name)


def oauth_client(namespace: str, name: str, *, subresource: str | None = None) -> Target:
    """Return an OAuthClient, or its status."""
    return Target(api=OAUTH_CLIENTS, resource=names.PLURAL, namespace=namespace, name=name, subresource=subresource)


def cluster_oauth_issuer(name: str | None = None, *, subresource: str | None = None) -> Target:
    """Return a ClusterOAuthIssuer or its status, or all of them."""
    return Target(api=OAUTH_CLIENTS, resource=names.ISSUER_PLURAL, name=name, subresource=subresource)


def config_map(namespace: str, name: str) -> Target:
    """Return a ConfigMap."""
    return Target(api=CORE, resource="configmaps", namespace=namespace, name=name)
