"""When a pair that was published is needed no longer, and what has to be seen before."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from oauthclient_operator.names import EDITION_ANNOTATION
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import Publish, ReadResource, ReadSecret, Retire, Show, Wait
from oauthclient_operator.plan.observed import Missing, Observed, Unread
from oauthclient_operator.published_secret import KEYS_ANNOTATION
from oauthclient_operator.record.departures import leaves_at
from oauthclient_operator.record.record import Record
from tests.pure.record.replacements import promoted, shown, with_candidate
from tests.pure.values import NOW, desired, observed, registered_record, secret

DAY: Final = timedelta(days=1)
SECOND: Final = timedelta(seconds=1)
SHOWN: Final = shown()
(LEAVING,) = SHOWN.leaving


def seen(record: Record, **values: Any) -> Observed:
    """Return what is observed where the Secret shows what is published."""
    shows = secret(record)
    numbered = {**shows.annotations, EDITION_ANNOTATION: str(record.edition)}
    return observed(record, **{"secret": replace(shows, annotations=numbered), **values})


def leaves(overlap: str | None = None, record: Record = SHOWN) -> timedelta | None:
    asks = desired(spec={"rotation": {"overlap": overlap}} if overlap else None)
    (leaving,) = record.leaving
    at = leaves_at(record, leaving, asks.rotation.overlap)
    return None if at is None else at - NOW


@pytest.mark.parametrize(
    ("overlap", "after"),
    [
        pytest.param(None, DAY, id="as it was when it was shown"),
        pytest.param("48h", 2 * DAY, id="made longer, longer"),
        pytest.param("1h", DAY, id="made shorter, not for what leaves already"),
        pytest.param("0s", DAY, id="none, not for what leaves already"),
    ],
)
def test_a_pair_leaves_an_overlap_after_the_one_that_followed_was_shown(overlap: str | None, after: timedelta) -> None:
    assert leaves(overlap) == after


@pytest.mark.parametrize(
    ("expires", "after"),
    [
        pytest.param(timedelta(hours=2), timedelta(hours=2), id="before the overlap is over"),
        pytest.param(2 * DAY, DAY, id="later than that"),
        pytest.param(-DAY, timedelta(), id="before it was shown"),
    ],
)
def test_it_leaves_no_later_than_it_expires(expires: timedelta, after: timedelta) -> None:
    first = registered_record(client_secret_expires_at=int((NOW + expires).timestamp()))
    assert leaves(record=shown(promoted(with_candidate(first)))) == after


def test_while_the_one_that_follows_was_not_shown_it_has_no_date() -> None:
    assert leaves(record=promoted()) is None


def test_the_secret_that_shows_what_is_published_dates_what_leaves() -> None:
    assert plan(seen(promoted()), desired(), NOW) == Show(2, DAY)
    assert plan(seen(promoted()), desired(spec={"rotation": {"overlap": "2h"}}), NOW) == Show(2, timedelta(hours=2))


@pytest.mark.parametrize(
    ("values", "step"),
    [
        pytest.param({"secret": Unread()}, ReadSecret, id="it was not read"),
        pytest.param({"secret": Missing()}, Publish, id="it is gone"),
        pytest.param({"secret": secret(registered_record())}, Publish, id="it shows the pair before"),
    ],
)
def test_nothing_is_dated_while_the_secret_does_not_show_what_is_published(values: dict[str, Any], step: type) -> None:
    assert isinstance(plan(seen(promoted(), **values), desired(), NOW), step)


def test_before_its_time_it_is_waited_for() -> None:
    action = plan(seen(SHOWN, live=True), desired(), NOW + DAY - SECOND)
    assert isinstance(action, Wait)
    assert action.until == NOW + DAY


def test_at_its_time_the_resource_is_read_live_and_then_it_is_needed_no_longer() -> None:
    assert plan(seen(SHOWN), desired(), NOW + DAY) == ReadResource()
    assert plan(seen(SHOWN, live=True), desired(), NOW + DAY) == Retire(LEAVING.pair)
    assert plan(seen(SHOWN, live=True, live_at=NOW + DAY), desired(), NOW + DAY) == Retire(LEAVING.pair)


def test_by_a_clock_that_runs_ahead_of_the_api_servers_nothing_leaves_and_it_is_looked_at_again() -> None:
    now = NOW + DAY
    action = plan(seen(SHOWN, live=True, live_at=now - SECOND), desired(), now)
    assert isinstance(action, Wait)
    assert action.until == now + 2 * SECOND, "when it is time by that clock, too, which tells no fractions"


def test_by_a_clock_that_runs_behind_it_is_waited_for() -> None:
    action = plan(seen(SHOWN, live=True, live_at=NOW + 2 * DAY), desired(), NOW + DAY - SECOND)
    assert isinstance(action, Wait)


def test_while_the_secret_shows_something_else_nothing_leaves() -> None:
    shows_first = replace(secret(registered_record()), annotations={KEYS_ANNOTATION: "", EDITION_ANNOTATION: "2"})
    assert isinstance(plan(seen(SHOWN, secret=shows_first, live=True), desired(), NOW + DAY), Publish)
    assert isinstance(plan(seen(SHOWN, secret=Missing(), live=True), desired(), NOW + DAY), Publish)
