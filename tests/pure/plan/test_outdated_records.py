"""A record that is older than what is published, as one from a backup is: nothing is called, and no Secret written."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from oauthclient_operator.names import EDITION_ANNOTATION, Reason
from oauthclient_operator.plan.action import Publish, RecordLoss, Register, Wait
from oauthclient_operator.record.record import Record
from oauthclient_operator.resource.secret import Secret
from tests.pure.plan.replacing import ASKS, step
from tests.pure.record.replacements import shown
from tests.pure.values import METADATA, NOW, registered_record, secret

RECORD: Final = registered_record()
NEWER: Final = shown()
"""What the record was before it was restored: its published client is another one."""
AHEAD: Final[dict[str, Any]] = {"status": {"observedGeneration": 1, "clientID": "c2", "edition": 2}}
DUE: Final = registered_record(client_secret_expires_at=int((NOW + timedelta(days=1)).timestamp()))


def numbered(record: Record, edition: str) -> Secret:
    shows = secret(record)
    return replace(shows, annotations={**shows.annotations, EDITION_ANNOTATION: edition})


def reason(record: Record, seen: dict[str, Any] | None = None, **options: Any) -> Reason | None:
    action = step(record, NOW + timedelta(hours=20), seen, **options)
    return action.verdict.reason if isinstance(action, Wait) else None


def test_a_secret_that_shows_a_later_pair_is_the_last_copy_of_it() -> None:
    assert reason(RECORD, {"secret": numbered(NEWER, "2")}) is Reason.RECORD_OUTDATED


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="at rest"),
        pytest.param(ASKS, id="a person asks for another pair"),
        pytest.param({"spec": {"clientMetadata": {**METADATA, "client_name": "shop"}}}, id="an edit"),
        pytest.param({"spec": {"issuer": "https://other.example"}}, id="a move"),
        pytest.param({"spec": {"secret": {"keys": {"client_id": "ID"}}}}, id="other keys"),
    ],
)
@pytest.mark.parametrize("record", [RECORD, DUE], ids=["never expires", "is to be renewed"])
def test_where_status_names_a_later_edition_nothing_is_called_or_written(
    record: Record, options: dict[str, Any]
) -> None:
    assert reason(record, **AHEAD, **options) is Reason.RECORD_OUTDATED


def test_it_waits_for_a_person() -> None:
    action = step(RECORD, **AHEAD)
    assert isinstance(action, Wait)
    assert (action.verdict.stalled, action.until) == (True, None)


def test_a_number_that_was_written_by_hand_is_put_right_where_the_very_pair_is_there() -> None:
    action = step(RECORD, seen={"secret": numbered(RECORD, "7")})
    assert isinstance(action, Publish)
    assert dict(action.write.data) == {}
    assert action.write.annotations[EDITION_ANNOTATION] is None


@pytest.mark.parametrize("written", ["", "two", "-1", "1e9", "99999999999", "٢"])
def test_what_is_no_number_of_ours_counts_for_nothing(written: str) -> None:
    assert reason(RECORD, {"secret": numbered(NEWER, written)}) is None


def test_a_lower_number_is_brought_up() -> None:
    action = step(NEWER, seen={"secret": numbered(RECORD, "1")})
    assert isinstance(action, Publish)
    assert action.write.annotations[EDITION_ANNOTATION] == "2"


def test_a_deletion_writes_down_first_what_status_names_and_the_record_does_not_know() -> None:
    assert step(RECORD, deleting=True, **AHEAD) == RecordLoss()


def test_a_deletion_of_a_client_that_the_record_knows_goes_its_way() -> None:
    known: dict[str, Any] = {"status": {"observedGeneration": 1, "clientID": "c1", "edition": 1}}
    assert step(RECORD, deleting=True, **known) != RecordLoss()


def test_a_record_that_is_as_new_as_status_is_not_outdated() -> None:
    assert isinstance(step(RECORD, **ASKS, status={"observedGeneration": 1, "clientID": "c1", "edition": 1}), Register)
