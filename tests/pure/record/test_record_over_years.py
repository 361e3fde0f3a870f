"""A record stays bounded however often its pair is replaced, and whatever is left behind."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from oauthclient_operator.record.clients import LeftBehind, Untold
from oauthclient_operator.record.compaction import LEFT_CLIENTS_KEPT, SUSPECTS_KEPT
from oauthclient_operator.record.envelope import has_room, manifest
from oauthclient_operator.record.record import Record, may_live_on
from oauthclient_operator.record.replacing import leave_behind, retire
from oauthclient_operator.record.summary import labels
from oauthclient_operator.record.transitions import close, settle
from oauthclient_operator.record.wire import encode
from tests.pure.record import replacements as step
from tests.pure.record.steps import LOST
from tests.pure.records import NOW, registered_record

HOUR: Final = timedelta(hours=1)
NOT_MANAGED: Final[dict[str, Any]] = {"registration_access_token": None, "registration_client_uri": None}
WIDE: Final = {"software_statement": "s" * 2000}
"""What a server repeats in its answers."""


def renewed(record: Record, number: int, at: datetime, **members: Any) -> Record:
    """Return the record after one renewal whose client before could not be deregistered."""
    new = {"client_secret": f"s{number}", **WIDE, **members}
    record = step.answered(step.begun(record, at=at), f"c{number}", at=at, **new)
    record = step.shown(step.promoted(record, at=at), at=at)
    (leaving,) = record.leaving
    return leave_behind(retire(record, leaving.pair), leaving.pair.client, at + HOUR / 2)


def years(times: int, lifetime: timedelta | None, **members: Any) -> tuple[Record, list[int]]:
    """Return the record after so many renewals, one each hour, and its size after each."""
    record, sizes = registered_record(**members), list[int]()
    for number in range(2, times + 2):
        at = NOW + number * HOUR
        ends = 0 if lifetime is None else int((at + lifetime).timestamp())
        record = renewed(record, number, at, client_secret_expires_at=ends, **members)
        assert has_room(record)
        sizes.append(len(str(manifest(record, "records"))))
    return record, sizes


def test_of_clients_that_never_expire_the_newest_are_named_and_the_others_are_a_number() -> None:
    record, sizes = years(300, None, **NOT_MANAGED)
    left = [client for client in record.clients if isinstance(client.end, LeftBehind)]
    assert record.untold is not None
    assert len(left) + record.untold.clients == 300
    assert LEFT_CLIENTS_KEPT <= len(left) <= LEFT_CLIENTS_KEPT + 1
    assert record.untold.until < min(client.end.at for client in left if isinstance(client.end, LeftBehind))
    # From then on it grows by the digits of its numbers alone.
    assert max(sizes) - sizes[100] < 400
    assert may_live_on(record)


def test_of_clients_whose_secret_has_expired_nothing_is_kept() -> None:
    record, sizes = years(300, 2 * HOUR, **NOT_MANAGED)
    assert len([client for client in record.clients if isinstance(client.end, LeftBehind)]) <= 3
    assert record.untold is None
    assert max(sizes) - sizes[20] < 200


def test_of_clients_whose_deregistration_failed_what_it_takes_is_kept_for_the_newest() -> None:
    managed = {"registration_access_token": "r"}
    record, sizes = years(300, 2 * HOUR, **managed)
    left = [client for client in record.clients if isinstance(client.end, LeftBehind)]
    assert LEFT_CLIENTS_KEPT <= len(left) <= LEFT_CLIENTS_KEPT + 1
    assert all(client.manageable for client in left)
    assert max(sizes) - sizes[100] < 1000
    # One for its address and one for its identifier.
    assert len(labels(record)) <= 2 * (LEFT_CLIENTS_KEPT + 4)


HOURS_OF_TEN_YEARS: Final = 87_600


def grown(renewals: int, **members: Any) -> Record:
    """Return a record as so many renewals number it, of whose clients all but the published one are only counted."""
    record = registered_record(**members)
    (attempt,), until = record.attempts, NOW + renewals * HOUR
    return replace(
        record,
        next_call=4 * renewals,
        attempts=(replace(attempt, number=renewals),),
        untold=Untold(clients=renewals, until=until),
    )


def shape(value: Any) -> Any:
    """Return what is stored without its values: names, and how many there are of each."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    return [shape(item) for item in value] if isinstance(value, list) else type(value).__name__


@pytest.mark.parametrize(
    ("lifetime", "members"),
    [
        pytest.param(None, NOT_MANAGED, id="secrets that never expire, without management"),
        pytest.param(2 * HOUR, NOT_MANAGED, id="secrets that expire, without management"),
        pytest.param(2 * HOUR, {"registration_access_token": "r"}, id="deregistrations that fail"),
    ],
)
def test_in_ten_years_of_hourly_renewals_none_makes_another_record_than_the_one_before_it(
    lifetime: timedelta | None, members: dict[str, Any]
) -> None:
    ends: list[Any] = []
    for before in (0, HOURS_OF_TEN_YEARS - LEFT_CLIENTS_KEPT - 40):
        record, largest = grown(before, **members) if before else registered_record(**members), 0
        for number in range(before + 2, before + LEFT_CLIENTS_KEPT + 42):
            at = NOW + number * HOUR
            expires = 0 if lifetime is None else int((at + lifetime).timestamp())
            record = renewed(record, number, at, client_secret_expires_at=expires, **members)
            assert has_room(record)
            if number > before + LEFT_CLIENTS_KEPT + 20:
                # By then each renewal takes away what it adds, so all that follow until the last one are like it.
                stored = encode(record)
                ends.append(shape({name: member for name, member in stored.items() if name != "untold"}))
                largest = max(largest, len(json.dumps(stored)))
        assert largest < 128 * 1024
    assert all(one == ends[0] for one in ends)


@pytest.mark.parametrize("length", [2_000, 30_000, 100_000])
def test_whatever_a_server_answers_what_was_left_behind_takes_the_room_of_no_renewal(length: int) -> None:
    record, sizes = years(12 if length > 10_000 else 100, None, registration_access_token="r" * length)
    left = [client for client in record.clients if isinstance(client.end, LeftBehind)]
    assert all(client.manageable for client in left)
    # A Secret says it in base64.
    assert max(sizes) < 700_000
    assert record.untold is not None or length < 10_000 or len(left) == 12


def test_of_what_was_left_behind_that_is_kept_with_which_it_is_ended_or_used() -> None:
    record, _ = years(5, None, registration_access_token="r")
    (oldest, *_) = record.clients
    assert oldest.information.members.keys() == {
        "client_id",
        "client_secret",
        "client_secret_expires_at",
        "registration_access_token",
        "registration_client_uri",
    }
    assert (oldest.confirmed, dict(oldest.endpoints)) == (None, {})


def test_no_secret_is_kept_of_a_client_that_nothing_can_be_called_for() -> None:
    record, _ = years(5, None, **NOT_MANAGED)
    left = [client for client in record.clients if isinstance(client.end, LeftBehind)]
    assert [client.information.client_id for client in left] == ["c1", "c2", "c3", "c4", "c5"]
    # The newest is made smaller with the next call.
    assert [client.information.client_secret is None for client in left] == [True] * 4 + [False]


def test_of_answers_that_were_lost_the_newest_are_named_and_a_person_settles_all_of_them() -> None:
    record, sizes = registered_record(), list[int]()
    for number in range(300):
        record = step.begun(record, at=NOW + number * HOUR)
        assert record.open is not None
        record = replace(close(record, record.open, LOST, NOW + number * HOUR), replacement=None)
        sizes.append(len(str(manifest(record, "records"))))
    assert len(record.suspects) == SUSPECTS_KEPT
    assert record.untold is not None
    assert record.untold.suspects == 300 - SUSPECTS_KEPT
    assert max(sizes) - sizes[100] < 1000
    settled = settle(record, record.suspects[-1].number)
    assert (settled.suspects, settled.untold) == ((), None)
