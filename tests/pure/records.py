"""Records for the tests of pure code, with sane defaults; nothing here knows what is planned or done with them."""

from datetime import UTC, datetime, timedelta
from typing import Any, assert_never

from oauthclient_operator.oauth.client_information import ClientInformation
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.record.calls import (
    Asked,
    Call,
    CallKind,
    DeregisterCall,
    ReadCall,
    RegisterCall,
    UpdateCall,
    What,
    fingerprint,
)
from oauthclient_operator.record.clients import Client
from oauthclient_operator.record.envelope import Stored
from oauthclient_operator.record.record import Record, Subject
from oauthclient_operator.record.registering import next_attempt
from oauthclient_operator.record.transitions import absorb, open_call

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
ISSUER = "https://issuer.example"
METADATA: dict[str, Any] = {"client_name": "web", "redirect_uris": ["https://shop.example/cb"]}
UID = "11111111-2222-3333-4444-555555555555"
TIMEOUT = timedelta(seconds=20)
ANSWER: dict[str, Any] = {
    **METADATA,
    "client_id": "c1",
    "client_secret": "s1",
    "client_secret_expires_at": 0,
    "registration_access_token": "r1",
    "registration_client_uri": f"{ISSUER}/register/c1",
}


def metadata(**members: Any) -> ClientMetadata:
    """Return client metadata, with members over the default ones."""
    return ClientMetadata.parse({**METADATA, **members})


def empty_record() -> Record:
    """Return a record before anything happened."""
    subject = Subject(cluster_uid="cluster", namespace="shop", name="web", uid=UID)
    return Record(subject=subject, deletion="Delete", secrets=("web",))


def call(record: Record, kind: CallKind, *, at: datetime = NOW, client: int | None = None, **values: Any) -> Call:
    """Return the next call of a record, with values of the call or of its kind over the default ones."""
    about = record.client(client)
    token = about.information.registration_access_token if about is not None else None
    address = about.information.registration_client_uri if about is not None else None
    bearer = values.pop("bearer", fingerprint(token))
    asked = Asked(values.pop("digest", metadata().digest()), values.pop("metadata", METADATA))
    defaults: dict[str, Any] = {
        "number": record.next_call,
        "nonce": f"nonce-{record.next_call}",
        "holder": "one",
        "issuer": ISSUER,
        "trust": "system",
        "endpoint": address or f"{ISSUER}/register",
        "opened_at": at,
        "deadline": at + TIMEOUT,
    }
    what: What
    match kind:
        case CallKind.REGISTER:
            attempt = values.pop("attempt", next_attempt(record))
            names: tuple[str, ...] = (
                "credential",
                "statement",
                "returned",
                "admitted_by",
                "proof_key",
                "repeats",
                "source",
                "signing",
                "key",
            )
            own = {name: values.pop(name) for name in names if name in values}
            what = RegisterCall(attempt=attempt, asked=asked, bearer=bearer, **own)
        case CallKind.READ:
            assert client is not None
            own = {name: values.pop(name) for name in ("by_access", "repeats", "adopts") if name in values}
            what = ReadCall(client=client, bearer=bearer, **own)
        case CallKind.UPDATE:
            assert client is not None
            names = ("by_access", "repeats", "form", "kids", "key")
            own = {name: values.pop(name) for name in names if name in values}
            what = UpdateCall(client=client, asked=asked, bearer=bearer, **own)
        case CallKind.DEREGISTER:
            assert client is not None
            what = DeregisterCall(client=client, bearer=bearer, by_access=values.pop("by_access", False))
        case _:
            assert_never(kind)
    return Call(what=what, **{**defaults, **values})


def information(**members: Any) -> ClientInformation:
    """Return a client information response, with members over the default ones."""
    return ClientInformation.parse({k: v for k, v in {**ANSWER, **members}.items() if v is not None})


def registered_record(*, at: datetime = NOW, **members: Any) -> Record:
    """Return a record whose first attempt was answered."""
    opened = open_call(empty_record(), call(empty_record(), CallKind.REGISTER, at=at))
    assert opened.open is not None
    return absorb(opened, opened.open, information(**members), {"token_endpoint": f"{ISSUER}/token"}, at)


def published(record: Record) -> Client:
    """Return the client that a record publishes."""
    client = record.published
    assert client is not None
    return client


def stored(record: Record) -> Stored:
    """Return a record as it was read."""
    return Stored(record=record, uid="record-uid", resource_version="8")
