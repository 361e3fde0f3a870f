"""The steps by which a client that a Secret hands over is taken up, or is not; `action` has all the others."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..oauth.client_information import ClientInformation
from ..oauth.client_metadata import ClientMetadata
from ..resource.client_information_secret import HandedOver


@dataclass(frozen=True, slots=True)
class ReadClientInformation:
    """Read the client that the Secret of that name, which `spec.adopt` names, hands over."""

    name: str


@dataclass(frozen=True, slots=True)
class FindHolders:
    """Look, live, which records hold that client of an issuer: of two that adopt one client one withdraws."""

    issuer: str
    information: ClientInformation


@dataclass(frozen=True, slots=True)
class Offer:
    """Write down what a Secret hands over, to be read at its server; `endpoints` are the issuer's for apps.

    `outdated` says that the record is older than what is published: all that the status knows is written down with it.
    """

    handed: HandedOver
    endpoints: Mapping[str, str]
    outdated: bool = False


@dataclass(frozen=True, slots=True)
class RefuseAdoption:
    """Write down that the client of a Secret of that fingerprint is not taken up: it is no client of ours."""

    fingerprint: str


@dataclass(frozen=True, slots=True)
class RefuseUnproven:
    """Write down that the credential in a Secret of that fingerprint is not taken up: it could not be proven.

    `retry` is what the resource's annotation asks, which is served by that.
    """

    fingerprint: str
    retry: str | None = None


@dataclass(frozen=True, slots=True)
class TakeUp:
    """Publish the client of that key, which was handed over and proven, as that edition or a later one."""

    key: int
    edition: int


@dataclass(frozen=True, slots=True)
class TakeUpUnproven:
    """Publish what a Secret hands over as it is, for a client that nothing can be asked about."""

    handed: HandedOver
    metadata: ClientMetadata
    endpoints: Mapping[str, str]
    edition: int


@dataclass(frozen=True, slots=True)
class Claim:
    """Let the record's metadata say what it holds unproven; an older operator did not, and others would end it."""


OfAdoption = Claim | Offer | RefuseAdoption | RefuseUnproven | TakeUp | TakeUpUnproven
"""Steps that bring a client that was handed over into a record."""
