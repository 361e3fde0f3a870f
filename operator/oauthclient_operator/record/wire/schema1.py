"""Schema 1 of the stored record, which version 0.1.0 wrote; it is read alone.

One issuer and one trust held for the whole record then, a client's life stood in flags, and a closed call did not keep
its holder and its times.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Final, assert_never

from ...errors import UnreadableRecord
from ...oauth.json_object import JSON
from ..attempts import Attempt, AttemptState
from ..calls import (
    Asked,
    Call,
    CallKind,
    CallOutcome,
    ClosedCall,
    DeregisterCall,
    RegisterCall,
    Said,
    UpdateCall,
    What,
)
from ..clients import (
    Alive,
    Answer,
    Client,
    End,
    Ended,
    Ending,
    InStep,
    NamedByStatus,
    Origin,
    Registered,
    Spare,
    UpdateDue,
)
from ..record import Record, Release, ReleaseOutcome, Subject
from .reader import Reader

VERSION: Final = 1


def decode(members: Mapping[str, JSON]) -> Record:
    """Read a record of schema 1.

    Raises:
        UnreadableRecord: it is none.
    """
    reader = Reader(dict(members), "record")
    reader.has("schemaVersion")
    subject, released, opened = reader.child("subject"), reader.child_or_none("released"), reader.child_or_none("open")
    issuer, trust = reader.text("issuer"), reader.text("trust")
    # No 404 that was no JSON was remembered as such but by what came of it.
    flags = Reader(dict(members), "record").items("clients", lambda c: (c.number("key"), c.flag("update_unsupported")))
    unsupported = {key for key, flag in flags if flag}
    record = Record(
        subject=Subject(
            cluster_uid=subject.text("cluster_uid"),
            namespace=subject.text("namespace"),
            name=subject.text("name"),
            uid=subject.text("uid"),
        ),
        deletion=reader.text("deletion"),
        secrets=reader.words("secrets"),
        next_call=reader.number("next_call", default=1),
        open=None if opened is None else _call(opened, issuer, trust),
        closed=reader.items("closed", lambda c: _closed(c, issuer, trust, unsupported)),
        attempts=reader.items("attempts", _attempt),
        clients=reader.items("clients", lambda c: _client(c, issuer, trust)),
        released=None
        if released is None
        else Release(outcome=released.word("outcome", ReleaseOutcome), at=released.moment("at")),
        recreated=reader.flag("recreated"),
    )
    current = record.client(reader.number("current")) if reader.has("current") else None
    reader.end()
    return record if current is None else record.publishing(current)


class _Outcome(StrEnum):
    NOT_SENT = "not-sent"
    REJECTED = "rejected"
    COMMITTED = "committed"
    AMBIGUOUS = "ambiguous"


def _call(reader: Reader, issuer: str, trust: str) -> Call:
    return Call(
        number=reader.number("number"),
        nonce=reader.text("nonce"),
        holder=reader.text("holder"),
        issuer=issuer,
        trust=trust,
        endpoint=reader.text("endpoint"),
        opened_at=reader.moment("opened_at"),
        deadline=reader.moment("deadline"),
        what=_what(reader),
    )


def _what(reader: Reader) -> What:
    kind, bearer = reader.word("kind", CallKind), reader.text_or_none("bearer")
    asked = Asked(reader.text_or_none("digest") or "", reader.object_or_none("metadata"))
    # One type held them all; what does not belong to a kind was null there.
    attempt, client = (reader.number(n) if reader.has(n) else None for n in ("attempt", "client"))
    credential, proof_key = reader.text_or_none("credential"), reader.text_or_none("proof_key")
    repeats = reader.flag("repeats")
    match kind:
        case CallKind.REGISTER:
            return RegisterCall(
                attempt=attempt or 1,
                asked=asked,
                bearer=bearer,
                credential=credential,
                proof_key=proof_key,
                repeats=repeats,
            )
        case CallKind.UPDATE:
            return UpdateCall(client=client or 0, asked=asked, bearer=bearer)
        case CallKind.DEREGISTER:
            return DeregisterCall(client=client or 0, bearer=bearer)
        case CallKind.READ:
            raise UnreadableRecord(f"{reader.place} is a call of no kind that this schema knows")
        case _:
            assert_never(kind)


def _closed(reader: Reader, issuer: str, trust: str, unsupported: set[int]) -> ClosedCall:
    at = reader.moment("at")
    call = Call(
        number=reader.number("number"),
        nonce=reader.text("nonce"),
        holder="",
        issuer=issuer,
        trust=trust,
        endpoint=reader.text("endpoint"),
        opened_at=at,
        deadline=at,
        what=_what(reader),
    )
    said = Said(
        status=reader.number("status") if reader.has("status") else None,
        error=reader.text_or_none("error"),
        description=reader.text_or_none("description"),
        retry_after=reader.seconds_or_none("retry_after"),
    )
    closed = ClosedCall(call=call, outcome=reader.word("outcome", CallOutcome), at=at, said=said)
    page = call.kind is CallKind.UPDATE and call.client in unsupported and said.status == 404
    return replace(closed, said=replace(said, json=False)) if page else closed


def _attempt(reader: Reader) -> Attempt:
    outcome = reader.word("outcome", _Outcome) if reader.has("outcome") else None
    return Attempt(
        number=reader.number("number"),
        issuer=reader.text("issuer"),
        endpoint=reader.text("endpoint"),
        sent_at=reader.moment("sent_at"),
        until=reader.moment("until"),
        state=_state(outcome, settled=reader.flag("settled")),
        metadata=reader.object("metadata"),
    )


def _state(outcome: _Outcome | None, *, settled: bool) -> AttemptState:
    match outcome:
        case None:
            return AttemptState.OPEN
        case _Outcome.COMMITTED:
            return AttemptState.COMMITTED
        case _Outcome.AMBIGUOUS:
            return AttemptState.SETTLED if settled else AttemptState.SUSPECT
        case _Outcome.NOT_SENT | _Outcome.REJECTED:
            return AttemptState.REFUSED
        case _:
            assert_never(outcome)


def _client(reader: Reader, issuer: str, trust: str) -> Client:
    information, confirmed = reader.information("information"), reader.object_or_none("confirmed")
    digest, unresolved, due = (
        reader.text_or_none("confirmed_digest"),
        reader.numbers("unresolved"),
        reader.flag("update_due"),
    )
    refused = {
        kind
        for kind, flag in ((CallKind.UPDATE, "management_lost"), (CallKind.DEREGISTER, "deletion_refused"))
        if reader.flag(flag)
    }
    attempt, at = reader.number("attempt"), reader.moment("registered_at")
    origin: Origin = Registered(attempt=attempt, at=at)
    if set(information.members) == {"client_id"} and digest is None:
        # No call's answer is so short: it was made up from the status.
        origin = NamedByStatus(at=at)
    # What the last call of the kind says is not stored twice any more.
    for superseded in ("update_unsupported", "deletion_unsupported"):
        reader.has(superseded)
    return Client(
        key=reader.number("key"),
        issuer=issuer,
        trust=trust,
        origin=origin,
        answer=Answer(information=information, call=reader.number("answered_by"), endpoints=reader.texts("endpoints")),
        confirmed=None if digest is None else Asked(digest, confirmed),
        kept=reader.words("kept"),
        standing=UpdateDue(unresolved) if unresolved or due else InStep(),
        refused=frozenset(refused),
        spares=reader.items("spares", _spare),
        end=_end(
            reader.moment_or_none("deletion_first_opened_at"),
            reader.moment_or_none("deregistered_at"),
            lost=reader.flag("deletion_ambiguous"),
        ),
    )


def _end(first_opened_at: datetime | None, deregistered_at: datetime | None, *, lost: bool) -> End:
    if deregistered_at is not None:
        return Ended(at=deregistered_at)
    return Alive() if first_opened_at is None else Ending(since=first_opened_at, lost=lost)


def _spare(reader: Reader) -> Spare:
    return Spare(
        call=reader.number("call"),
        registration_access_token=reader.secret_or_none("registration_access_token"),
        client_secret=reader.secret_or_none("client_secret"),
    )
