"""By what a client is managed now, and what is still to be had before a call that presents an access token.

Such a token may change everybody's clients. It is used for those alone that this record has from a registration through
the very issuer resource that names it, at an address that names the client; never for one that a Secret handed over.
"""

from datetime import datetime

from ..oauth.client_configuration_endpoint import names_client
from ..record.clients import Client, LeftBehind
from ..record.management import Way
from ..resource.access import ClientCredentials, ServiceAccountToken
from ..resource.dialect import Management
from ..resource.terms import IssuerTerms
from ..verdict.deregistering import deletion_unconfirmed, without_resource
from . import pauses
from .action import Action, Deregister, Discover, ObtainAccess, Read, TurnBack, Update
from .observed import Observed, Problem, Turned, Unread


def way_of(observed: Observed, client: Client) -> Way:
    """Return by what a client is managed."""
    reach = observed.address_of(client.issuer).reach
    if reach is not None and not reach.managed:
        return Way.NOTHING
    if client.key in observed.unmanageable:
        return Way.OUT_OF_REACH
    # What the server gave to another record later is that one's: its own token would be refused here, and its secret is
    # not to be read.
    terms = _terms_for(observed, client) if client.key not in observed.newer_elsewhere else None
    return Way.ACCESS if terms is not None and _admitted(terms, client) else Way.TOKEN


def denied(observed: Observed, client: Client) -> Problem | None:
    """Return why no access token is to be had for a client in this pass, if it was tried.

    Clients of one record may have been admitted by several issuers, and what one of them denies says nothing of the
    others.
    """
    terms = _terms_for(observed, client)
    if _by_record(observed, client) and (terms is None or not is_turned_to(observed, terms)):
        return observed.denials.get(client.admitted_by or "")
    return denied_at_hand(observed)


def denied_at_hand(observed: Observed) -> Problem | None:
    """Return the same of the issuer that is asked now."""
    found = (observed.server, observed.initial_access_token)
    return next((problem for problem in found if isinstance(problem, Problem)), None)


def with_access(observed: Observed, action: Action, now: datetime) -> Action:
    """Return a step, or what is to be had before it: a call by access presents a token that was obtained for it."""
    if not isinstance(action, Read | Update | Deregister) or not action.by_access:
        return action
    if (why_not := denied(observed, action.client)) is not None:
        return pauses.fresh(why_not, observed, now)
    terms = _terms_for(observed, action.client)
    if _by_record(observed, action.client) and terms is not None and not is_turned_to(observed, terms):
        if observed.admitting is not None:
            return TurnBack(Turned(terms=terms, verdict=without_resource()))
        verdict = deletion_unconfirmed(action.client, None)
        return TurnBack(Turned(terms=terms, verdict=verdict, ends=action.client.key))
    if isinstance(observed.server, Unread):
        return Discover(None)
    access = None if terms is None else terms.access
    if isinstance(observed.initial_access_token, Unread) and isinstance(
        access, ClientCredentials | ServiceAccountToken
    ):
        return ObtainAccess(access)
    return action


def is_turned_to(observed: Observed, terms: IssuerTerms) -> bool:
    """Whether what is at hand is of the issuer that those terms are of, and not of the spec's."""
    return observed.turned is not None and observed.turned.terms == terms


def _terms_for(observed: Observed, client: Client) -> IssuerTerms | None:
    """Return what is known of the issuer by whose access token a client would be managed."""
    if observed.admitting is not None:
        # Where there is no spec the record says which issuer it was, by its UID.
        return observed.admitting.get(client.admitted_by or "")
    if _by_record(observed, client):
        # While the published client's own issuer is asked for another client, nothing else is asked for.
        asks = observed.turned is not None and observed.turned.ends is None
        return None if asks else observed.others.get(client.admitted_by or "")
    # While another issuer is asked, what is at hand is that one's.
    return observed.terms if observed.turned is None else None


def _by_record(observed: Observed, client: Client) -> bool:
    """Whether the record, and not the spec, says which issuer admitted a client that is to be ended."""
    elsewhere = isinstance(client.end, LeftBehind) and client.admitted_by in observed.others
    return observed.admitting is not None or elsewhere


def _admitted(terms: IssuerTerms, client: Client) -> bool:
    uri, resource = client.information.registration_client_uri, terms.resource
    by_access = terms.dialect.management is Management.ACCESS
    if not by_access or not isinstance(terms.access, ClientCredentials | ServiceAccountToken):
        return False
    if resource is None or client.issuer != terms.issuer or client.admitted_by != resource.uid:
        return False
    return uri is not None and names_client(uri, client.information.client_id)
