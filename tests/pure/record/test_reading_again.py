"""Which read is made again by itself, what is kept of one, and who may read a record that holds one."""

from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator.exchange import NotSent
from oauthclient_operator.oauth.outcome import NotUnderstood
from oauthclient_operator.record.calls import CallKind, CallOutcome
from oauthclient_operator.record.compaction import compacted
from oauthclient_operator.record.doubts import OVER, Doubts
from oauthclient_operator.record.reading import last_failed, repeats, to_be_repeated
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.transitions import close
from oauthclient_operator.record.wire import encode
from tests.pure.record.steps import (
    LATER,
    LOST,
    answered,
    failed,
    of,
    opened,
    refused,
    update,
)
from tests.pure.records import NOW, published, registered_record

READ, UPDATE, DEREGISTER = CallKind.READ, CallKind.UPDATE, CallKind.DEREGISTER
REGISTERED = registered_record()
KNOWN = Doubts(count=3, first_at=NOW, last_at=NOW + OVER, configuration_answered=True)
OPEN, MADE = opened(REGISTERED, READ, **of(REGISTERED))
UNREADABLE = NotUnderstood(status=200, cause="HTTP 200 without a body")


def read(record: Record, **members: Any) -> Record:
    """Return the record after a read that was answered with those members over the default ones."""
    return answered(record, READ, of(record), **members)


def lost(record: Record, **values: Any) -> Record:
    return failed(record, READ, LOST, **of(record), **values)


def with_client(record: Record, **values: Any) -> Record:
    return record.with_client(replace(published(record), **values))


ONCE = {"repeats": True}


@pytest.mark.parametrize(
    ("record", "again", "is_repetition"),
    [
        pytest.param(REGISTERED, False, False, id="none was made"),
        pytest.param(read(REGISTERED), False, False, id="answered"),
        pytest.param(lost(REGISTERED), True, True, id="its answer was lost: once more"),
        pytest.param(lost(lost(REGISTERED), **ONCE), False, False, id="and that of the repetition: no more"),
        pytest.param(lost(lost(lost(REGISTERED), **ONCE)), True, True, id="asked for anew, and lost: once more"),
        pytest.param(read(lost(REGISTERED)), False, False, id="the repetition was answered"),
        pytest.param(
            answered(lost(REGISTERED), UPDATE, update(REGISTERED)), False, False, id="an update was answered since"
        ),
        pytest.param(close(OPEN, MADE, NotSent(cause="x"), LATER), True, False, id="not sent: the same one goes on"),
        pytest.param(
            failed(lost(REGISTERED), READ, refused(429), **of(REGISTERED), **ONCE), True, True, id="asked to wait"
        ),
        pytest.param(
            failed(REGISTERED, READ, refused(429), **of(REGISTERED)), True, False, id="asked to wait at first"
        ),
        pytest.param(failed(REGISTERED, READ, refused(403), **of(REGISTERED)), False, False, id="refused"),
        pytest.param(failed(REGISTERED, READ, UNREADABLE, **of(REGISTERED)), False, False, id="not understood"),
        pytest.param(
            failed(read(REGISTERED, registration_access_token="r2"), READ, refused(), **of(REGISTERED)),
            True,
            False,
            id="401, and there is the token before it",
        ),
    ],
)
def test_a_read_is_made_again_by_itself(record: Record, again: bool, is_repetition: bool) -> None:
    client = published(record)
    assert (to_be_repeated(record, client), repeats(record, client)) == (again, is_repetition)


def test_a_failure_is_known_until_the_server_answers_something() -> None:
    record = failed(REGISTERED, READ, refused(403), **of(REGISTERED))
    last = last_failed(record, published(record))
    assert last is not None
    assert last.outcome is CallOutcome.REJECTED
    record = answered(record, UPDATE, update(record))
    assert last_failed(record, published(record)) is None


def test_a_read_without_an_answer_is_kept_for_as_long_as_it_is_unresolved() -> None:
    record = lost(REGISTERED)
    for _ in range(40):
        record = compacted(failed(record, UPDATE, refused(400), **update(record)))
    assert 2 in {c.number for c in record.closed}
    assert published(record).unresolved_reads == (2,)


def test_unresolved_reads_are_bounded() -> None:
    record = REGISTERED
    for _ in range(40):
        record = lost(record)
    assert len(published(record).unresolved_reads) == 16


@pytest.mark.parametrize(
    ("record", "reader"),
    [
        pytest.param(REGISTERED, 2, id="no read"),
        pytest.param(replace(REGISTERED, refresh="f"), 2, id="an annotation that asked for nothing is carried through"),
        pytest.param(OPEN, 3, id="an open one"),
        pytest.param(read(REGISTERED), 3, id="a closed one"),
        pytest.param(
            with_client(REGISTERED, doubts=KNOWN),
            4,
            id="one that was answered, and told that credentials are refused all the same",
        ),
        pytest.param(with_client(REGISTERED, unresolved_reads=(2,)), 3, id="one that was lost, and is kept no more"),
    ],
)
def test_a_reader_that_does_not_know_reads_leaves_a_record_with_one_alone(record: Record, reader: int) -> None:
    assert (encode(record)["schemaVersion"], encode(record)["minReader"]) == (2, reader)
