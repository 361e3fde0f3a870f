"""Where an issuer's metadata come from: the well-known places (RFC 8414 section 3), or a document that is named."""

import hashlib
from dataclasses import dataclass

from ..reach import IssuerAddress, Reach
from .rfc8414 import DiscoveryForm, well_known_urls


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataSource:
    """An issuer, and which documents are read for it: equal ones have one answer.

    `url` names the document, and `form` says nothing then. `needs_endpoint` false says that the registration endpoint
    is known beforehand: any document will do, and what it says of that endpoint is not looked at. What one `reach`
    brings says nothing of another.
    """

    issuer: str
    form: DiscoveryForm = DiscoveryForm.AUTO
    url: str | None = None
    needs_endpoint: bool = True
    reach: Reach | None = None

    @property
    def address(self) -> IssuerAddress:
        """Return the issuer, and how it is reached."""
        return IssuerAddress(self.issuer, self.reach)

    @property
    def urls(self) -> tuple[str, ...]:
        """Return the places to look at, in their order."""
        return (self.url,) if self.url is not None else well_known_urls(self.issuer, self.form)

    @property
    def digest(self) -> str:
        """Return a short name, which is another one where other documents are read, or for something else."""
        return hashlib.sha256("\n".join((str(self.needs_endpoint), *self.urls)).encode()).hexdigest()[:16]
