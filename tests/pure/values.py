"""Values for the tests of pure code: a resource, a record and what can be observed of them, each with sane defaults."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from oauthclient_operator import credentials, names
from oauthclient_operator.exchange import Response
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.oauth.rfc7591 import ClientInformation
from oauthclient_operator.oauth.rfc8414 import ServerMetadata, server_metadata
from oauthclient_operator.plan.observed import Missing, Observed, SecretMetadata, Unread
from oauthclient_operator.record.envelope import Stored, annotations, labels, summary
from oauthclient_operator.record.model import Call, CallKind, Client, Record, Subject, fingerprint
from oauthclient_operator.record.transitions import absorb, next_attempt, open_call
from oauthclient_operator.resource.desired import Desired
from oauthclient_operator.resource.oauth_client import OAuthClient

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


def body(
    *,
    spec: dict[str, Any] | None = None,
    status: dict[str, Any] | None = None,
    deleting: bool = False,
    finalizer: bool = True,
    generation: int = 1,
    annotations: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Return an OAuthClient's JSON."""
    metadata: dict[str, Any] = {
        "namespace": "shop",
        "name": "web",
        "uid": UID,
        "generation": generation,
        "resourceVersion": "7",
        "finalizers": [names.FINALIZER] if finalizer else [],
        "annotations": annotations or {},
    }
    if deleting:
        metadata["deletionTimestamp"] = "2026-01-01T11:59:59Z"
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.KIND,
        "metadata": metadata,
        "spec": {"issuer": ISSUER, "clientMetadata": METADATA, **(spec or {})},
        "status": {"observedGeneration": -1, "conditions": [], **(status or {})},
    }


def resource(**options: Any) -> OAuthClient:
    """Return an OAuthClient; options as for `body`."""
    return OAuthClient.parse(body(**options))


def desired(**options: Any) -> Desired:
    """Return what an OAuthClient asks; options as for `body`."""
    return Desired.of(resource(**options))


def metadata(**members: Any) -> ClientMetadata:
    """Return client metadata, with members over the default ones."""
    return ClientMetadata.parse({**METADATA, **members})


def empty_record() -> Record:
    """Return a record before anything happened."""
    subject = Subject(cluster_uid="cluster", namespace="shop", name="web", uid=UID)
    return Record(subject=subject, issuer=ISSUER, deletion="Delete", trust="system", secrets=("web",))


def call(record: Record, kind: CallKind, *, at: datetime = NOW, client: int | None = None, **values: Any) -> Call:
    """Return the next call of a record."""
    about = record.client(client)
    token = about.information.registration_access_token if about is not None else None
    defaults: dict[str, Any] = {
        "number": record.next_call,
        "kind": kind,
        "endpoint": f"{ISSUER}/register",
        "holder": "one",
        "nonce": f"nonce-{record.next_call}",
        "opened_at": at,
        "deadline": at + TIMEOUT,
        "attempt": next_attempt(record) if kind is CallKind.REGISTER else None,
        "client": client,
        "bearer": fingerprint(token),
        "digest": metadata().digest() if kind is not CallKind.DEREGISTER else None,
        "metadata": METADATA if kind is not CallKind.DEREGISTER else None,
    }
    return Call(**{**defaults, **values})


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


def server(**members: Any) -> ServerMetadata:
    """Return authorization server metadata."""
    document = {
        "issuer": ISSUER,
        "registration_endpoint": f"{ISSUER}/register",
        "token_endpoint": f"{ISSUER}/token",
        **members,
    }
    return server_metadata(ISSUER, Response(status=200, body=json.dumps(document).encode()))


def secret(record: Record, **values: Any) -> credentials.PublishedSecret:
    """Return the published Secret just as it should be."""
    client = published(record)
    publication = desired().publication
    assert publication is not None
    data = credentials.content(record.issuer, client, publication)
    defaults: dict[str, Any] = {
        "name": "web",
        "uid": "secret-uid",
        "resource_version": "9",
        "type": "Opaque",
        "labels": {names.MANAGED_BY_LABEL: names.OPERATOR},
        "annotations": {credentials.KEYS_ANNOTATION: ",".join(sorted(data))},
        "owners": ((names.API_VERSION, names.KIND, UID),),
        "immutable": False,
        "data": data,
    }
    return credentials.PublishedSecret(**{**defaults, **values})


def stored(record: Record) -> Stored:
    """Return a record as it was read."""
    return Stored(record=record, uid="record-uid", resource_version="8")


def observed(record: Record | Stored | Missing | None = None, **values: Any) -> Observed:
    """Return what is observed once the record and the Secret were read."""
    seen = stored(record) if isinstance(record, Record) else record
    defaults: dict[str, Any] = {"resource": resource(), "record": seen if seen is not None else Unread()}
    if isinstance(seen, Stored) and seen.record.published is not None:
        defaults["secret"] = secret(seen.record)
    return Observed(**{**defaults, **values})


def at_rest(record: Record) -> Observed:
    """Return what the watches say of a resource that is registered, published and reported."""
    status = {
        "observedGeneration": 1,
        "clientID": "c1",
        "secret": {"name": "web", "uid": "secret-uid", "resourceVersion": "9"},
        "conditions": [
            {
                "type": "Ready",
                "status": "True",
                "reason": "Registered",
                "message": "",
                "lastTransitionTime": "2026-01-01T00:00:00Z",
                "observedGeneration": 1,
            }
        ],
    }
    written: dict[str, Any] = {
        "resourceVersion": "8",
        "labels": dict(labels(record)),
        "annotations": dict(annotations(record)),
    }
    watched = SecretMetadata(name="web", uid="secret-uid", resource_version="9", owner_uids=frozenset({UID}))
    return Observed(resource=resource(status=status), summary=summary(written), secret_metadata={"web": watched})
