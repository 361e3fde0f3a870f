"""An issuer as something to be reached: its identifier, and whose word says whom to trust there and where it may be.

Two may claim one issuer identifier, each with certificate authorities of its own. What is learned of an issuer on the
one's account (metadata, failures, nonces) must say nothing on the other's.
"""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How a ClusterOAuthIssuer has its issuer reached, by value: enough to end a client when that resource is gone.

    `owner` is the resource's UID. `authorities` are CA certificates (PEM), None for those of the operator's options;
    `system_authorities` adds the system's. `private_addresses` are networks (CIDR) that the issuer may be in, `http`
    says that it may be reached without TLS, `endpoint_origins` are other origins that its documents may name. `managed`
    says whether its clients are read, changed and deregistered at all.
    """

    owner: str
    authorities: str | None = None
    system_authorities: bool = False
    private_addresses: tuple[str, ...] = ()
    http: bool = False
    endpoint_origins: tuple[str, ...] = ()
    managed: bool = True


class IssuerAddress(NamedTuple):
    """An issuer identifier, and how it is reached: None as the operator's options say."""

    issuer: str
    reach: Reach | None = None

    def __str__(self) -> str:
        return self.issuer
