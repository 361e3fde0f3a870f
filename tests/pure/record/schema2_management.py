"""Records of clients that are managed by access tokens, or not at all."""

from collections.abc import Mapping
from typing import Final

from oauthclient_operator.reach import IssuerAddress, Reach
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.record import Record
from tests.pure.record.steps import answered, failed, named, of, opened, refused, update
from tests.pure.records import ISSUER, empty_record

ADMITTED_BY: Final = "22222222-3333-4444-5555-666666666666"
BY_ACCESS: Final = {"bearer": "5feceb66ffc86f38", "by_access": True}


def admitted() -> Record:
    """A client that was registered through an issuer resource, at an address that names it."""
    uri = f"{ISSUER}/register/c1"
    return answered(empty_record(), CallKind.REGISTER, {"admitted_by": ADMITTED_BY}, registration_client_uri=uri)


def managed_by_access() -> Record:
    """An update whose token was refused and whose repetition was taken; a read, and a deregistration under way."""
    record = admitted()
    record = failed(record, CallKind.UPDATE, refused(401), **update(record), **BY_ACCESS)
    record = answered(record, CallKind.UPDATE, {**update(record), **BY_ACCESS, "repeats": True}, **named("c1"))
    record = failed(record, CallKind.READ, refused(403), **of(record), **BY_ACCESS)
    record = failed(record, CallKind.DEREGISTER, refused(403), **of(record), **BY_ACCESS)
    return opened(record, CallKind.DEREGISTER, **of(record), **BY_ACCESS)[0]


def reading_by_access() -> Record:
    record = admitted()
    return opened(record, CallKind.READ, **of(record), **BY_ACCESS)[0]


def updating_by_access() -> Record:
    record = admitted()
    return opened(record, CallKind.UPDATE, **update(record), **BY_ACCESS, repeats=True)[0]


def absent() -> Record:
    """Its server answers an access token that there is no such client."""
    record = admitted()
    return failed(record, CallKind.UPDATE, refused(404, error="not_found", json=True), **update(record), **BY_ACCESS)


def never_managed() -> Record:
    reach = Reach(owner=ADMITTED_BY, managed=False)
    return admitted().reached(IssuerAddress(ISSUER, reach))


RECORDS: Final[Mapping[str, Record]] = {
    "managed-by-access": managed_by_access(),
    "managed-by-access-absent": absent(),
    "managed-by-access-reading": reading_by_access(),
    "managed-by-access-updating": updating_by_access(),
    "managed-by-nothing": never_managed(),
}
