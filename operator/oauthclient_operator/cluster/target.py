"""What a request to the API server is about, and the path to it; pure."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from .. import names

CORE: Final = "/api/v1"
OAUTH_CLIENTS: Final = f"/apis/{names.API_VERSION}"
LEASES: Final = "/apis/coordination.k8s.io/v1"
EVENTS: Final = "/apis/events.k8s.io/v1"


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
        """The path below the server's address."""
        parts = [self.api]
        if self.namespace is not None:
            parts += ["namespaces", quote(self.namespace, safe="")]
        parts.append(self.resource)
        # A record is named by a UID that came in an object: it must not be able to name another path.
        parts += [quote(part, safe="") for part in (self.name, self.subresource) if part is not None]
        return "/".join(parts)

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
