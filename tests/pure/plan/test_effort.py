"""A registration with its own budget: what was tried before it counts for nothing."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from oauthclient_operator.oauth.outcome import Ambiguous
from oauthclient_operator.plan import effort
from oauthclient_operator.plan.action import Register, Update, Wait
from oauthclient_operator.plan.effort import Effort
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.replacing import give_up
from oauthclient_operator.record.transitions import close
from tests.pure.plan.replacing import ASKS, step
from tests.pure.record import replacements
from tests.pure.record.replacements import begun, candidate, replacement, with_candidate
from tests.pure.record.steps import answered, given_up, refused
from tests.pure.values import NOW, empty_record, metadata, registered_record

MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)


def lost(record: Record) -> Record:
    assert record.open is not None
    return close(record, record.open, Ambiguous(cause="timeout", salvage={}), NOW + MINUTE)


def of(record: Record) -> Effort:
    """Return the effort of the replacement that a record is in."""
    assert record.replacement is not None
    return effort.replacing(record, record.replacement, metadata())


def with_suspects(times: int) -> Record:
    """Return a record that was registered after so many lost answers."""
    record = empty_record()
    for _ in range(times):
        record, _ = given_up(record, CallKind.REGISTER)
    return answered(record, CallKind.REGISTER)


def test_the_first_registration_counts_all_there_is() -> None:
    record = with_suspects(2)
    found = effort.first(record, metadata())
    assert [attempt.number for attempt in found.attempts] == [1, 2, 3]
    assert len(found.suspects) == 2
    assert found.begins is None


def test_without_a_record_nothing_was_tried() -> None:
    found = effort.first(None, metadata())
    assert (found.attempts, found.suspects, found.useless, found.last) == ((), (), (), None)


def test_a_replacement_begins_with_nothing_tried() -> None:
    record = with_suspects(2)
    new = effort.replacing(record, replacement(record), metadata())
    assert (new.attempts, new.suspects, new.useless, new.last) == ((), (), (), None)
    assert new.begins == replacement(record)


def test_one_that_was_begun_counts_its_own() -> None:
    found = of(lost(begun(with_suspects(2))))
    assert ([attempt.number for attempt in found.suspects], found.begins) == ([4], None)
    assert found.last is not None
    assert found.last.number == 4


def test_clients_that_it_brought_and_that_are_of_no_use_count() -> None:
    record = with_candidate()
    record = give_up(record, candidate(record))
    assert [client.key for client in of(record).useless] == [2]
    assert of(record).given_up == 1
    gone = replace(record, clients=tuple(client for client in record.clients if client.key != 2))
    assert of(gone).useless == ()


def test_a_candidate_and_what_is_published_are_of_use() -> None:
    assert of(with_candidate()).useless == ()


def test_three_suspects_of_the_first_registration_keep_no_replacement_from_beginning() -> None:
    assert isinstance(step(with_suspects(2), **ASKS), Register)
    settled = with_suspects(2)
    assert isinstance(step(lost(begun(settled)), NOW + HOUR), Register)


def test_three_of_its_own_wait_for_a_person() -> None:
    record = registered_record()
    for _ in range(3):
        record = lost(begun(record))
    action = step(record, NOW + HOUR)
    assert isinstance(action, Wait)
    assert action.verdict.reason == "Registered"
    assert action.renewal is not None
    assert action.renewal.verdict is not None
    assert action.renewal.verdict.reason == "RegistrationAmbiguous"


def test_what_the_first_registration_was_refused_for_is_no_reason_to_wait() -> None:
    first = begun(registered_record())
    assert first.open is not None
    refused_once = close(first, first.open, refused(403, error="access_denied"), NOW)
    assert isinstance(step(refused_once, NOW + MINUTE), Wait)
    ended = replace(refused_once, replacement=None)
    assert isinstance(step(ended, NOW + MINUTE, **ASKS), Register)


def test_two_ways_to_ask_do_not_take_turns_after_both_were_refused() -> None:
    edited = {"spec": {"clientMetadata": {"client_name": "shop", "redirect_uris": ["https://shop.example/cb"]}}}
    record = registered_record()
    for asks in (metadata(client_name="shop"), metadata()):
        record = begun(record)
        assert record.open is not None
        call = replacements.asking(record.open, asks)
        record = close(replace(record, open=call), call, refused(400, error="invalid_client_metadata"), NOW)
    # Neither is sent once more, and the edit goes to the client that is published.
    assert isinstance(step(record, NOW + MINUTE, **edited), Update)
    assert isinstance(step(record, NOW + MINUTE), Wait)
