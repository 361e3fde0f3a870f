"""A record as the Secret that holds it: labels and annotations that tell `plan` all it needs at rest, and the body."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from .. import names
from ..errors import UnreadableRecord
from ..oauth.json_object import JSON
from ..oauth.json_object import decode as decode_json
from ..resource.desired import DeletionPolicy
from .codec import decode, encode
from .model import CallKind, Client, Record, Release, ReleaseOutcome

RECORD_LIMIT: Final = 1 << 20
"""Bytes of a record's JSON: what a Secret can hold."""
ROOM: Final = 320 * 1024
"""Bytes that a registration or an update may add: an answer (128 KiB), what was asked (64 KiB, twice), endpoints and
their aliases (32 KiB), and what is said of a call."""
LEFT_BEHIND_INTERVAL: Final = timedelta(days=1)
HELD: Final = "held"
DELETING: Final = "deleting"
LEFT: Final = "left"
"""By a record whose resource is gone and wanted its client gone, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a record's metadata say: enough to leave a resource at rest without reading the record."""

    resource_version: str
    state: str
    confirmed: str | None
    open_call: str | None
    due: datetime | None
    client_labels: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A record as it was read or written, with the version that the next write must name."""

    record: Record
    uid: str
    resource_version: str


def state(record: Record) -> names.RecordState:
    """Return the word of the state label."""
    if record.released is not None:
        confirmed = record.released.outcome is ReleaseOutcome.CONFIRMED and not any(c.alive for c in record.clients)
        return names.RecordState.RELEASED if confirmed else names.RecordState.LEFT_BEHIND
    if record.open is not None:
        return names.RecordState.OPEN
    if record.published is not None:
        return names.RecordState.REGISTERED
    return names.RecordState.HELD if record.suspects else names.RecordState.OPEN


def at_rest(client: Client, record: Record) -> bool:
    """Whether nothing is left to do for this client but to wait for a change."""
    unfinished = record.surplus or client.unresolved or client.update_due or client.management_lost
    return record.open is None and not unfinished


def labels(record: Record) -> dict[str, str]:
    """Return the labels: the state, the tenant, and one per client that the server is not known to have removed."""
    by_client = {
        client_label(c.information.registration_client_uri): _hold(record, c)
        for c in record.clients
        if c.alive and c.information.registration_client_uri
    }
    tenant = names.NAMESPACE_LABEL_PREFIX + record.subject.namespace
    return {names.STATE_LABEL: state(record), tenant: "", **by_client}


def _hold(record: Record, client: Client) -> str:
    call = record.open
    deregistering = call is not None and call.kind is CallKind.DEREGISTER and call.client == client.key
    if deregistering or client.deletion_ambiguous:
        return DELETING
    return LEFT if record.released is not None and record.deletion == DeletionPolicy.DELETE else HELD


def client_label(registration_client_uri: str) -> str:
    """Return the label key by which records that hold the same client find each other."""
    return names.CLIENT_LABEL_PREFIX + hashlib.sha256(registration_client_uri.encode()).hexdigest()[:40]


def annotations(record: Record) -> dict[str, str]:
    """Return the annotations: the open call, what is confirmed if nothing is left to do, and the next time due."""
    found: dict[str, str] = {}
    if record.released is not None:
        return {names.DUE_ANNOTATION: due_after_release(record, record.released).isoformat()}
    if record.open is not None:
        found[names.OPEN_CALL_ANNOTATION] = f"{record.open.number}:{record.open.kind}"
    client = record.published
    if client is not None and at_rest(client, record):
        if client.confirmed_digest:
            found[names.CONFIRMED_ANNOTATION] = client.confirmed_digest
        if expiry := client.information.client_secret_expires_at:
            found[names.DUE_ANNOTATION] = datetime.fromtimestamp(expiry, UTC).isoformat()
    return found


def due_after_release(record: Record, released: Release) -> datetime:
    """Return when the sweep looks again: at once where all is confirmed, else a day after the last deregistration."""
    if state(record) is names.RecordState.RELEASED:
        return released.at
    tried = record.last(CallKind.DEREGISTER)
    return (tried.at if tried else released.at) + LEFT_BEHIND_INTERVAL


def summary(metadata: Mapping[str, JSON]) -> Summary:
    """Read the metadata of a record's Secret; what is malformed counts as absent, and then the body is read."""
    own_labels, own_annotations = _texts(metadata.get("labels")), _texts(metadata.get("annotations"))
    return Summary(
        resource_version=str(metadata.get("resourceVersion", "")),
        state=own_labels.get(names.STATE_LABEL, ""),
        confirmed=own_annotations.get(names.CONFIRMED_ANNOTATION),
        open_call=own_annotations.get(names.OPEN_CALL_ANNOTATION),
        due=_time(own_annotations.get(names.DUE_ANNOTATION)),
        client_labels={k: v for k, v in own_labels.items() if k.startswith(names.CLIENT_LABEL_PREFIX)},
    )


def manifest(record: Record, records_namespace: str) -> dict[str, JSON]:
    """Return the Secret that holds the record, to be created."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": names.RECORD_TYPE,
        "metadata": {
            "name": record.subject.uid,
            "namespace": records_namespace,
            "labels": {**labels(record)},
            "annotations": {**annotations(record)},
        },
        "data": {names.RECORD_KEY: _body(record)},
    }


def patch(stored: Stored, record: Record) -> dict[str, JSON]:
    """Return the merge patch from what is stored to `record`; it holds only if nobody wrote in between."""
    return {
        "metadata": {
            "uid": stored.uid,
            "resourceVersion": stored.resource_version,
            "labels": _changes(labels(stored.record), labels(record)),
            "annotations": _changes(annotations(stored.record), annotations(record)),
        },
        "data": {names.RECORD_KEY: _body(record)},
    }


def read(secret: Mapping[str, JSON]) -> Stored:
    """Read a record from its Secret.

    Raises:
        UnreadableRecord: it holds no record of a schema that is known here.
    """
    metadata, data = secret.get("metadata"), secret.get("data")
    body = data.get(names.RECORD_KEY) if isinstance(data, dict) else None
    if not isinstance(metadata, dict) or not isinstance(body, str):
        raise UnreadableRecord("the Secret holds no record")
    try:
        members = decode_json(base64.b64decode(body, validate=True), limit=RECORD_LIMIT)
    except ValueError:
        raise UnreadableRecord("the record is not JSON") from None
    return Stored(record=decode(members), uid=str(metadata["uid"]), resource_version=str(metadata["resourceVersion"]))


def has_room(record: Record) -> bool:
    """Whether the record can take whatever a registration or an update may be answered."""
    return len(_json(record)) <= RECORD_LIMIT - ROOM


def _json(record: Record) -> bytes:
    return json.dumps(encode(record), ensure_ascii=False, separators=(",", ":")).encode()


def _body(record: Record) -> str:
    return base64.b64encode(_json(record)).decode()


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, JSON]:
    gone: dict[str, JSON] = dict.fromkeys(before.keys() - after.keys())
    return {**gone, **after}


def _texts(value: JSON) -> dict[str, str]:
    return {k: v for k, v in value.items() if isinstance(v, str)} if isinstance(value, dict) else {}


def _time(value: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if value else None
    except ValueError:
        return None
