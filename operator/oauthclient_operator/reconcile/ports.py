"""What the executor needs of the world, as protocols that speak values: cluster, issuers, lease, clock and chance."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from ..confidential import Confidential
from ..oauth.signing_algorithm import SigningAlgorithm
from ..plan.observed import Unread
from ..published_secret import Amendment, NewSecret
from ..record.envelope import Stored
from ..record.record import Record
from ..record.summary import Summary
from ..record.unread_answer import UnreadAnswer
from ..resource.cluster_oauth_issuer import ClusterOAuthIssuer
from ..resource.oauth_client import OAuthClient
from ..resource.secret import Secret, SecretMetadata
from ..resource.status import Status


class Resources(Protocol):
    """OAuthClients at the API server; every failure is a ClusterError."""

    def time(self) -> datetime | None:
        """Return the time by the API server's clock, or None where it does not say."""
        ...

    async def read(self, namespace: str, name: str) -> OAuthClient | None:
        """Read a resource live; None only where there is none."""
        ...

    async def write_finalizers(self, resource: OAuthClient, finalizers: tuple[str, ...]) -> OAuthClient:
        """Write a resource's finalizers, if nobody wrote it since it was read."""
        ...

    async def write_status(self, resource: OAuthClient, status: Status) -> OAuthClient | None:
        """Write a resource's status, if nobody wrote it since it was read; None where it says that already."""
        ...


class Records(Protocol):
    """Registration records at the API server; every failure is a ClusterError."""

    async def read(self, uid: str) -> Stored | None:
        """Read a record live; None only where there is none.

        Raises:
            UnreadableRecord: it is of a newer schema, or no record.
        """
        ...

    async def create(self, record: Record) -> Stored:
        """Create a record.

        Raises:
            AlreadyExists: there is one of that name.
        """
        ...

    async def write(self, stored: Stored, record: Record) -> Stored:
        """Write a record over the version that was read.

        Raises:
            Conflict: somebody wrote in between.
        """
        ...

    async def look_for(self, label: str) -> None:
        """Look live for the records that carry a label, and show them to the watches."""
        ...

    async def append(self, uid: str, answer: UnreadAnswer) -> None:
        """Add an answer to a record that this version cannot read, under the data key that every schema keeps."""
        ...

    async def delete(self, stored: Stored) -> None:
        """Delete a record as it was read, and no other version."""
        ...


class Secrets(Protocol):
    """Tenants' Secrets at the API server; every failure is a ClusterError."""

    async def read(self, namespace: str, name: str) -> Secret | None:
        """Read a Secret live; None only where there is none."""
        ...

    async def write(self, secret: NewSecret | Amendment, *, dry_run: bool = False) -> Secret:
        """Create a Secret, or amend the version that was read; or only try to."""
        ...

    async def delete(self, namespace: str, secret: Secret) -> None:
        """Delete a Secret as it was read, and no other version."""
        ...


class Events(Protocol):
    """Events about resources at the API server."""

    async def announce(self, resource: OAuthClient, reason: str, note: str, *, warning: bool) -> None:
        """Create an Event; one that cannot be created is no reason to fail."""
        ...


class Watched(Protocol):
    """What the watches know, without I/O."""

    def resource(self, namespace: str, name: str) -> OAuthClient | None:
        """Return the newest known copy of a resource."""
        ...

    def forget_resource(self, namespace: str, name: str, uid: str) -> None:
        """Take a live read's word that a resource is gone."""
        ...

    def secret(self, namespace: str, name: str) -> SecretMetadata | None:
        """Return what is known of a published Secret."""
        ...

    def presented_version(self, namespace: str, name: str) -> str | Unread | None:
        """Return which version is known of a Secret whose contents a registration presents; Unread: nobody looked."""
        ...

    def access_version(self, name: str) -> str | Unread | None:
        """Return which version is known of a Secret by which an issuer lets the operator in; Unread: nobody looked."""
        ...

    def cluster_issuer(self, name: str) -> ClusterOAuthIssuer | None:
        """Return the newest known copy of an issuer."""
        ...

    def cluster_issuers(self) -> Iterable[ClusterOAuthIssuer]:
        """Return the newest known copies of all issuers."""
        ...

    def namespace_labels(self, name: str) -> Mapping[str, str] | None:
        """Return a namespace's labels; None where it may not be seen, or has too many to be judged."""
        ...

    def awaits_namespace(self, name: str) -> bool:
        """Whether a namespace may be seen and was not yet."""
        ...

    def record(self, uid: str) -> Summary | None:
        """Return what is known of a record."""
        ...

    def records_of(self, namespace: str) -> int:
        """Count the records of a namespace's resources."""
        ...

    def records_with(self, client_label: str) -> Mapping[str, str]:
        """Return the label's value by the UID of each record that carries it."""
        ...

    def await_record(self, resource: OAuthClient, uid: str | None) -> None:
        """Have a resource looked at with each change of the record of that UID, and of no other."""
        ...


class Lease(Protocol):
    """The right to act."""

    def remaining(self) -> float:
        """Return for how many seconds the right is sure."""
        ...


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


class Chance(Protocol):
    """What cannot be foreseen, so that a run can be repeated where it is made to be foreseen."""

    def fraction(self) -> float:
        """Return a number in [0, 1), to spread what would come together."""
        ...

    def nonce(self) -> str:
        """Return a name that nobody has used: of a call, or of a DPoP proof (RFC 9449 section 4.2: `jti`)."""
        ...

    async def private_key(self, algorithm: SigningAlgorithm) -> Confidential:
        """Make a private key that nobody has, as PEM (PKCS #8), without blocking the loop."""
        ...
