"""Replacements that rest on an issuer's word about one client: one at a time, and faster with each that succeeds.

What one tenant's replacements come to slows that tenant alone.
"""

from datetime import UTC, datetime, timedelta

import pytest

from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.reconcile.fleet import FIRST_PAUSE, HELD_BEFORE_OTHERS, SHORTEST_PAUSE, Fleet
from oauthclient_operator.record.clients import CLOCKS_DIFFER
from oauthclient_operator.resource.key import Key, oauth_client

START = datetime(2026, 1, 1, tzinfo=UTC)
ISSUER, OTHER = IssuerAddress("https://one.example"), IssuerAddress("https://two.example")
KEYS = [oauth_client("shop", f"web-{number}") for number in range(40)]


def test_a_process_that_begins_waits_a_whole_pause() -> None:
    fleet = Fleet(START)
    assert fleet.not_before(ISSUER, KEYS[0], START) == START + FIRST_PAUSE
    assert fleet.not_before(ISSUER, KEYS[0], START + FIRST_PAUSE) is None


def test_one_at_a_time_and_each_issuer_for_itself() -> None:
    now = START + FIRST_PAUSE
    fleet = Fleet(START)
    fleet.begun(ISSUER, KEYS[0], now)
    assert fleet.not_before(ISSUER, KEYS[0], now) is None, "who has the turn goes on"
    assert fleet.not_before(ISSUER, KEYS[1], now) == now + FIRST_PAUSE
    assert fleet.not_before(OTHER, KEYS[1], now) is None
    assert fleet.not_before(ISSUER, KEYS[1], now + FIRST_PAUSE) is None, "who never came back holds nobody for ever"


def test_the_pace_doubles_with_each_success_and_begins_anew_after_anything_else() -> None:
    now, fleet, pauses = START + FIRST_PAUSE, Fleet(START), list[timedelta]()
    for key in KEYS[:30]:
        fleet.begun(ISSUER, key, now)
        fleet.ended(ISSUER, key, now, promoted=True)
        waits = fleet.not_before(ISSUER, KEYS[30], now)
        assert waits is not None
        pauses.append(waits - now)
        now = waits
    assert pauses[:3] == [FIRST_PAUSE / 2, FIRST_PAUSE / 4, FIRST_PAUSE / 8]
    assert pauses[-1] == SHORTEST_PAUSE
    fleet.begun(ISSUER, KEYS[30], now)
    fleet.ended(ISSUER, KEYS[30], now, promoted=False)
    assert fleet.not_before(ISSUER, KEYS[31], now) == now + FIRST_PAUSE


def test_an_end_that_is_somebody_elses_changes_nothing() -> None:
    now, fleet = START + FIRST_PAUSE, Fleet(START)
    fleet.begun(ISSUER, KEYS[0], now)
    fleet.ended(ISSUER, KEYS[1], now, promoted=True)
    fleet.ended(OTHER, KEYS[0], now, promoted=True)
    assert fleet.not_before(ISSUER, KEYS[2], now) == now + FIRST_PAUSE


def _replaced(failing: set[str], hanging: set[str]) -> int:
    """Return how many of a good tenant's clients are replaced in six hours, while others' never come to an end."""
    now, fleet, good, begun = START + FIRST_PAUSE, Fleet(START), 0, 0
    while now < START + timedelta(hours=6):
        waiting: list[Key] = [oauth_client(tenant, f"web-{begun}") for tenant in sorted(failing | hanging | {"good"})]
        waits = {key: fleet.not_before(ISSUER, key, now) for key in waiting}
        # Whoever is first in the queue, and that is never the good one where another may go on.
        key = next((key for key in reversed(waiting) if waits[key] is None and key.namespace != "good"), None)
        key = key or next((key for key in waiting if waits[key] is None), None)
        if key is None:
            now = min(until for until in waits.values() if until is not None)
            continue
        fleet.begun(ISSUER, key, now)
        begun += 1
        if key.namespace in hanging:
            now += timedelta(seconds=1)
            continue
        now += timedelta(seconds=2)
        fleet.ended(ISSUER, key, now, promoted=key.namespace == "good")
        good += key.namespace == "good"
    return good


@pytest.mark.parametrize(("failing", "hanging"), [({"evil"}, set()), (set(), {"evil"}), ({"evil"}, {"worse"})])
def test_a_tenant_whose_replacements_fail_or_never_end_does_not_slow_another(
    failing: set[str], hanging: set[str]
) -> None:
    alone, beside = _replaced(set(), set()), _replaced(failing, hanging)
    assert alone > 6000
    assert beside > 0.7 * alone


def test_several_tenants_whose_replacements_fail_slow_all() -> None:
    assert _replaced({"a", "b", "c"}, set()) < 200, "the issuer itself may be out of order"


def test_one_that_never_ends_is_waited_for_by_its_own_tenant_and_not_for_long_by_others() -> None:
    now, fleet = START + FIRST_PAUSE, Fleet(START)
    fleet.begun(ISSUER, KEYS[0], now)
    assert fleet.not_before(ISSUER, KEYS[1], now) == now + FIRST_PAUSE
    other = oauth_client("other", "web")
    assert fleet.not_before(ISSUER, other, now) == now + HELD_BEFORE_OTHERS
    fleet.begun(ISSUER, other, now + HELD_BEFORE_OTHERS)
    assert fleet.not_before(ISSUER, KEYS[0], now + HELD_BEFORE_OTHERS) is None, "who has its tenant's turn goes on"


def test_a_process_whose_clock_is_put_back_begins_anew() -> None:
    fleet, later = Fleet(START), START + timedelta(days=30)
    assert fleet.began(later) == START
    fleet.begun(ISSUER, KEYS[0], later)
    now = START + FIRST_PAUSE
    assert fleet.began(now) == now
    assert fleet.not_before(ISSUER, KEYS[1], now) == now + FIRST_PAUSE
    assert fleet.not_before(ISSUER, KEYS[1], now + FIRST_PAUSE) is None, "who had the turn had it by another time"
    assert fleet.began(now + FIRST_PAUSE) == now


def test_a_clock_that_is_put_right_by_little_begins_nothing_anew() -> None:
    fleet = Fleet(START)
    fleet.began(START + FIRST_PAUSE)
    assert fleet.began(START + FIRST_PAUSE - CLOCKS_DIFFER) == START
