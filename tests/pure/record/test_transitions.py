"""What holds for every kind of call, and what happens to a record beside calls."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, cast

import pytest

from oauthclient_operator.oauth.client_information import ClientInformation
from oauthclient_operator.record.attempts import AttemptState
from oauthclient_operator.record.calls import CallKind, CallOutcome, What
from oauthclient_operator.record.clients import Answer, Client, NamedByStatus
from oauthclient_operator.record.record import Record, Release, ReleaseOutcome
from oauthclient_operator.record.transitions import (
    absorb,
    amend,
    close,
    confirm_release,
    name_lost,
    open_call,
    recover,
    release,
    settle,
    without_secret,
)
from oauthclient_operator.record.wire.schema2.calls import write_call
from tests.pure.record.steps import LATER, LOST, answered, failed, given_up, named, of, opened, refused
from tests.pure.records import ISSUER, NOW, call, empty_record, information, published, registered_record

REGISTERED = registered_record()
GONE = answered(REGISTERED, CallKind.DEREGISTER, of(REGISTERED))
SUSPECT, _ = given_up(empty_record(), CallKind.REGISTER)
RECREATED = answered(replace(empty_record(), recreated=True), CallKind.REGISTER)
KINDS = [
    pytest.param(empty_record(), CallKind.REGISTER, {}, id="register"),
    pytest.param(REGISTERED, CallKind.UPDATE, {"client": 1}, id="update"),
    pytest.param(REGISTERED, CallKind.DEREGISTER, {"client": 1}, id="deregister"),
]


@dataclass(frozen=True)
class ReadCall:
    """A call of a kind that nobody has written a branch for."""

    kind: ClassVar = "read"
    client: int = 1


def test_a_kind_of_call_that_is_not_known_falls_into_no_other_s_branch() -> None:
    unknown = replace(call(REGISTERED, CallKind.DEREGISTER, client=1), what=cast("What", ReadCall()))
    branches: list[Callable[[], object]] = [
        lambda: open_call(REGISTERED, unknown),
        lambda: absorb(REGISTERED, unknown, None, {}, LATER),
        lambda: close(REGISTERED, unknown, refused(401), LATER),
        lambda: write_call(unknown),
        unknown.compacted,
    ]
    for branch in branches:
        with pytest.raises(AssertionError, match="unreachable"):
            branch()


@pytest.mark.parametrize(("record", "kind", "values"), KINDS)
def test_a_record_has_one_open_call_and_numbers_them_in_order(
    record: Record, kind: CallKind, values: dict[str, Any]
) -> None:
    record, made = opened(record, kind, **values)
    assert (record.open, record.next_call) == (made, made.number + 1)
    with pytest.raises(ValueError, match="one open call"):
        open_call(record, call(record, kind, **values))
    closed = close(record, made, LOST, LATER)
    for number in (made.number, record.next_call + 1):
        with pytest.raises(ValueError, match="numbers its calls in order"):
            open_call(closed, call(closed, kind, **values, number=number))


@pytest.mark.parametrize(("record", "kind", "values"), KINDS)
@pytest.mark.parametrize(
    ("outcome", "word"),
    [(LOST, CallOutcome.AMBIGUOUS), (refused(400), CallOutcome.REJECTED)],
    ids=["lost", "rejected"],
)
def test_a_closed_call_keeps_all_that_it_was_but_its_metadata(
    record: Record, kind: CallKind, values: dict[str, Any], outcome: Any, word: CallOutcome
) -> None:
    record, made = opened(record, kind, **values, holder="two", trust="bundle", endpoint=f"{ISSUER}/there")
    closed = close(record, made, outcome, LATER)
    assert closed.open is None
    assert (closed.closed[-1].call, closed.closed[-1].outcome) == (made.compacted(), word)
    assert closed.closed[-1].at == LATER


@pytest.mark.parametrize(("record", "kind", "values"), KINDS)
def test_a_late_outcome_leaves_the_call_alone_that_is_open_by_now(
    record: Record, kind: CallKind, values: dict[str, Any]
) -> None:
    record, slept = given_up(record, kind, **values)
    record, made = opened(record, kind, **values)
    answer = None if kind is CallKind.DEREGISTER else information()
    assert close(record, slept, refused(400), LATER).open == made
    assert absorb(record, slept, answer, {}, LATER).open == made


@pytest.mark.parametrize(("record", "kind", "values"), KINDS)
def test_an_answer_is_taken_in_once(record: Record, kind: CallKind, values: dict[str, Any]) -> None:
    record, made = opened(record, kind, **values)
    answer = None if kind is CallKind.DEREGISTER else information()
    once = absorb(record, made, answer, {}, NOW)
    assert absorb(once, made, answer, {}, LATER) == once


@pytest.mark.parametrize("kind", [CallKind.REGISTER, CallKind.UPDATE])
def test_what_is_registered_or_updated_is_answered_with_a_client(kind: CallKind) -> None:
    record, made = opened(REGISTERED, kind, client=1)
    with pytest.raises(ValueError, match="answered with a client"):
        absorb(record, made, None, {}, LATER)


def test_the_newest_call_of_a_kind_is_found_of_all_clients_or_of_one() -> None:
    record = failed(REGISTERED, CallKind.UPDATE, refused(400), client=1)
    record = answered(record, CallKind.REGISTER, **named("c2"))
    record = failed(record, CallKind.UPDATE, refused(400), client=3)
    found = [record.last(CallKind.UPDATE), record.last(CallKind.UPDATE, 1), record.last(CallKind.UPDATE, 3)]
    assert [entry and entry.number for entry in found] == [4, 2, 4]
    assert record.last(CallKind.DEREGISTER) is None
    assert record.last(CallKind.UPDATE, 2) is None


def test_a_person_settles_suspects_up_to_a_number_and_nothing_else() -> None:
    record, _ = given_up(answered(SUSPECT, CallKind.REGISTER), CallKind.REGISTER)
    record, _ = opened(record, CallKind.REGISTER)
    settled = settle(record, 3)
    states = [AttemptState.SETTLED, AttemptState.COMMITTED, AttemptState.SETTLED, AttemptState.OPEN]
    assert [a.state for a in settled.attempts] == states
    assert [a.number for a in settle(record, 2).suspects] == [3]
    assert [a.metadata for a in settled.attempts[:3]] == [{}, {}, {}]


def test_what_the_spec_changes_is_written_down() -> None:
    record = amend(REGISTERED, "Retain", "web-oauth")
    assert (record.deletion, record.secrets) == ("Retain", ("web", "web-oauth"))
    assert amend(record, "Retain", "web") == record
    assert amend(record, "Delete", None).secrets == ("web", "web-oauth")
    assert without_secret(record, "web").secrets == ("web-oauth",)
    assert without_secret(record, "another") == record


def test_a_client_is_recovered_in_a_record_that_was_made_again() -> None:
    assert (RECREATED.published, RECREATED.recreated) == (None, True)
    record = recover(RECREATED, 1, 4)
    assert (published(record).key, record.recreated) == (1, False)
    assert record.pair == REGISTERED.pair


@pytest.mark.parametrize(
    ("record", "key"),
    [
        pytest.param(answered(REGISTERED, CallKind.REGISTER, **named("c2")), 2, id="another client is published"),
        pytest.param(release(RECREATED, ReleaseOutcome.UNCONFIRMED, NOW), 1, id="the resource was let go"),
        pytest.param(RECREATED, 7, id="there is no such client"),
    ],
)
def test_what_is_not_recovered(record: Record, key: int) -> None:
    assert recover(record, key, 4) == record


def test_a_client_that_the_status_names_is_written_down_with_no_more_than_that() -> None:
    record = name_lost(REGISTERED, "another", ISSUER, "bundle", LATER)
    assert record.clients[1] == Client(
        key=2,
        issuer=ISSUER,
        trust="bundle",
        origin=NamedByStatus(at=LATER),
        answer=Answer(information=ClientInformation.parse({"client_id": "another"}), call=2),
    )
    assert (record.next_call, record.pair) == (3, REGISTERED.pair)
    assert not record.clients[1].manageable


def test_it_is_written_down_once_for_each_issuer() -> None:
    assert name_lost(REGISTERED, "c1", ISSUER, "system", LATER) == REGISTERED
    assert len(name_lost(REGISTERED, "c1", "https://other.example", "system", LATER).clients) == 2


@pytest.mark.parametrize(
    ("record", "asked", "outcome"),
    [
        (empty_record(), ReleaseOutcome.CONFIRMED, ReleaseOutcome.CONFIRMED),
        (GONE, ReleaseOutcome.CONFIRMED, ReleaseOutcome.CONFIRMED),
        (REGISTERED, ReleaseOutcome.CONFIRMED, ReleaseOutcome.UNCONFIRMED),
        (SUSPECT, ReleaseOutcome.CONFIRMED, ReleaseOutcome.UNCONFIRMED),
        (settle(SUSPECT, 1), ReleaseOutcome.CONFIRMED, ReleaseOutcome.CONFIRMED),
        (REGISTERED, ReleaseOutcome.RETAINED, ReleaseOutcome.RETAINED),
        (GONE, ReleaseOutcome.UNCONFIRMED, ReleaseOutcome.UNCONFIRMED),
    ],
    ids=["empty", "gone", "a client lives", "a suspect", "a settled suspect", "retained", "unconfirmed"],
)
def test_how_a_resource_is_let_go(record: Record, asked: ReleaseOutcome, outcome: ReleaseOutcome) -> None:
    released = release(record, asked, LATER)
    assert released.released == Release(outcome=outcome, at=LATER)
    assert release(released, ReleaseOutcome.RETAINED, NOW) == released


def test_what_was_left_behind_is_confirmed_once_it_is_gone() -> None:
    assert confirm_release(GONE, LATER) == GONE
    for record in (REGISTERED, SUSPECT):
        left = release(record, ReleaseOutcome.UNCONFIRMED, NOW)
        assert confirm_release(left, LATER) == left
    gone = release(GONE, ReleaseOutcome.UNCONFIRMED, NOW)
    assert confirm_release(gone, LATER).released == Release(outcome=ReleaseOutcome.CONFIRMED, at=LATER)


def test_clients_and_attempts_stand_in_the_order_of_their_numbers() -> None:
    first = published(REGISTERED)
    record = replace(REGISTERED, clients=()).with_client(replace(first, key=3)).with_client(first)
    assert [c.key for c in record.clients] == [1, 3]
    (attempt,) = SUSPECT.attempts
    record = SUSPECT.with_attempt(replace(attempt, number=3)).with_attempt(replace(attempt, number=2))
    assert [a.number for a in record.attempts] == [1, 2, 3]
