"""Records that schema 1 could not hold, or not without losing a part."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.oauth.outcome import Ambiguous
from oauthclient_operator.record.attempts import Attempt, AttemptState
from oauthclient_operator.record.calls import Asked, CallKind, CallOutcome, ClosedCall, Said
from oauthclient_operator.record.clients import Client, End, Ended, Ending, Spare, UpdateDue
from oauthclient_operator.record.record import Record, Release, ReleaseOutcome
from oauthclient_operator.record.transitions import close, name_lost
from tests.pure.record.steps import LATER, LOST, NAMED, answered, failed, given_up, named, of, opened, refused, update
from tests.pure.records import ISSUER, METADATA, NOW, call, empty_record, information, published, registered_record

OTHER_ISSUER = "https://other.example/realms/shop"


def attempt(number: int, state: AttemptState) -> Attempt:
    return Attempt(
        number=number,
        issuer=ISSUER,
        endpoint=f"{ISSUER}/register",
        sent_at=NOW + timedelta(minutes=number),
        until=NOW + timedelta(minutes=number, seconds=20),
        state=state,
        metadata=METADATA if state in (AttemptState.OPEN, AttemptState.SUSPECT) else {},
    )


def client(key: int) -> Client:
    answer = information(**named(f"c{key}"), registration_access_token=f"r{key}", client_secret=f"s{key}")
    known = published(registered_record())
    return replace(known, key=key, answer=replace(known.answer, information=answer, call=key))


def attempts_in_each_state() -> Record:
    """What left nothing was told from what goes on by whether its refusal came late."""
    attempts = tuple(attempt(number, state) for number, state in enumerate(AttemptState, start=1))
    return replace(empty_record(), attempts=attempts, next_call=6)


def attempt_refused_late() -> Record:
    record, made = given_up(empty_record(), CallKind.REGISTER)
    return close(record, made, refused(400, error="invalid_redirect_uri"), LATER)


def client_given_out_again() -> Record:
    """A client that a server gives out again lives, with nothing left of the end that was begun."""
    record, made = opened(empty_record(), CallKind.REGISTER)
    record = close(record, made, Ambiguous(cause="truncated", salvage=NAMED), LATER)
    record = failed(record, CallKind.DEREGISTER, LOST, client=made.number)
    return answered(record, CallKind.REGISTER)


def clients_of_two_issuers() -> Record:
    """One identifier of two issuers is two clients."""
    record = registered_record()
    moved = replace(
        client(2), issuer=OTHER_ISSUER, trust="bundle:4f2a", answer=replace(published(record).answer, call=2)
    )
    return replace(record.with_client(moved), next_call=3)


def deregister_answered_with_a_page() -> Record:
    record = registered_record()
    return failed(record, CallKind.DEREGISTER, refused(404, error=None, json=False), **of(record))


def ends_in_each_state() -> Record:
    record = registered_record()
    ends: tuple[End, ...] = (Ending(since=NOW), Ending(since=NOW, lost=True), Ended(at=LATER))
    for key, end in enumerate(ends, start=2):
        record = record.with_client(replace(client(key), end=end))
    return replace(record, next_call=5)


def everything() -> Record:
    """Every member that the schema has, though no life of a resource leads here."""
    record = registered_record()
    holder: dict[str, Any] = {
        "holder": "two",
        "credential": "secret-uid/1",
        "bearer": "b" * 16,
        "proof_key": "jkt",
        "repeats": True,
    }
    opening = call(replace(record, next_call=6), CallKind.REGISTER, at=LATER, **holder)
    register = call(record, CallKind.REGISTER, attempt=2, **holder).compacted()
    changed = call(replace(record, next_call=3), CallKind.UPDATE, **update(record)).compacted()
    ended = call(replace(record, next_call=4), CallKind.DEREGISTER, **of(record))
    said = Said(status=404, error="not_found", description="No such client.", retry_after=1.5, json=False)
    whole = replace(
        published(record),
        kept=("scope",),
        standing=UpdateDue((3,)),
        refused=frozenset({CallKind.UPDATE, CallKind.DEREGISTER}),
        spares=(
            Spare(call=3, registration_access_token=Confidential("r3"), client_secret=Confidential("s3")),
            Spare(call=4, registration_access_token=Confidential("r4")),
            Spare(call=5, client_secret=Confidential("s5")),
        ),
        end=Ending(since=NOW, lost=True),
    )
    confirmed = replace(client(4), confirmed=Asked("v1:known-by-its-digest-alone"), end=Ended(at=LATER))
    record = replace(
        record.with_client(whole).with_client(confirmed),
        secrets=("web", "web-oauth"),
        next_call=7,
        open=opening,
        closed=(
            *record.closed,
            ClosedCall(call=register, outcome=CallOutcome.REJECTED, at=LATER, said=said),
            ClosedCall(call=changed, outcome=CallOutcome.AMBIGUOUS, at=LATER, said=Said(description="no answer")),
            ClosedCall(call=ended, outcome=CallOutcome.NOT_SENT, at=LATER, said=Said(description="no route")),
        ),
        released=Release(outcome=ReleaseOutcome.UNCONFIRMED, at=LATER),
        recreated=True,
    )
    record = record.with_attempt(attempt(2, AttemptState.SUSPECT)).with_attempt(attempt(3, AttemptState.OPEN))
    return later_members(name_lost(record, "named-by-status", ISSUER, "system", LATER))


def later_members(record: Record) -> Record:
    return replace(
        record, unknown={"edition": 3, "replacement": {"pair": {"client": 2}}, "leaving": [], "paused": None}
    )


def named_beside_registered() -> Record:
    return name_lost(registered_record(), "another", ISSUER, "system", LATER)


def token_refused_for_both_kinds() -> Record:
    record = registered_record()
    record = failed(record, CallKind.UPDATE, refused(), **update(record))
    return failed(record, CallKind.DEREGISTER, refused(), **of(record))


RECORDS: Final[Mapping[str, Record]] = {
    "attempt-refused-late": attempt_refused_late(),
    "attempts-in-each-state": attempts_in_each_state(),
    "client-given-out-again": client_given_out_again(),
    "clients-of-two-issuers": clients_of_two_issuers(),
    "deregister-answered-with-a-page": deregister_answered_with_a_page(),
    "ends-in-each-state": ends_in_each_state(),
    "everything": everything(),
    "members-of-a-later-version": later_members(registered_record()),
    "named-beside-registered": named_beside_registered(),
    "token-refused-for-both-kinds": token_refused_for_both_kinds(),
}
