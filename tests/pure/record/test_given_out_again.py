"""A client that a server gives out again, and what sleepers then say of it: a DELETE before it, an earlier POST."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from oauthclient_operator.record.calls import CallKind, fingerprint
from oauthclient_operator.record.clients import Alive, Ended, Ending, InStep, UpdateDue
from oauthclient_operator.record.holds import Hold, Word, hold
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.transitions import absorb
from tests.pure.record.steps import LATER, LOST, answered, failed, given_up, of, token, tokens, update
from tests.pure.records import NOW, TIMEOUT, empty_record, information, published, registered_record

SLEPT, DELETE = given_up(registered_record(), CallKind.DEREGISTER, client=1)
DEADLINE = NOW + TIMEOUT
AWAKE = LATER + timedelta(hours=1)


def given_again(at: datetime, record: Record = SLEPT, **members: Any) -> Record:
    return answered(record, CallKind.REGISTER, {"at": at}, **{"registration_access_token": "r2", **members})


AGAIN = given_again(LATER)


@pytest.mark.parametrize(
    ("record", "end", "standing"),
    [
        pytest.param(SLEPT, Ended(at=AWAKE), InStep(), id="nobody gave it out again: it is gone"),
        pytest.param(AGAIN, Alive(), InStep(), id="given out again afterwards: it lives"),
        pytest.param(
            answered(AGAIN, CallKind.UPDATE, update(AGAIN)), Alive(), InStep(), id="also where an update came since"
        ),
        pytest.param(given_again(DEADLINE), Alive(), InStep(), id="given out again as soon as the DELETE was over"),
        pytest.param(
            given_again(DEADLINE - timedelta(seconds=1)),
            Alive(),
            UpdateDue(),
            id="while it could still arrive: nobody knows which was first, an update asks",
        ),
        pytest.param(
            failed(given_again(NOW + timedelta(seconds=1)), CallKind.DEREGISTER, LOST, client=1, at=LATER),
            Ending(since=LATER, lost=True),
            InStep(),
            id="what is being deregistered again goes on being that",
        ),
    ],
)
def test_a_deregistration_counts_only_if_it_can_have_ended_what_the_newest_registration_gave(
    record: Record, end: Any, standing: Any
) -> None:
    before = published(record)
    after = absorb(record, DELETE, None, {}, AWAKE)
    client = published(after)
    assert (client.end, client.standing, after.pair) == (end, standing, record.pair)
    assert token(client) == token(before)


def test_one_that_was_sent_after_it_was_given_out_again_counts() -> None:
    record, made = given_up(AGAIN, CallKind.DEREGISTER, client=1, at=LATER)
    assert published(absorb(record, made, None, {}, AWAKE)).end == Ended(at=AWAKE)


def test_others_hear_since_when_it_is_held_anew_also_after_an_update() -> None:
    record = answered(AGAIN, CallKind.UPDATE, update(AGAIN))
    assert hold(record, published(record)) == Hold(Word.HELD, LATER)


def test_others_hear_of_the_end_by_the_deadline_however_late_its_sender_says_so() -> None:
    record = absorb(SLEPT, DELETE, None, {}, AWAKE)
    assert hold(record, published(record)) == Hold(Word.GONE, DEADLINE)


def slept_over(**members: Any) -> tuple[Record, Any]:
    """Return a record whose first registration slept while its second one was answered, and the first call."""
    record, first = given_up(empty_record(), CallKind.REGISTER)
    return answered(record, CallKind.REGISTER, {"at": LATER}, **members), first


def test_the_late_answer_to_an_earlier_registration_of_it_is_a_spare_and_an_update_tells_the_server() -> None:
    record, first = slept_over(registration_access_token="r2", client_secret="s2")
    client = published(absorb(record, first, information(), {}, AWAKE))
    assert (token(client), tokens(client), client.standing) == ("r2", ["r1"], UpdateDue())


def test_where_it_brings_the_same_credentials_nothing_is_in_doubt() -> None:
    record, first = slept_over()
    client = published(absorb(record, first, information(), {}, AWAKE))
    assert (client.standing, client.spares) == (InStep(), ())


def test_where_nothing_can_be_told_nothing_is_due() -> None:
    record, first = slept_over(registration_access_token=None, client_secret="s2")
    client = published(absorb(record, first, information(), {}, AWAKE))
    assert (tokens(client), client.standing) == (["r1"], InStep())


def test_nor_where_it_is_gone_by_then() -> None:
    record, first = slept_over(client_secret="s2")
    record = answered(record, CallKind.DEREGISTER, of(record))
    client = published(absorb(record, first, information(), {}, AWAKE))
    assert not client.alive
    assert client.standing == InStep()


def test_a_deregistration_of_another_client_at_the_same_address_says_nothing_of_this_one() -> None:
    """A server may have one address for all its clients; a record that was made anew numbers them from the beginning."""
    anew = answered(
        empty_record(), CallKind.REGISTER, {"nonce": "another"}, client_id="c2", registration_access_token="r9"
    )
    assert published(absorb(anew, DELETE, None, {}, AWAKE)).alive


def test_but_one_with_a_token_that_was_replaced_since_does() -> None:
    record = answered(registered_record(), CallKind.UPDATE, {"client": 1}, registration_access_token="r2")
    presented = published(registered_record()).information.registration_access_token
    record, made = given_up(record, CallKind.DEREGISTER, client=1, at=LATER, bearer=fingerprint(presented))
    assert published(absorb(record, made, None, {}, AWAKE)).end == Ended(at=AWAKE)
