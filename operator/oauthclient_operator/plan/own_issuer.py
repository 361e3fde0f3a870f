"""How the published client's own issuer is asked, where the spec names another one."""

from dataclasses import replace

from ..oauth.rfc7591 import returned_statement
from ..record.calls import RegisterCall
from ..record.clients import Client
from ..record.record import Record
from ..resource.access import ClientCredentials, ServiceAccountToken
from ..resource.desired import Desired
from ..resource.terms import IssuerTerms, Open


def own_terms(record: Record, client: Client, desired: Desired) -> IssuerTerms | None:
    """Return how the client's own issuer is asked; the spec does not say any more where its metadata are.

    An issuer resource still does. Else the spec's token and software statement are looked at where the client came by
    one: their Secrets say for which issuer they are. None where the spec's way in is of another kind: an access token,
    and what it is obtained with, are for the issuer whose resource says so, and nobody but a tenant may have chosen the
    client's own.
    """
    calls = registering(record, client)
    if (before := terms_before(record, client, desired)) is not None:
        return replace(before, software_statement=desired.terms.software_statement)
    by_token = any(what.bearer is not None for what in calls)
    if by_token and isinstance(desired.terms.access, ClientCredentials | ServiceAccountToken):
        return None
    by_statement = any(what.statement is not None for what in calls) or returned_statement(client.information)
    return IssuerTerms(
        issuer=client.issuer,
        access=desired.terms.access if by_token else Open(),
        software_statement=desired.terms.software_statement if by_statement else None,
        reach=record.reaches.get(client.issuer),
    )


def terms_before(record: Record, client: Client, desired: Desired) -> IssuerTerms | None:
    """Return the terms of the issuer resource that let the client in, where the spec names another issuer by now."""
    before = desired.before
    if before is None or before.resource is None or before.issuer != client.issuer:
        return None
    return before if any(what.admitted_by == before.resource.uid for what in registering(record, client)) else None


def registering(record: Record, client: Client) -> list[RegisterCall]:
    """Return the call that registered a client, as far as its record still has it."""
    return [c.what for c in record.closed if c.number == client.key and isinstance(c.what, RegisterCall)]
