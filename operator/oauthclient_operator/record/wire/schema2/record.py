"""A record in schema 2, whole."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from ....oauth.json_object import JSON
from ....oauth.proof.results import Calibrated, Untimely
from ....oauth.rfc7591 import returned_statement
from ...adoptions import Offered, Refused
from ...attempts import Attempt, AttemptState
from ...calls import Call, ClosedCall, Managing, ReadCall, RegisterCall, UpdateCall
from ...clients import Adopted, Client, LeftBehind, PassedOn, Untold
from ...pairs import Pair
from ...record import Record, Release, ReleaseOutcome, Subject
from ..reader import Reader
from ..writer import present, time
from .adoptions import read_adoption, write_adoption
from .calls import read_call, read_closed, write_call, write_closed
from .clients import read_client, write_client
from .reaches import read_reach, write_reach
from .replacements import (
    read_leaving,
    read_pair,
    read_replacement,
    read_without_effect,
    write_leaving,
    write_pair,
    write_replacement,
    write_without_effect,
)

VERSION: Final = 2
READER: Final = 8
"""What this version can read.

3 knows that more than one pair may be needed, and that records can be outdated; 4 for what replacements had no effect,
who dated a secret, and that a client was refused for want of a proof; 5 that a software statement is sent,
and that a key is handed over; 6 which of two software statements was sent, and how an issuer is reached that a
ClusterOAuthIssuer describes, and that a client itself ends at its expiry; 7 through which of those a client was
registered, and what was managed by an access token; 8 whether a server refuses a key for the time in words of its own.
"""
_SINCE_PAIRS: Final = 3
_SINCE_REASONS: Final = 4
_SINCE_STATEMENTS: Final = 5
_SINCE_ISSUERS: Final = 6
_SINCE_MANAGEMENT: Final = 7


def encode(record: Record) -> dict[str, JSON]:
    """Return the record's members; what says nothing is left out."""
    subject = record.subject
    known = present(
        {
            "schemaVersion": VERSION,
            "minReader": _least_reader(record),
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
            "published": None if record.pair is None else write_pair(record.pair),
            "edition": None if record.edition == _first(record.pair) else record.edition,
            "promotedAt": None if record.promoted_at is None else time(record.promoted_at),
            "replacement": None if record.replacement is None else write_replacement(record.replacement),
            "leaving": [write_leaving(x) for x in record.leaving] or None,
            "withoutEffect": None if record.without_effect is None else write_without_effect(record.without_effect),
            "untold": None if record.untold is None else _untold(record.untold),
            "released": None
            if record.released is None
            else {"outcome": record.released.outcome.value, "at": time(record.released.at)},
            "recreated": record.recreated or None,
            "retry": record.retry,
            "rotate": record.rotate,
            "prove": record.prove,
            "refresh": record.refresh,
            "adoption": None if record.adoption is None else write_adoption(record.adoption),
            "reaches": [write_reach(issuer, reach) for issuer, reach in sorted(record.reaches.items())] or None,
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
    replacement, without_effect, untold = (reader.child_or_none(n) for n in ("replacement", "withoutEffect", "untold"))
    adoption = reader.child_or_none("adoption")
    pair = None if published is None else read_pair(published)
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
        pair=pair,
        edition=reader.number("edition", _first(pair)),
        promoted_at=reader.moment_or_none("promotedAt"),
        replacement=None if replacement is None else read_replacement(replacement),
        leaving=reader.items("leaving", read_leaving),
        without_effect=None if without_effect is None else read_without_effect(without_effect),
        untold=None if untold is None else _read_untold(untold),
        released=None
        if released is None
        else Release(outcome=released.word("outcome", ReleaseOutcome), at=released.moment("at")),
        recreated=reader.flag("recreated"),
        retry=reader.text_or_none("retry"),
        rotate=reader.text_or_none("rotate"),
        prove=reader.text_or_none("prove"),
        refresh=reader.text_or_none("refresh"),
        adoption=None if adoption is None else read_adoption(adoption),
        reaches=dict(reader.items("reaches", read_reach)),
    )
    reader.end_below()
    return replace(record, unknown=reader.rest())


def _untold(untold: Untold) -> dict[str, JSON]:
    counts = {"clients": untold.clients or None, "suspects": untold.suspects or None}
    return present({**counts, "until": time(untold.until)})


def _read_untold(reader: Reader) -> Untold:
    return Untold(
        clients=reader.number("clients", 0), suspects=reader.number("suspects", 0), until=reader.moment("until")
    )


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


def _least_reader(record: Record) -> int:
    """Return who may change a record.

    Who knows of one pair alone would deregister the clients of the others, and would not see that a Secret is ahead of
    its record; a reader of 2 knows of no read, whose lost answer may have renewed the credentials, and of no client
    that was passed on to another record or handed over by a Secret; one of 3 refuses members that it does not know; one
    of 4 would also renew a client without its software statement, and bring back a key that was replaced; one of 5
    would trust others at an issuer than its ClusterOAuthIssuer says, and not see that a client ends; one of 6 would
    call for clients that are not managed, and take the refusal of an access token for one of a registration access
    token; one of 7 refuses members that it does not know.
    """
    if any(_knows_of_untimely(client) for client in record.clients):
        return READER
    if _has_management(record):
        return _SINCE_MANAGEMENT
    ends = any(client.ends_at_expiry for client in record.clients)
    if record.reaches or ends or any(isinstance(c.what, RegisterCall) and c.what.returned for c in _calls(record)):
        return _SINCE_ISSUERS
    if _has_statements(record) or (isinstance(record.adoption, Offered | Refused) and _is_by_key(record.adoption)):
        return _SINCE_STATEMENTS
    if _has_members_since_4(record):
        return _SINCE_REASONS
    one_pair = record.edition == _first(record.pair) and record.replacement is None and not record.leaving
    newer = any(_is_newer(client) for client in record.clients)
    reads = any(isinstance(c.what, ReadCall) for c in _calls(record))
    adopts = record.adoption is not None or any(isinstance(c.origin, Adopted) for c in record.clients)
    return _SINCE_PAIRS if newer or reads or adopts or not one_pair or _has_keys(record) else VERSION


def _knows_of_untimely(client: Client) -> bool:
    found = None if client.calibration is None else client.calibration.found
    return isinstance(found, Calibrated) and found.untimely is not Untimely.UNKNOWN


def _has_members_since_4(record: Record) -> bool:
    ended, adoption = record.without_effect, record.adoption
    reasons = ended is not None and bool(ended.reasons)
    unproven = isinstance(adoption, Refused) and adoption.unproven
    answered = any(c.doubts is not None and c.doubts.configuration_answered for c in record.clients)
    return reasons or unproven or answered or any(c.credential_dated is not None for c in record.clients)


def _has_statements(record: Record) -> bool:
    sent = any(isinstance(c.what, RegisterCall) and c.what.statement is not None for c in _calls(record))
    # The call that sent it is not kept for ever.
    return sent or any(returned_statement(c.information) is not None for c in record.clients)


def _has_management(record: Record) -> bool:
    by_access = any(isinstance(c.what, Managing) and c.what.by_access for c in _calls(record))
    of_clients = any(c.admitted_by is not None or (c.doubts is not None and c.doubts.absent) for c in record.clients)
    return by_access or of_clients or not all(reach.managed for reach in record.reaches.values())


def _calls(record: Record) -> tuple[Call | ClosedCall, ...]:
    return (*record.closed, *((record.open,) if record.open is not None else ()))


def _is_by_key(adoption: Offered | Refused) -> bool:
    return adoption.client is not None and bool(adoption.client.keys)


def _has_keys(record: Record) -> bool:
    """Whether a record knows of keys of the operator's own."""
    said = (
        c.what.signing is not None if isinstance(c.what, RegisterCall) else bool(c.what.kids)
        for c in _calls(record)
        if isinstance(c.what, RegisterCall | UpdateCall)
    )
    return any(c.keys or c.kids or c.one_key for c in record.clients) or any(said)


def _is_newer(client: Client) -> bool:
    """Whether a client has members that a reader of 2 refuses."""
    proofs = client.calibration is not None or client.doubts is not None
    elsewhere = isinstance(client.end, LeftBehind | PassedOn)
    return proofs or elsewhere or client.credential_at is not None or bool(client.unresolved_reads)


def _first(pair: Pair | None) -> int:
    return 0 if pair is None else 1
