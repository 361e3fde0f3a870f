"""What meets in one record by bad luck: a token replaced under a call, a client given out twice, two ledgers in one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from oauthclient_operator.exchange import NotSent
from oauthclient_operator.names import RecordState
from oauthclient_operator.oauth.outcome import Ambiguous, Rejected
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.clients import Alive, UpdateDue
from oauthclient_operator.record.record import Record, ReleaseOutcome
from oauthclient_operator.record.summary import state
from oauthclient_operator.record.transitions import absorb, close, name_lost, open_call, release
from tests.pure.record.steps import (
    LATER,
    LOST,
    NAMED,
    failed,
    given_up,
    named,
    of,
    opened,
    refused,
    token,
    update,
)
from tests.pure.records import ISSUER, NOW, call, empty_record, information, published, registered_record


def rotated_under(kind: CallKind, record: Record | None = None) -> Record:
    """Return the record after a 401 to a call during which a late answer brought another token."""
    start = record or registered_record()
    record, slept = given_up(start, CallKind.UPDATE, **update(start))
    values = update(record) if kind is CallKind.UPDATE else of(record)
    if kind is CallKind.DEREGISTER:
        record, lost = opened(record, kind, **values)
        record = close(record, lost, LOST, LATER)
    record, in_flight = opened(record, kind, **values)
    record = absorb(record, slept, information(registration_access_token="r2"), {}, LATER)
    return close(record, in_flight, refused(), LATER)


def test_a_refusal_of_a_token_that_was_replaced_under_the_call_is_no_loss() -> None:
    client = published(rotated_under(CallKind.UPDATE))
    assert (token(client), client.management_lost, client.standing) == ("r2", False, UpdateDue())


def test_nor_does_it_confirm_a_deregistration() -> None:
    assert published(rotated_under(CallKind.DEREGISTER)).alive


def deregistering(record: Record, *outcomes: Ambiguous | Rejected) -> Record:
    for outcome in outcomes:
        record = failed(record, CallKind.DEREGISTER, outcome, **of(record))
    return record


def test_a_token_that_an_update_was_refused_with_confirms_no_deregistration() -> None:
    record, made = opened(registered_record(), CallKind.UPDATE, **update(registered_record()))
    record = close(record, made, refused(), LATER)
    assert published(record).management_lost
    assert published(deregistering(record, LOST, refused())).alive


def test_while_there_is_another_token_a_refusal_confirms_nothing() -> None:
    record, made = opened(registered_record(), CallKind.UPDATE, **update(registered_record()))
    record = close(record, made, replace(refused(400), salvage={"registration_access_token": "r9"}), LATER)
    record = deregistering(record, LOST, refused())
    assert (published(record).alive, token(published(record))) == (True, "r9")
    assert not published(deregistering(record, refused())).alive


def test_a_client_that_is_given_out_again_after_it_could_only_be_named_is_the_published_one() -> None:
    record, made = opened(empty_record(), CallKind.REGISTER)
    record = close(record, made, Ambiguous(cause="truncated", salvage=NAMED), LATER)
    record, again = opened(record, CallKind.REGISTER)
    record = absorb(record, again, information(registration_access_token="r2"), {}, LATER)
    assert (len(record.clients), record.surplus, token(published(record))) == (1, (), "r2")


def test_an_identifier_that_is_given_out_again_lives_again() -> None:
    record, made = opened(empty_record(), CallKind.REGISTER)
    record = close(record, made, Ambiguous(cause="truncated", salvage=NAMED), LATER)
    record, gone = opened(record, CallKind.DEREGISTER, client=made.number)
    record = absorb(record, gone, None, {}, LATER)
    assert record.surplus == ()
    record, again = opened(record, CallKind.REGISTER)
    assert published(absorb(record, again, information(), {}, LATER)).end == Alive()


@pytest.mark.parametrize("lost", [False, True], ids=["answered", "lost"])
def test_a_late_answer_takes_nobody_s_place_in_a_record_that_another_process_made_anew(lost: bool) -> None:
    _, slept = opened(empty_record(), CallKind.REGISTER)
    later = NOW + timedelta(minutes=2)
    anew, made = opened(empty_record(), CallKind.REGISTER, at=later, nonce="another")
    other = information(**named("c2"))
    anew = close(anew, made, LOST, later) if lost else absorb(anew, made, other, {}, later)
    merged = absorb(anew, slept, information(), {}, LATER)
    assert {c.information.client_id for c in merged.clients} == ({"c1"} if lost else {"c1", "c2"})
    assert len(merged.suspects) == lost
    assert published(merged).information.client_id == ("c1" if lost else "c2")
    assert len({c.key for c in merged.clients}) == len(merged.clients)


def test_a_late_update_of_a_client_that_the_record_does_not_know_makes_it_known() -> None:
    _, slept = opened(registered_record(), CallKind.UPDATE, **update(registered_record()))
    anew = name_lost(empty_record(), "another", ISSUER, "system", NOW)
    merged = absorb(anew, slept, information(registration_access_token="r2"), {}, LATER)
    assert {c.information.client_id for c in merged.clients} == {"another", "c1"}


def test_a_late_update_of_a_client_that_only_the_status_named_makes_it_manageable() -> None:
    _, slept = opened(registered_record(), CallKind.UPDATE, **update(registered_record()))
    left = release(name_lost(empty_record(), "c1", ISSUER, "system", NOW), ReleaseOutcome.UNCONFIRMED, NOW)
    (client,) = absorb(left, slept, information(registration_access_token="r2"), {}, LATER).clients
    assert client.manageable


def test_a_late_answer_that_can_only_be_read_in_part_still_names_its_client() -> None:
    record, slept = given_up(empty_record(), CallKind.REGISTER)
    record = close(record, slept, Ambiguous(cause="truncated", salvage=NAMED), LATER)
    assert (record.suspects, [c.information.client_id for c in record.surplus]) == ((), ["c1"])


def test_a_credential_in_a_late_refusal_is_kept() -> None:
    record, slept = given_up(registered_record(), CallKind.UPDATE, **update(registered_record()))
    record = close(record, slept, replace(refused(400), salvage={"registration_access_token": "r9"}), LATER)
    assert [s.call for s in published(record).spares] == [slept.number]
    assert published(record).unresolved == (slept.number,)


def test_a_resource_is_not_let_go_as_confirmed_when_a_late_answer_brought_a_client() -> None:
    released = release(registered_record(), ReleaseOutcome.CONFIRMED, NOW)
    assert released.released is not None
    assert released.released.outcome is ReleaseOutcome.UNCONFIRMED
    assert state(released) is RecordState.LEFT_BEHIND


def test_a_record_stays_small_however_many_clients_came_and_went() -> None:
    record = empty_record()
    for number in range(100):
        record, made = opened(record, CallKind.REGISTER)
        salvage = {**NAMED, **named(f"c{number}")}
        record = close(record, made, Ambiguous(cause="truncated", salvage=salvage), LATER)
        record, gone = opened(record, CallKind.DEREGISTER, client=made.number)
        record = absorb(record, gone, None, {}, LATER)
    assert len(record.clients) < 12
    assert [token(c) for c in record.clients] == [None] * len(record.clients)


def test_a_record_stays_small_however_many_updates_are_lost() -> None:
    record = registered_record()
    for _ in range(100):
        record, made = opened(record, CallKind.UPDATE, **update(record))
        record = close(record, made, LOST, LATER)
    assert len(published(record).unresolved) < 20
    assert len(record.closed) < 40


def test_a_client_of_which_only_the_identifier_is_known_is_written_down_once() -> None:
    once = name_lost(empty_record(), "c1", ISSUER, "system", NOW)
    assert name_lost(once, "c1", ISSUER, "system", LATER) == once
    following = call(once, CallKind.REGISTER)
    assert open_call(once, following).open == following


def test_what_was_not_sent_leaves_the_token_alone() -> None:
    record, made = opened(registered_record(), CallKind.UPDATE, **update(registered_record()))
    assert published(close(record, made, NotSent(cause="no route"), LATER)) == published(registered_record())
