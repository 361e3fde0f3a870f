"""A stored record, of schema 1 and 2: read and written again as the same, or refused by its place."""

from contextlib import suppress
from typing import Final

from oauthclient_operator.credentials import content
from oauthclient_operator.errors import MalformedJSON, UnreadableRecord
from oauthclient_operator.oauth.json_object import JSON
from oauthclient_operator.oauth.json_object import decode as decode_json
from oauthclient_operator.record import summary
from oauthclient_operator.record.compaction import compacted
from oauthclient_operator.record.envelope import RECORD_LIMIT, Stored, has_room, manifest, patch, read
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.wire import decode, encode, schema1, schema2
from oauthclient_operator.record.wire.reader import Reader
from oauthclient_operator.record.wire.schema2 import proofs
from oauthclient_operator.resource.publication import Publication
from tests.fuzz.properties import not_shown, refused
from tests.fuzz.target import Target


def run(data: bytes) -> None:
    try:
        members = decode_json(data, limit=RECORD_LIMIT)
    except MalformedJSON:
        return
    _proofs(members)
    try:
        record = decode(members)
    except UnreadableRecord as error:
        refused(error)
        return
    written = encode(record)
    assert decode(written) == record, "a record is another when it was written"
    assert encode(decode(written)) == written
    _stored(record)


def _proofs(members: dict[str, JSON]) -> None:
    with suppress(UnreadableRecord):
        calibration = proofs.read_calibration(Reader(members, "calibration"))
        assert proofs.read_calibration(Reader(proofs.write_calibration(calibration), "calibration")) == calibration
    with suppress(UnreadableRecord):
        doubts = proofs.read_doubts(Reader(members, "doubts"))
        assert proofs.read_doubts(Reader(proofs.write_doubts(doubts), "doubts")) == doubts


def _stored(record: Record) -> None:
    secret = {**manifest(record, "records")}
    metadata = secret["metadata"]
    assert isinstance(metadata, dict)
    stored = Stored(record=record, uid="u", resource_version="8")
    read_again = read({**secret, "metadata": {**metadata, "uid": "u", "resourceVersion": "8"}})
    assert read_again == stored, "a record is another when it was stored"
    seen = summary.summary(metadata)
    assert seen.state == summary.state(record)
    assert seen.due is None or seen.due.tzinfo is not None
    patch(stored, compacted(record))
    has_room(record)
    for client in record.clients:
        content(client, Publication(secret_name="web"))
        for secret_value in (client.information.client_secret, client.information.registration_access_token):
            not_shown(secret_value, client.information, summary.annotations(record))


TARGET: Final = Target(
    name="record",
    run=run,
    parsers=(
        decode,
        encode,
        schema1.decode,
        schema2.decode,
        schema2.encode,
        proofs.read_calibration,
        proofs.read_doubts,
        read,
        summary.summary,
        content,
    ),
    words=tuple(
        word.encode()
        for word in (
            "schemaVersion",
            "minReader",
            "openCall",
            "open",
            "closedCalls",
            "closed",
            "attempts",
            "clients",
            "published",
            "credential",
            "secretOf",
            "released",
            "recreated",
            "register",
            "update",
            "deregister",
            "said",
            "retryAfter",
            "retry_after",
            "namedByStatus",
            "updateDue",
            "unresolved",
            "refused",
            "spares",
            "ending",
            "ended",
            "confirmed",
            "client_secret_expires_at",
            "0001-01-01T00:00:00+23:59",
            "9999-12-31T23:59:59Z",
            "2026-01-01",
        )
    ),
    limit=16384,
)
