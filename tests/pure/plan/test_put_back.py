"""Every time that a record stores, read by a clock that was put back: none that is waited for lies in the future."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.plan.put_back import as_of
from oauthclient_operator.record.clients import CLOCKS_DIFFER
from oauthclient_operator.record.envelope import Stored
from oauthclient_operator.record.wire import encode
from tests.pure.record import schema2
from tests.pure.values import NOW, observed, registered_record

LIMITS: Final = Limits()
BEGAN: Final = NOW - timedelta(days=400)
EARLIER: Final = NOW - timedelta(days=365)
"""A year before anything that a stored example tells of; the process began a month before that."""
WAITED_FOR: Final = frozenset(
    {
        "adopted.at",
        "bornAt",
        "closedAt",
        "credentialAt",
        "deadline",
        "ending.since",
        "firstAt",
        "lastAt",
        "namedByStatus.at",
        "promotedAt",
        "refused.at",
        "registered.at",
        "released.at",
        "shownAt",
        "triedAt",
        "until",
        "withoutEffect.at",
    }
)
NOT_WAITED_FOR: Final = {
    "begunAt": "it is told, and nothing is reckoned from it",
    "credentialDated": "the server's word, which counts where it does not lie in the future itself",
    "ended.at": "records compare theirs",
    "key.bornAt": "the client has it, too",
    "leftBehind.at": "it is told, and says which is the oldest",
    "openedAt": "records compare theirs, and a late answer is known by it",
    "passedOn.at": "it is told",
    "sentAt": "a late answer is known by it",
    "untold.until": "it is told",
    "uselessFrom": "the server's word",
}


def times(value: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[str, datetime]]:
    """Iterate over the times in what is stored of a record, each with its name."""
    match value:
        case dict():
            for name, member in value.items():
                if name not in schema2.OF_OTHERS:
                    yield from times(member, (*place, name))
        case list():
            for member in value:
                yield from times(member, place)
        case str():
            try:
                moment = datetime.fromisoformat(value)
            except ValueError:
                return
            if moment.tzinfo is not None:
                two = ".".join(place[-2:])
                yield two if two in WAITED_FOR or two in NOT_WAITED_FOR else place[-1], moment


def read(name: str) -> dict[str, Any]:
    """Return what is stored of an example as it is read long before it was written."""
    seen = replace(observed(schema2.ALL[name]), began_at=BEGAN)
    record = as_of(seen, EARLIER).record
    assert isinstance(record, Stored)
    return encode(record.record)


@pytest.mark.parametrize("name", schema2.ALL)
def test_no_time_that_is_waited_for_lies_in_the_future(name: str) -> None:
    latest = BEGAN + timedelta(days=30)
    assert [(n, at) for n, at in times(read(name)) if n in WAITED_FOR and at > latest] == []


@pytest.mark.parametrize("name", schema2.ALL)
def test_every_stored_time_is_one_that_is_waited_for_or_not(name: str) -> None:
    assert {n for n, _ in times(encode(schema2.ALL[name].record))} <= WAITED_FOR | NOT_WAITED_FOR.keys()


@pytest.mark.parametrize("name", schema2.ALL)
def test_what_is_not_waited_for_stays_what_it_is(name: str) -> None:
    stays = [(n, at) for n, at in times(encode(schema2.ALL[name].record)) if n in NOT_WAITED_FOR]
    assert [(n, at) for n, at in times(read(name)) if n in NOT_WAITED_FOR] == stays


@pytest.mark.parametrize("name", schema2.ALL)
@pytest.mark.parametrize("later", [timedelta(), CLOCKS_DIFFER, timedelta(days=365)], ids=str)
def test_by_a_clock_that_was_not_put_back_nothing_is_read_anew(name: str, later: timedelta) -> None:
    newest = max((at for _, at in times(encode(schema2.ALL[name].record))), default=NOW)
    seen = replace(observed(schema2.ALL[name]), began_at=BEGAN)
    assert as_of(seen, newest - CLOCKS_DIFFER + later) is seen


@pytest.mark.parametrize(
    ("at", "read_as"),
    [
        (NOW + LIMITS.exchange_timeout + 2 * LIMITS.margin + CLOCKS_DIFFER, None),
        (NOW + timedelta(days=30), BEGAN),
    ],
    ids=["soon", "in a month"],
)
def test_what_another_record_ended_in_the_future_it_has_ended(at: datetime, read_as: datetime | None) -> None:
    seen = replace(observed(registered_record()), began_at=BEGAN, ended_elsewhere={1: at})
    assert as_of(seen, NOW).ended_elsewhere == {1: read_as or at}


@pytest.mark.parametrize(
    ("dated", "since"),
    [(None, BEGAN), (EARLIER - timedelta(hours=2), EARLIER - timedelta(hours=2)), (NOW - timedelta(hours=1), BEGAN)],
    ids=["not dated", "dated", "dated in the future, too"],
)
def test_when_a_secret_came_the_answer_itself_may_tell(dated: datetime | None, since: datetime) -> None:
    record = registered_record()
    (client,) = record.clients
    seen = replace(observed(record.with_client(replace(client, credential_dated=dated))), began_at=BEGAN)
    stored = as_of(seen, EARLIER).record
    assert isinstance(stored, Stored)
    assert stored.record.clients[0].credential_since == since
