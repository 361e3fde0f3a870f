"""What the executor needs of authorization servers, as protocols that speak values."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from ..exchange import Answer, Request
from ..issuer.caller import Caller, Tenant
from ..oauth.metadata_source import MetadataSource
from ..oauth.proof.credentials import Credentials
from ..oauth.proof.results import Calibrated, NotKnown, NotProvable, Refused, Unavailable, Valid
from ..oauth.rfc8414 import ServerMetadata
from ..reach import IssuerAddress
from ..resource.key import Key


class Issuers(Protocol):
    """The one way to authorization servers."""

    def trust(self, issuer: IssuerAddress) -> str:
        """Name the trust under which an issuer is reached."""
        ...

    async def discover(
        self,
        source: MetadataSource,
        caller: Caller,
        *,
        registration_endpoint: str | None = None,
        max_age: float | None = None,
    ) -> ServerMetadata:
        """Return an issuer's metadata, at most `max_age` seconds old; a `registration_endpoint` goes before theirs."""
        ...

    async def look(
        self, source: MetadataSource, caller: Caller, *, registration_endpoint: str | None = None
    ) -> ServerMetadata:
        """Return an issuer's metadata, unless calls to it are held back for all."""
        ...

    async def exchange(
        self,
        request: Request,
        issuer: IssuerAddress,
        *,
        tenant: Tenant,
        timeout: float,  # noqa: ASYNC109 - see Door.exchange
        may_begin: Callable[[], str | None] | None = None,
    ) -> Answer:
        """Send a request to an issuer once; `may_begin` is asked right before its first byte."""
        ...

    def nonce(self, url: str, issuer: IssuerAddress, tenant: Tenant) -> str | None:
        """Return the newest DPoP nonce that the origin of a URL gave to an issuer's tenant."""
        ...

    def slot(
        self, issuer: IssuerAddress, caller: Caller, *, anyway: bool = False
    ) -> AbstractContextManager[Callable[[Answer], None]]:
        """Hold one of an issuer's slots, and yield who wants to know what came of an exchange."""
        ...

    def keep_slot(self, issuer: IssuerAddress, caller: Caller) -> None:
        """Have the slot that a caller holds reserved for itself when it gives it back."""
        ...

    def remembers(self, source: MetadataSource, *, max_age: float | None = None) -> bool:
        """Whether discovery would be answered from memory."""
        ...

    def withdraw(self, key: Key) -> None:
        """Take back that something wants a slot."""
        ...

    def dismiss(self, key: Key) -> None:
        """Take leave of a resource that is gone."""
        ...

    def turns(self, issuer: IssuerAddress, namespace: str) -> object:
        """Return a value that is another one once what an issuer's failures held back may go on."""
        ...

    def content(self, key: Key) -> None:
        """Take note that a resource waits for nothing: it need not be looked at when there are other metadata."""
        ...

    def metadata_turns(self, key: Key) -> object:
        """Return a value that is another one once there are other metadata than those by which a key went."""
        ...

    def admits_endpoint(self, issuer: IssuerAddress, url: str) -> bool:
        """Say whether a URL that an issuer named may be called for it."""
        ...


class Prover(Protocol):
    """Who asks servers whether they accept a client's credentials; it decides nothing."""

    async def calibrate(
        self,
        credentials: Credentials,
        server: ServerMetadata,
        issuer: IssuerAddress,
        caller: Caller,
        *,
        saw: Callable[[Answer], None],
    ) -> Calibrated | NotProvable | Unavailable:
        """Find what proves a client's credentials at its server."""
        ...

    async def check(
        self,
        credentials: Credentials,
        calibrated: Calibrated,
        server: ServerMetadata,
        issuer: IssuerAddress,
        caller: Caller,
        *,
        saw: Callable[[Answer], None],
    ) -> Valid | Refused | NotKnown | Unavailable:
        """Say whether the server accepts them."""
        ...
