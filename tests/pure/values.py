"""Values for the tests of pure code: a resource, a record and what can be observed of them, each with sane defaults."""

import json
from datetime import timedelta
from typing import Any

from oauthclient_operator import names
from oauthclient_operator.credentials import content
from oauthclient_operator.exchange import Response
from oauthclient_operator.oauth.rfc8414 import ServerMetadata, server_metadata
from oauthclient_operator.plan.observed import Missing, Observed, Unread
from oauthclient_operator.published_secret import KEYS_ANNOTATION
from oauthclient_operator.record.envelope import Stored
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.summary import annotations, labels, summary
from oauthclient_operator.resource.desired import Desired
from oauthclient_operator.resource.oauth_client import OAuthClient
from oauthclient_operator.resource.secret import Secret, SecretMetadata
from oauthclient_operator.resource.terms import IssuerTerms
from tests.pure.records import (
    ANSWER,
    ISSUER,
    METADATA,
    NOW,
    TIMEOUT,
    UID,
    call,
    empty_record,
    information,
    metadata,
    published,
    registered_record,
    stored,
)

__all__ = [
    "ANSWER",
    "ISSUER",
    "METADATA",
    "NOW",
    "TIMEOUT",
    "UID",
    "at_rest",
    "body",
    "call",
    "desired",
    "empty_record",
    "information",
    "metadata",
    "observed",
    "published",
    "registered_record",
    "resource",
    "secret",
    "server",
    "stored",
]


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
    found = resource(**options)
    return Desired.of(found, IssuerTerms.of_spec(found.spec))


def server(**members: Any) -> ServerMetadata:
    """Return authorization server metadata."""
    document = {
        "issuer": ISSUER,
        "registration_endpoint": f"{ISSUER}/register",
        "token_endpoint": f"{ISSUER}/token",
        **members,
    }
    return server_metadata(ISSUER, Response(status=200, body=json.dumps(document).encode()))


def secret(record: Record, **values: Any) -> Secret:
    """Return the published Secret just as it should be."""
    client = published(record)
    publication = desired().publication
    assert publication is not None
    data = content(client, publication)
    defaults: dict[str, Any] = {
        "name": "web",
        "uid": "secret-uid",
        "resource_version": "9",
        "type": "Opaque",
        "labels": {names.MANAGED_BY_LABEL: names.OPERATOR},
        "annotations": {KEYS_ANNOTATION: ",".join(sorted(data))},
        "owners": ((names.API_VERSION, names.KIND, UID),),
        "immutable": False,
        "data": data,
    }
    return Secret(**{**defaults, **values})


def observed(record: Record | Stored | Missing | None = None, **values: Any) -> Observed:
    """Return what is observed once the record and the Secret were read."""
    seen = stored(record) if isinstance(record, Record) else record
    defaults: dict[str, Any] = {"resource": resource(), "record": seen if seen is not None else Unread()}
    # What is published was proven: who wants to see that it is not says so.
    defaults["proven_at"] = NOW + timedelta(days=36_500)
    if isinstance(seen, Stored) and seen.record.published is not None:
        defaults["secret"] = secret(seen.record)
    return Observed(**{**defaults, **values})


def at_rest(record: Record) -> Observed:
    """Return what the watches say of a resource that is registered, published and reported."""
    status = {
        "observedGeneration": 1,
        "clientID": "c1",
        "secret": {"name": "web", "uid": "secret-uid", "resourceVersion": "9"},
        "served": summary({"annotations": dict(annotations(record))}).served.to_json(),
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
