"""One client that is answered twice is one, in whatever part and order the answers come, and two are two."""

from datetime import timedelta

import pytest

from oauthclient_operator.oauth.outcome import Ambiguous
from oauthclient_operator.record.calls import Asked, Call, CallKind
from oauthclient_operator.record.clients import Alive, Ended, UpdateDue
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.transitions import absorb, close, open_call
from tests.pure.record.steps import (
    EDITED,
    LATER,
    LOST,
    NAMED,
    answered,
    failed,
    given_up,
    named,
    of,
    opened,
    refused,
    token,
    tokens,
)
from tests.pure.records import ISSUER, NOW, call, empty_record, information, published, registered_record

OPEN, MADE = opened(empty_record(), CallKind.REGISTER)


@pytest.mark.parametrize("address", [f"{ISSUER}/register/c1", f"{ISSUER}/register/c9"], ids=["the same", "another"])
def test_one_client_that_is_answered_twice_is_one_whatever_its_address(address: str) -> None:
    other = {"registration_client_uri": address}
    record = registered_record()
    again = {"metadata": EDITED.members, "digest": EDITED.digest()}
    record = answered(record, CallKind.REGISTER, again, **other, registration_access_token="r2")
    (client,) = record.clients
    assert (client.key, client.answer.call, token(client)) == (1, 2, "r2")
    assert client.confirmed == Asked(EDITED.digest(), EDITED.members)
    assert record.published == client


def test_one_identifier_of_two_issuers_is_two_clients() -> None:
    record = answered(registered_record(), CallKind.REGISTER, {"issuer": "https://other.example"})
    assert [(c.key, c.issuer) for c in record.clients] == [(1, ISSUER), (2, "https://other.example")]


@pytest.mark.parametrize("address", [None, f"{ISSUER}/register"], ids=["without an address", "of one address"])
def test_two_clients_are_two_by_their_identifiers(address: str | None) -> None:
    record = registered_record(registration_client_uri=address)
    record = answered(
        record,
        CallKind.REGISTER,
        client_id="c2",
        registration_client_uri=address,
        registration_access_token="r2",
    )
    assert [(c.information.client_id, token(c)) for c in record.clients] == [("c1", "r1"), ("c2", "r2")]


def test_nor_is_the_part_of_an_answer_about_another_client_of_the_same_address() -> None:
    record, made = opened(registered_record(registration_client_uri=f"{ISSUER}/register"), CallKind.REGISTER)
    part = {**NAMED, "client_id": "c2", "registration_client_uri": f"{ISSUER}/register"}
    record = close(record, made, Ambiguous(cause="truncated", salvage=part), LATER)
    assert [c.information.client_id for c in record.surplus] == ["c2"]


def test_a_client_that_is_given_out_again_has_its_newest_token_which_nobody_refused() -> None:
    record = failed(registered_record(), CallKind.UPDATE, refused(), client=1)
    record = failed(record, CallKind.DEREGISTER, refused(), client=1)
    record = failed(record, CallKind.DEREGISTER, LOST, client=1)
    client = published(answered(record, CallKind.REGISTER, registration_access_token="r2"))
    assert (token(client), client.refused, client.end) == ("r2", frozenset(), Alive())


def cut_again(client_id: str, token: str, call: Call, record: Record) -> Record:
    salvage = {**NAMED, **named(client_id), "registration_access_token": token}
    return close(record, call, Ambiguous(cause="truncated", salvage=salvage), LATER)


def test_a_part_of_an_answer_about_the_published_client_makes_no_second_one_of_it() -> None:
    record, slept = given_up(empty_record(), CallKind.REGISTER)
    record = answered(record, CallKind.REGISTER, registration_access_token="r2")
    record = cut_again("c1", "r1", slept, record)
    (client,) = record.clients
    assert (record.surplus, record.suspects) == ((), ())
    assert (token(client), tokens(client), client.information.client_secret is not None) == ("r2", ["r1"], True)


def test_a_part_of_a_newer_answer_is_kept_beside_the_whole_one() -> None:
    record, made = opened(registered_record(), CallKind.REGISTER)
    (client,) = cut_again("c1", "r2", made, record).clients
    assert (token(client), tokens(client)) == ("r1", ["r2"])


def test_a_client_that_is_gone_and_given_out_again_in_a_part_of_an_answer_lives_again() -> None:
    record = cut_again("c1", "r1", MADE, OPEN)
    record = answered(record, CallKind.DEREGISTER, {"client": 1})
    record, made = opened(record, CallKind.REGISTER)
    (client,) = cut_again("c1", "r2", made, record).surplus
    assert (client.end, token(client), client.manageable) == (Alive(), "r2", True)


def test_the_part_of_an_older_answer_makes_nobody_live_again() -> None:
    record, slept = given_up(empty_record(), CallKind.REGISTER)
    record = answered(record, CallKind.REGISTER)
    record = answered(record, CallKind.DEREGISTER, of(record))
    (client,) = cut_again("c1", "r1", slept, record).clients
    assert isinstance(client.end, Ended)


def anew() -> Record:
    """Return a record that another process made anew, whose first call made another client known."""
    return answered(empty_record(), CallKind.REGISTER, {"at": NOW + timedelta(minutes=2), "nonce": "x"}, **named("c2"))


def test_a_part_of_an_answer_takes_nobody_s_place_in_a_record_that_was_made_anew() -> None:
    record = cut_again("c1", "r1", MADE, anew())
    assert [(c.key, c.information.client_id) for c in record.clients] == [(1, "c2"), (2, "c1")]
    assert (published(record).information.client_id, record.next_call) == ("c2", 3)


def test_nor_does_a_whole_one_and_its_number_is_taken() -> None:
    record = absorb(anew(), MADE, information(), {}, LATER)
    assert [(c.key, c.information.client_id) for c in record.clients] == [(1, "c2"), (2, "c1")]
    assert record.next_call == 3
    assert open_call(record, call(record, CallKind.REGISTER)).next_call == 4


def test_calls_of_two_ledgers_are_two_though_they_have_one_number() -> None:
    record = absorb(anew(), MADE, information(), {}, LATER)
    assert [(c.number, c.call.nonce) for c in record.closed] == [(1, "x"), (1, "nonce-1")]


def test_a_late_outcome_closes_no_call_of_another_ledger() -> None:
    record, made = opened(empty_record(), CallKind.REGISTER, at=NOW + timedelta(minutes=2), nonce="another")
    assert close(record, MADE, refused(400), LATER).open == made
    assert absorb(record, MADE, information(), {}, LATER).open == made


def test_a_late_outcome_says_nothing_of_another_ledger_s_attempt_of_the_same_number() -> None:
    record, _ = given_up(empty_record(), CallKind.REGISTER, at=NOW + timedelta(minutes=2), nonce="another")
    assert len(close(record, MADE, refused(400), LATER).suspects) == 1
    assert len(absorb(record, MADE, information(), {}, LATER).suspects) == 1


def test_what_is_due_stays_due_when_a_client_is_given_out_again() -> None:
    record = failed(registered_record(), CallKind.UPDATE, LOST, client=1)
    assert published(answered(record, CallKind.REGISTER)).standing == UpdateDue((2,))
