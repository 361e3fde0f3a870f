"""What is remembered of an issuer's metadata: what the last fetch brought, be it a failure, and until when."""

import copy
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from ..errors import IssuerNotAsked, IssuerUnavailable, OAuthError, OperatorError
from ..oauth.metadata_source import MetadataSource
from ..oauth.rfc8414 import ServerMetadata

_ENTRY_BYTES: Final = 2048
"""What it takes beside its strings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberedMetadata:
    """What the last fetch brought, and what one came to that a person had made since; times are the cache's clock's."""

    begun_at: float
    expires_at: float
    found: ServerMetadata | OperatorError
    outages: int = 0
    """How many fetches in a row, this one included, found the issuer out of order."""
    asked_again_at: float = -math.inf
    """From when on a person's word has them fetched anew."""
    why_not: OperatorError | None = None
    """What the last fetch failed with that a person had made, where this was kept instead."""
    why_not_at: float = -math.inf
    """When that one began."""

    @property
    def said_by_issuer(self) -> bool:
        """Whether it says something of the issuer."""
        return not isinstance(self.found, IssuerNotAsked)

    @property
    def is_amiss(self) -> bool:
        """Whether the issuer cannot be used by what it says: that it asks to wait is no such thing."""
        waits = isinstance(self.found, IssuerUnavailable) and not self.outages
        return isinstance(self.found, OperatorError) and not waits

    def is_another(self, found: ServerMetadata) -> bool:
        """Whether somebody was told something else than that."""
        return found != self.found or self.why_not is not None

    def metadata(self) -> ServerMetadata:
        """Return the metadata, or raise what was found instead."""
        if isinstance(self.found, OperatorError):
            # A copy: an exception that is raised twice drags the first one's traceback along.
            raise copy.copy(self.found)
        return self.found

    def said_since(self, word_at: float) -> "RememberedMetadata | None":
        """Return what a fetch brought that began after a person's word, or None where there was none."""
        if self.begun_at >= word_at:
            return self
        if self.why_not is not None and self.why_not_at >= word_at:
            return replace(self, found=self.why_not, begun_at=self.why_not_at)
        return None

    def weight(self, source: MetadataSource, trust: str) -> int:
        """Return how many bytes it takes, its key included."""
        texts = (source.issuer, source.url, trust, *_texts(self.found), *_texts(self.why_not))
        return _ENTRY_BYTES + sum(sys.getsizeof(text) for text in texts if text is not None)


def _texts(found: ServerMetadata | OperatorError | None) -> Iterator[str | None]:
    if found is None:
        return
    if isinstance(found, ServerMetadata):
        yield from (found.issuer, found.registration_endpoint)
        yield from (*found.endpoints.values(), *found.mtls_endpoint_aliases.values())
        yield from (*found.token_endpoint_auth_methods_supported, *found.grant_types_supported)
        yield from (*found.dpop_signing_alg_values_supported, *found.revocation_endpoint_auth_methods_supported)
        return
    yield str(found)
    if isinstance(found, OAuthError):
        yield from (found.error, found.error_description)
