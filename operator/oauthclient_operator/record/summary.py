"""What a record's metadata say: enough for `plan` to leave a resource at rest without reading the record."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from .. import names
from ..oauth.json_object import JSON
from ..resource.desired import DeletionPolicy
from .calls import CallKind, DeregisterCall
from .clients import Client, InStep
from .record import Record, Release, ReleaseOutcome, may_live_on

LEFT_BEHIND_INTERVAL: Final = timedelta(days=1)
HELD: Final = "held"
DELETING: Final = "deleting"
LEFT: Final = "left"
"""By a record whose resource is gone and wanted its client gone, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The metadata of a record, read.

    `suspects` are the numbers of the attempts that may have left a client behind.
    """

    resource_version: str
    state: str
    confirmed: str | None
    open_call: str | None
    due: datetime | None
    suspects: tuple[int, ...]
    client_labels: Mapping[str, str]


def state(record: Record) -> names.RecordState:
    """Return the word of the state label."""
    if record.released is not None:
        confirmed = record.released.outcome is ReleaseOutcome.CONFIRMED and not may_live_on(record)
        return names.RecordState.RELEASED if confirmed else names.RecordState.LEFT_BEHIND
    if record.open is not None:
        return names.RecordState.OPEN
    if record.published is not None:
        return names.RecordState.REGISTERED
    return names.RecordState.HELD if record.suspects else names.RecordState.OPEN


def at_rest(client: Client, record: Record) -> bool:
    """Whether nothing is left to do for this client but to wait for a change."""
    finished = not record.surplus and isinstance(client.standing, InStep) and not client.management_lost
    # A Secret of another name is to be removed, or its name to be forgotten.
    return record.open is None and finished and len(record.secrets) <= 1


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
    what = record.open.what if record.open is not None else None
    deregistering = isinstance(what, DeregisterCall) and what.client == client.key
    if deregistering or client.may_be_gone:
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
    if record.suspects:
        found[names.SUSPECTS_ANNOTATION] = ",".join(str(a.number) for a in record.suspects)
    client = record.published
    if client is not None and at_rest(client, record):
        if client.confirmed is not None:
            found[names.CONFIRMED_ANNOTATION] = client.confirmed.digest
        if expiry := client.information.client_secret_expires_at:
            found[names.DUE_ANNOTATION] = datetime.fromtimestamp(expiry, UTC).isoformat()
    return found


def due_after_release(record: Record, released: Release) -> datetime:
    """Return when a record is looked at again: at once where all is confirmed, else a day after the last try."""
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
        suspects=_numbers(own_annotations.get(names.SUSPECTS_ANNOTATION)),
        client_labels={k: v for k, v in own_labels.items() if k.startswith(names.CLIENT_LABEL_PREFIX)},
    )


def _texts(value: JSON) -> dict[str, str]:
    return {k: v for k, v in value.items() if isinstance(v, str)} if isinstance(value, dict) else {}


def _time(value: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if value else None
    except ValueError:
        return None


def _numbers(value: str | None) -> tuple[int, ...]:
    return tuple(int(part) for part in (value or "").split(",") if part.isascii() and part.isdigit() and len(part) < 10)
