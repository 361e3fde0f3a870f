"""Which issuers OAuthClients use, and what their statuses say of them; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from ..names import ISSUER_KIND, Reason
from ..oauth.json_object import JSON
from ..oauth.words import cleaned
from ..resource.issuer_reference import IssuerReference
from ..resource.oauth_client import OAuthClient
from ..resource.terms import IssuerTerms
from .turns import Standing

MOST: Final = 20
"""Issuers that are looked at: a namespace has one or two, and each may take seconds."""
_URL: Final = 200
_ABOUT_ISSUER: Final = frozenset(
    {
        Reason.ISSUER_UNAVAILABLE,
        Reason.DISCOVERY_FAILED,
        Reason.ISSUER_MISMATCH,
        Reason.ISSUER_NOT_ALLOWED,
        Reason.ISSUER_NOT_READY,
        Reason.NOT_ALLOWED_BY_ISSUER,
        Reason.REGISTRATION_NOT_SUPPORTED,
        Reason.REGISTRATION_UNAUTHORIZED,
        Reason.ACCESS_DENIED,
        Reason.REGISTRATION_AMBIGUOUS,
        Reason.UPDATE_AMBIGUOUS,
        Reason.DELETION_UNCONFIRMED,
        Reason.NOT_UNDERSTOOD,
        Reason.CREDENTIALS_REFUSED,
        Reason.CLIENT_GONE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """An issuer, by the ClusterOAuthIssuer that is named, or by the terms of the clients' own specs; and by whom."""

    name: str | None = None
    terms: IssuerTerms | None = None
    clients: tuple[Standing, ...] = ()
    url: str | None = None
    """Its issuer identifier, as far as specs and statuses tell."""
    manageable: tuple[bool, ...] = ()
    """Of each client that is registered there, whether it can be managed."""

    @property
    def label(self) -> str:
        """What it is called in a table."""
        if self.name is not None:
            return f"{ISSUER_KIND} {self.name}"
        return f"issuer {cleaned(self.url or 'without a name', limit=_URL)}"

    @property
    def manages(self) -> bool | None:
        """Whether clients are managed there, as far as those say that are registered."""
        return any(self.manageable) if self.manageable else None

    def as_told(self) -> tuple[bool | None, str]:
        """Return whether it serves its clients, None where nobody can tell yet, and in which words."""
        for client in self.clients:
            if client.reason in _ABOUT_ISSUER:
                return False, f"{client.name}: {client.message}"
            if client.renewal_fails:
                return False, f"{client.name}: {client.renewal}"
        registered = next((client for client in self.clients if client.client_id), None)
        if registered is not None:
            return True, f"{registered.name} is registered there"
        return None, "no OAuthClient is registered there yet, and none says why not"


def issuers_used(bodies: Iterable[Mapping[str, JSON]]) -> list[Used]:
    """Return each issuer once, in the order in which they come."""
    found: dict[object, Used] = {}
    for body in bodies:
        resource = OAuthClient.parse(body)
        reference, applied = IssuerReference.of(resource.spec, []), resource.status.issuer
        used = Used()
        if reference is not None:
            known = applied is not None and applied.name == reference.name
            key: object = reference.name
            used = Used(name=reference.name, url=applied.url if known and applied is not None else None)
        else:
            terms = IssuerTerms.of_spec(resource.spec)
            key = (terms.source, terms.registration_endpoint, terms.access, terms.software_statement)
            used = Used(terms=terms, url=terms.issuer)
        used = found.get(key, used)
        registration = resource.status.registration
        found[key] = replace(
            used,
            url=used.url or (applied.url if applied is not None and reference is not None else None),
            clients=(*used.clients, Standing.of(body)),
            manageable=(*used.manageable, *(() if registration is None else (registration.manageable,))),
        )
    return list(found.values())
