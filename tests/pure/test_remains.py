"""What `oauthclient-operator orphans` says of a record: every client and lost answer that nobody accounts for."""

from dataclasses import replace
from datetime import timedelta
from typing import Final, cast

import pytest

from oauthclient_operator.commands.remains import Kind, Remains, as_json, lines
from oauthclient_operator.oauth.json_object import JSON
from oauthclient_operator.oauth.outcome import Ambiguous
from oauthclient_operator.record.attempts import AttemptState
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.clients import Untold
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.replacing import leave_behind, retire
from oauthclient_operator.record.summary import annotations, labels, summary
from oauthclient_operator.record.transitions import close, open_call
from tests.pure.record.replacements import shown
from tests.pure.values import NOW, UID, call, registered_record

UNTOLD: Final = Untold(clients=1009, suspects=3, until=NOW)


def replaced() -> Record:
    """Return a record that has another client by now; the one before could not be ended."""
    record = shown()
    pair = record.leaving[0].pair
    return leave_behind(retire(record, pair), pair.client, NOW)


def suspected(record: Record) -> Record:
    record = open_call(record, call(record, CallKind.REGISTER, attempt=2))
    assert record.open is not None
    return close(record, record.open, Ambiguous(cause="timeout", salvage={}), NOW + timedelta(minutes=1))


ROWS: Final = {
    "a client that could not be ended": (replaced(), Kind.REPLACED, ['client "c1"']),
    "a lost answer beside it": (suspected(replaced()), Kind.REPLACED, ['client "c1"', "attempt 2, sent"]),
    "a lost answer of one that lives": (suspected(registered_record()), Kind.SUSPECTED, ["attempt 2, sent"]),
    "what is only counted": (
        replace(registered_record(), untold=UNTOLD),
        Kind.REPLACED,
        ["1009 more clients, left behind until 2026-01-01T12:00:00+00:00", "3 more attempts, sent until 2026-01-01T"],
    ),
    "lost answers that are only counted": (
        replace(registered_record(), untold=replace(UNTOLD, clients=0)),
        Kind.SUSPECTED,
        ["3 more attempts, sent until"],
    ),
    "a resource that is gone": (
        replace(suspected(replaced()), untold=UNTOLD),
        Kind.LEFT_BEHIND,
        ['client "c1"', 'client "c2"', "attempt 2, sent", "1009 more clients", "3 more attempts"],
    ),
}


@pytest.mark.parametrize("row", ROWS)
def test_all_that_is_unaccounted_for_is_said(row: str) -> None:
    record, kind, said = ROWS[row]
    found = list(lines(Remains(uid=UID, kind=kind, record=record)))[1:]
    assert len(found) == len(said)
    assert all(words in line for words, line in zip(said, found, strict=True)), found


def test_programs_are_told_the_same() -> None:
    record = replace(suspected(replaced()), untold=UNTOLD)
    entry = as_json(Remains(uid=UID, kind=Kind.REPLACED, record=record))
    assert entry["untold"] == {"clients": 1009, "suspects": 3, "until": "2026-01-01T12:00:00+00:00"}
    assert isinstance(entry["suspects"], list)
    assert len(entry["suspects"]) == 1
    assert "untold" not in as_json(Remains(uid=UID, kind=Kind.REPLACED, record=replaced()))


def test_of_a_client_that_somebody_else_has_by_now_it_is_said_that_it_has_to_stay() -> None:
    record = replaced()
    left = Remains(uid=UID, kind=Kind.REPLACED, record=record)
    (client,) = left.clients
    taken = replace(left, others={client.key: "OAuthClient other/web (record u2)"})
    assert list(lines(taken))[1].endswith(
        "; OAuthClient other/web (record u2) has it by now: leave it at the authorization server"
    )
    assert as_json(taken)["clients"] == [
        {**entry, "heldBy": "OAuthClient other/web (record u2)"} for entry in told(left)
    ]


def told(remains: Remains) -> list[dict[str, JSON]]:
    return cast("list[dict[str, JSON]]", as_json(remains)["clients"])


@pytest.mark.parametrize("row", ROWS)
def test_metadata_tell_of_each_such_record_without_its_body(row: str) -> None:
    record = ROWS[row][0]
    written: dict[str, JSON] = {
        "resourceVersion": "1",
        "labels": {**labels(record)},
        "annotations": {**annotations(record)},
    }
    told = summary(written)
    assert told.leaves_behind or told.suspects


def test_what_a_person_settled_is_accounted_for() -> None:
    record = suspected(registered_record())
    settled = replace(record, attempts=tuple(replace(a, state=AttemptState.SETTLED) for a in record.attempts))
    assert list(lines(Remains(uid=UID, kind=Kind.SUSPECTED, record=settled)))[1:] == []
