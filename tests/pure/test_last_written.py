"""A status that others change back is written less and less often, and never given up."""

from datetime import timedelta

from oauthclient_operator.plan import pauses
from oauthclient_operator.reconcile.last_written import LastWritten
from oauthclient_operator.resource.status import Status
from tests.pure.values import NOW

SAID = Status(observed_generation=1, client_id="c1")
OTHER = Status()


def written(times: int, every: timedelta) -> LastWritten:
    last = LastWritten()
    for number in range(times):
        last.note("u", SAID, NOW + number * every)
    return last


def test_the_same_status_again_and_again_has_a_time_before_which_it_is_not_written() -> None:
    last = written(pauses.HEALS_AT_ONCE, timedelta())
    again_at = last.not_before("u", SAID, NOW)
    assert again_at is not None
    assert again_at > NOW
    assert last.not_before("u", SAID, again_at) is None
    assert last.not_before("u", OTHER, NOW) is None
    assert last.not_before("another", SAID, NOW) is None


def test_a_few_in_a_week_are_no_row() -> None:
    last = written(12, timedelta(days=1))
    assert last.not_before("u", SAID, NOW + timedelta(days=11)) is None
