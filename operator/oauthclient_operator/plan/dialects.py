"""What an issuer's terms say of how its server does otherwise than the RFCs, as far as it concerns one client."""

from ..oauth.rfc7592 import UpdateDialect, UpdateForm
from ..record.clients import Client
from ..resource.dialect import Dialect, Sending, UpdateSays
from ..resource.terms import IssuerTerms

_NOTHING_SAID = Dialect()


def dialect_of(client: Client, terms: IssuerTerms) -> Dialect:
    """Return how the server of that client does otherwise: of another than the spec's issuer nobody says it."""
    return terms.dialect if client.issuer == terms.issuer else _NOTHING_SAID


def first_form(client: Client, terms: IssuerTerms) -> UpdateForm:
    """Return what an update says at first: as the terms have it, or else as this client's server took the last one."""
    match dialect_of(client, terms).update:
        case None:
            return client.form
        case UpdateSays.ASKED:
            return UpdateForm.ASKED
        case UpdateSays.FULL | UpdateSays.MERGE:
            return UpdateForm.FULL


def update_dialect(client: Client, terms: IssuerTerms) -> UpdateDialect:
    """Return how the client's server takes updates."""
    said = dialect_of(client, terms)
    return UpdateDialect(
        nulls=said.update is UpdateSays.MERGE,
        client_secret=said.send_client_secret is True,
        # Of the others each is the server's own word: it knows what it answered.
        omits=frozenset({"scope"} if said.scope is Sending.OMIT else ()),
    )
