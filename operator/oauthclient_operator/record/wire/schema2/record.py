"""A record in schema 2, whole."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, assert_never

from ....oauth.json_object import JSON
from ...attempts import Attempt, AttemptState
from ...pairs import NoCredential, Pair, SecretOf
from ...record import Record, Release, ReleaseOutcome, Subject
from ..reader import Reader
from ..writer import present, time
from .calls import read_call, read_closed, write_call, write_closed
from .clients import read_client, write_client

VERSION: Final = 2


def encode(record: Record) -> dict[str, JSON]:
    """Return the record's members; what says nothing is left out."""
    subject = record.subject
    known = present(
        {
            "schemaVersion": VERSION,
            "minReader": VERSION,
            "subject": {
                "clusterUID": subject.cluster_uid,
                "namespace": subject.namespace,
                "name": subject.name,
                "uid": subject.uid,
            },
            "deletion": record.deletion,
            "secrets": [*record.secrets],
            "nextCall": record.next_call,
            "openCall": None if record.open is None else write_call(record.open),
            "closedCalls": [write_closed(c) for c in record.closed],
            "attempts": [_attempt(a) for a in record.attempts],
            "clients": [write_client(c) for c in record.clients],
            "published": None if record.pair is None else _pair(record.pair),
            "released": None
            if record.released is None
            else {"outcome": record.released.outcome.value, "at": time(record.released.at)},
            "recreated": record.recreated or None,
        }
    )
    return {**record.unknown, **known}


def decode(members: Mapping[str, JSON]) -> Record:
    """Read a record.

    Raises:
        UnreadableRecord: it is none.
    """
    reader = Reader(dict(members), "record")
    for known in ("schemaVersion", "minReader"):
        reader.has(known)
    subject = reader.child("subject")
    released, published, opened = (reader.child_or_none(n) for n in ("released", "published", "openCall"))
    record = Record(
        subject=Subject(
            cluster_uid=subject.text("clusterUID"),
            namespace=subject.text("namespace"),
            name=subject.text("name"),
            uid=subject.text("uid"),
        ),
        deletion=reader.text("deletion"),
        secrets=reader.words("secrets"),
        next_call=reader.number("nextCall"),
        open=None if opened is None else read_call(opened),
        closed=reader.items("closedCalls", read_closed),
        attempts=reader.items("attempts", _read_attempt),
        clients=reader.items("clients", read_client),
        pair=None if published is None else _read_pair(published),
        released=None
        if released is None
        else Release(outcome=released.word("outcome", ReleaseOutcome), at=released.moment("at")),
        recreated=reader.flag("recreated"),
    )
    reader.end_below()
    return replace(record, unknown=reader.rest())


def _attempt(attempt: Attempt) -> dict[str, JSON]:
    return present(
        {
            "number": attempt.number,
            "issuer": attempt.issuer,
            "endpoint": attempt.endpoint,
            "sentAt": time(attempt.sent_at),
            "until": time(attempt.until),
            "state": attempt.state.value,
            "metadata": {**attempt.metadata} or None,
        }
    )


def _read_attempt(reader: Reader) -> Attempt:
    return Attempt(
        number=reader.number("number"),
        issuer=reader.text("issuer"),
        endpoint=reader.text("endpoint"),
        sent_at=reader.moment("sentAt"),
        until=reader.moment("until"),
        state=reader.word("state", AttemptState),
        metadata=reader.object("metadata"),
    )


def _pair(pair: Pair) -> dict[str, JSON]:
    match pair.credential:
        case SecretOf(fingerprint=fingerprint):
            credential: dict[str, JSON] = {"secretOf": fingerprint}
        case NoCredential():
            credential = {}
        case _:
            assert_never(pair.credential)
    return {"client": pair.client, "credential": credential}


def _read_pair(reader: Reader) -> Pair:
    credential = reader.child("credential")
    secret = credential.text_or_none("secretOf")
    return Pair(client=reader.number("client"), credential=NoCredential() if secret is None else SecretOf(secret))
