"""What is needed of the world where ClusterOAuthIssuers come in, as protocols that speak values."""

from collections.abc import Iterable
from typing import Protocol

from ..resource.cluster_oauth_issuer import ClusterOAuthIssuer
from ..resource.config_map import ConfigMap
from ..resource.issuer_status import IssuerStatus
from ..resource.key import Key
from ..resource.secret import Secret
from .settings import Next


class ClusterIssuers(Protocol):
    """ClusterOAuthIssuers at the API server; every failure is a ClusterError."""

    async def clients_anywhere(self, name: str) -> tuple[str, ...]:
        """Return who refers to an issuer in any namespace, live, by namespace and name."""
        ...

    async def write_finalizers(self, issuer: ClusterOAuthIssuer, finalizers: tuple[str, ...]) -> ClusterOAuthIssuer:
        """Write an issuer's finalizers, if nobody wrote it since it was read."""
        ...

    async def write_status(self, issuer: ClusterOAuthIssuer, status: IssuerStatus) -> ClusterOAuthIssuer | None:
        """Write an issuer's status, if nobody wrote it since it was read; None where it says that already."""
        ...


class OperatorNamespace(Protocol):
    """What issuers refer to, in the operator's own namespace; every failure is a ClusterError."""

    name: str

    async def config_map(self, name: str) -> ConfigMap | None:
        """Read a ConfigMap live; None only where there is none."""
        ...

    async def secret(self, name: str) -> Secret | None:
        """Read a Secret live; None only where there is none."""
        ...


class IssuerEvents(Protocol):
    """Events about issuers at the API server."""

    async def announce_issuer(self, issuer: ClusterOAuthIssuer, reason: str, note: str, *, warning: bool) -> None:
        """Create an Event; one that cannot be created is no reason to fail."""
        ...


class WatchedIssuers(Protocol):
    """What the watches know of issuers, without I/O."""

    def cluster_issuer(self, name: str) -> ClusterOAuthIssuer | None:
        """Return the newest known copy of an issuer."""
        ...

    def clients_of(self, name: str) -> Iterable[Key]:
        """Return the OAuthClients that refer to an issuer."""
        ...

    def wake_clients(self, name: str) -> int:
        """Have each client of an issuer looked at once, so many a second; return how many there are."""
        ...


class IssuerReconciler(Protocol):
    """Who takes the passes over issuers."""

    async def reconcile(self, key: Key) -> Next:
        """Take one pass over an issuer and say when the next one is due."""
        ...


class Unattended:
    """Nobody does."""

    async def reconcile(self, _key: Key) -> Next:
        """Leave an issuer as it is."""
        return Next()
