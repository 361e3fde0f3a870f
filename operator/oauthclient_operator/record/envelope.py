"""A record as the Secret that holds it: its metadata are the summary, its body is the stored record."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .. import names
from ..errors import UnreadableRecord
from ..oauth.json_object import JSON
from ..oauth.json_object import decode as decode_json
from ..resource.json_path import child
from .record import Record
from .summary import annotations, labels, older_client_label
from .wire import decode, encode

RECORD_LIMIT: Final = 1 << 20
"""Bytes of a record's JSON: what a Secret can hold."""
ROOM: Final = 320 * 1024
"""Bytes that a registration or an update may add: an answer (128 KiB), what was asked (64 KiB, twice), endpoints and
their aliases (32 KiB), and what is said of a call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A record as it was read or written, with the version that the next write must name."""

    record: Record
    uid: str
    resource_version: str


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
            "labels": {**_older_labels(stored.record), **_changes(labels(stored.record), labels(record))},
            "annotations": _changes(annotations(stored.record), annotations(record)),
        },
        "data": {names.RECORD_KEY: _body(record)},
    }


def read(secret: Mapping[str, JSON]) -> Stored:
    """Read a record from its Secret.

    Raises:
        UnreadableRecord: it holds no record of a schema that is known here, or that of another resource than the one
            whose UID it has for a name: whoever took it for that one's would publish another's credentials.
    """
    uid, version, body = _parts(secret)
    try:
        members = decode_json(base64.b64decode(body, validate=True), limit=RECORD_LIMIT)
    except ValueError:
        raise UnreadableRecord("the record is not JSON") from None
    record = decode(members)
    if child(secret, "metadata").get("name") != record.subject.uid:
        raise UnreadableRecord("the Secret holds the record of another resource")
    return Stored(record=record, uid=uid, resource_version=version)


def written(record: Record, sent: Mapping[str, JSON], answer: Mapping[str, JSON]) -> Stored:
    """Return what the answer to a write holds: the record, if that is what was sent, and else what is read there.

    Raises:
        UnreadableRecord: it holds no record of a schema that is known here.
    """
    uid, version, body = _parts(answer)
    if body != child(sent, "data")[names.RECORD_KEY]:
        return read(answer)
    return Stored(record=record, uid=uid, resource_version=version)


def has_room(record: Record) -> bool:
    """Whether the record can take whatever a registration or an update may be answered."""
    return len(_json(record)) <= RECORD_LIMIT - ROOM


def _parts(secret: Mapping[str, JSON]) -> tuple[str, str, str]:
    """Return UID and version of a record's Secret, and the record as it is stored there."""
    metadata, body = child(secret, "metadata"), child(secret, "data").get(names.RECORD_KEY)
    uid, version = metadata.get("uid"), metadata.get("resourceVersion")
    if not isinstance(uid, str) or not isinstance(version, str) or not isinstance(body, str):
        raise UnreadableRecord("the Secret holds no record")
    return uid, version, body


def _json(record: Record) -> bytes:
    return json.dumps(encode(record), ensure_ascii=False, separators=(",", ":")).encode()


def _body(record: Record) -> str:
    return base64.b64encode(_json(record)).decode()


def _older_labels(record: Record) -> dict[str, JSON]:
    """Return the labels of an older operator, to be taken away."""
    addresses = (client.information.registration_client_uri for client in record.clients)
    return {older_client_label(address): None for address in addresses if address}


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, JSON]:
    gone: dict[str, JSON] = dict.fromkeys(before.keys() - after.keys())
    return {**gone, **after}
