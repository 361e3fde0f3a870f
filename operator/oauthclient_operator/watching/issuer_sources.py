"""What ClusterOAuthIssuers refer to in the operator's own namespace: whether it changed, looked at once a minute.

Looked at by name, and not watched: a watch would take the right to list all ConfigMaps and Secrets there, and a minute
is what a mounted ConfigMap takes, too. There are a few of them, and only the process that acts looks.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Literal

from ..cluster.metadata import Key as ObjectKey
from ..oauth.json_object import JSON
from ..plan.observed import Unread
from ..resource.json_path import child, text
from ..resource.secret import SecretMetadata
from .checks import SecretChecks

CONFIG_MAP: Final = "configmaps"
SECRET: Final = "secrets"  # noqa: S105 - a resource's plural
Resource = Literal["configmaps", "secrets"]
INTERVAL: Final = 60.0
_ACCESS: Final = ("initialAccessToken", "clientCredentials")


class IssuerSources:
    """The ConfigMaps and Secrets that issuers refer to, by their versions.

    `read` returns an object's metadata, by resource and name; `on_change` is called with the name of each issuer that
    refers to what has changed.
    """

    def __init__(
        self,
        read: Callable[[str, str], Awaitable[dict[str, JSON] | None]],
        *,
        on_change: Callable[[str], None],
        interval: float = INTERVAL,
    ) -> None:
        self._on_change = on_change
        self._of: dict[str, frozenset[ObjectKey]] = {}
        self._checks = SecretChecks(read, interval=interval, on_change=self._changed)

    def follow(self, issuer: str, spec: Mapping[str, JSON]) -> None:
        """Look at what this issuer's spec refers to from now on, and at nothing else for it."""
        found = sources(spec)
        if found == self._of.get(issuer, frozenset()):
            return
        self._of[issuer] = found
        if not found:
            del self._of[issuer]
        self._checks.follow(("", issuer), dict.fromkeys(found))

    def version(self, resource: Resource, name: str) -> str | Unread | None:
        """Return which version is known of an object, None: there is none, Unread: nobody has looked at it."""
        known = self._checks.get(resource, name)
        return known.version if isinstance(known, SecretMetadata) else known

    async def run(self) -> None:
        """Look at one after the other until cancelled."""
        await self._checks.run()

    def _changed(self, resource: str, name: str) -> None:
        for issuer, found in list(self._of.items()):
            if (resource, name) in found:
                self._on_change(issuer)


def sources(spec: Mapping[str, JSON]) -> frozenset[ObjectKey]:
    """Return what an issuer's spec refers to, by resource and name."""
    authorities, access = child(child(spec, "trust"), "caBundleRef"), child(spec, "access")
    found = [(CONFIG_MAP, text(authorities, "name"))]
    found += [(SECRET, text(child(child(access, way), "secretRef"), "name")) for way in _ACCESS]
    return frozenset((resource, name) for resource, name in found if name is not None)
