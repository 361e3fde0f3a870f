"""Records in each state of an adoption: what a Secret hands over was offered, proven, refused, taken up."""

from typing import Any, Final

from oauthclient_operator.oauth.client_information import ClientInformation
from oauthclient_operator.record.adopting import offer, take_up
from oauthclient_operator.record.adoptions import Offered, Proven
from oauthclient_operator.record.calls import Call, CallKind, fingerprint
from oauthclient_operator.record.clients import Client
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.transitions import absorb, close, open_call
from oauthclient_operator.resource.client_information_secret import HandedOver
from tests.pure.record.steps import LOST, refused
from tests.pure.records import ISSUER, NOW, call, empty_record, information

ENDPOINTS: Final = {"token_endpoint": f"{ISSUER}/token"}
HANDED_ID: Final = "by-hand"


def handed(client_id: str = HANDED_ID, fingerprint: str = "f1", issuer: str = ISSUER, **members: Any) -> HandedOver:
    """Return what a Secret hands over; None leaves a member out."""
    told = {
        "client_id": client_id,
        "client_secret": "by-hand-secret",
        "registration_access_token": "by-hand-token",
        "registration_client_uri": f"{issuer}/register/{client_id}",
        **members,
    }
    known = ClientInformation.parse({k: v for k, v in told.items() if v is not None})
    return HandedOver(issuer=issuer, information=known, fingerprint=fingerprint)


UNMANAGED: Final = handed(registration_access_token=None, registration_client_uri=None)


def offered(record: Record | None = None, by: HandedOver | None = None) -> Record:
    """Return the record after what a Secret hands over was written down."""
    return offer(record or empty_record(), by or handed(), ENDPOINTS, "system", NOW)


def client_offered(record: Record) -> Client:
    """Return what is to be read."""
    assert isinstance(record.adoption, Offered)
    return record.adoption.client


def reading(record: Record, **values: Any) -> tuple[Record, Call]:
    """Return the record with the read open that is to prove the client, and the read."""
    client = client_offered(record)
    token = fingerprint(client.information.registration_access_token)
    made = call(record, CallKind.READ, client=client.key, bearer=token, adopts=True, issuer=client.issuer, **values)
    return open_call(record, made), made


def answered(record: Record, client_id: str = HANDED_ID, **members: Any) -> Record:
    """Return the record after that read was answered with a client."""
    record, made = reading(record)
    default = {"client_id": client_id, "registration_client_uri": f"{made.issuer}/register/{client_id}"}
    return absorb(record, made, information(**{**default, **members}), {}, NOW)


def failed(record: Record, outcome: Any = LOST) -> Record:
    """Return the record after that read was not answered with a client."""
    record, made = reading(record)
    return close(record, made, outcome, NOW)


def proven(record: Record | None = None, by: HandedOver | None = None) -> Record:
    """Return the record of a client that is proven and not published."""
    return answered(offered(record, by), client_id=(by or handed()).information.client_id)


def key_of(record: Record) -> int:
    """Return the key of the client that is proven."""
    assert isinstance(record.adoption, Proven)
    return record.adoption.client


def not_taken(record: Record | None = None) -> Record:
    """Return the record after the server refused the token."""
    return failed(offered(record), refused())


def taken(record: Record | None = None, edition: int = 1) -> Record:
    """Return the record after a client was proven and published."""
    found = proven(record)
    return take_up(found, key_of(found), edition, NOW)
