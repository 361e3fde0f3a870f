"""What can be done next about a ClusterOAuthIssuer."""

from dataclasses import dataclass
from datetime import datetime

from ..resource.access import AccessByToken
from ..resource.issuer_status import IssuerStatus
from ..resource.terms import ByInitialAccessToken, IssuerTerms
from ..verdict.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteIssuerFinalizer:
    """Add our finalizer, or take it off."""

    there: bool


@dataclass(frozen=True, slots=True)
class LookElsewhere:
    """Find out who refers to it in namespaces that another installation looks after."""


@dataclass(frozen=True, slots=True)
class ReadAuthorities:
    """Read the ConfigMap that holds the certificates of the issuer's authorities, and the key in it."""

    config_map: str
    key: str


@dataclass(frozen=True, slots=True)
class TryDoor:
    """Find out whether a door to the issuer can be made by these terms."""

    terms: IssuerTerms


@dataclass(frozen=True, slots=True)
class Accept:
    """Let its clients go by these terms from now on; they may say what is wrong with them."""

    terms: IssuerTerms


@dataclass(frozen=True, slots=True)
class DiscoverIssuer:
    """Fetch its metadata."""

    terms: IssuerTerms


@dataclass(frozen=True, slots=True)
class ReadAccess:
    """Read the Secret by which the issuer lets the operator in, or obtain an access token as its clients do."""

    access: ByInitialAccessToken | AccessByToken


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Say so in its status, and look again then."""

    status: IssuerStatus
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Say nothing: its status is another installation's; look again then.

    `refused` is what the API server refuses this one, whose clients wait for it: nobody else says so.
    """

    until: datetime | None = None
    refused: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Forget:
    """There is nothing left to do about it."""


Look = LookElsewhere | ReadAuthorities | TryDoor | DiscoverIssuer | ReadAccess
IssuerStep = Look | WriteIssuerFinalizer | Accept | Report | Leave | Forget
