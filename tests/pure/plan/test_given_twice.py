"""What waits, is left or is doubted where a server gave one client to two records, or again after its end."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from oauthclient_operator.names import Reason
from oauthclient_operator.oauth.outcome import Ambiguous
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import (
    Action,
    ConfirmRelease,
    Deregister,
    Discover,
    Doubt,
    GiveUp,
    PassOn,
    Publish,
    ReadResource,
    Rehearse,
    Release,
    Wait,
)
from oauthclient_operator.plan.observed import Limits, Missing, Observed
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.clients import PassedOn
from oauthclient_operator.record.pairs import pair_of
from oauthclient_operator.record.record import Record, ReleaseOutcome
from oauthclient_operator.record.replacements import Replacement, ReplacementReason, Strategy
from oauthclient_operator.record.transitions import absorb, close, open_call, pass_on, release
from tests.pure.plan.test_left_behind import left
from tests.pure.plan.test_surplus import SECOND, surplus
from tests.pure.values import (
    NOW,
    TIMEOUT,
    call,
    desired,
    information,
    observed,
    published,
    registered_record,
    resource,
)

LIMITS = Limits()
RECORD = registered_record()
KEY = published(RECORD).key
SOON = NOW + timedelta(seconds=3)
HERE = frozenset({KEY})
LOST = Ambiguous(cause="timeout", salvage={})


def going(record: Record = RECORD, **values: Any) -> Observed:
    return observed(record, **{"resource": resource(deleting=True), "live": True, **values})


def fresh(record: Record = RECORD, **values: Any) -> Observed:
    """Return what is observed before anything was published."""
    return observed(record, **{"secret": Missing(), **values})


def lost_deregistration() -> Record:
    """Return a record whose client may be gone, and is not published."""
    made = call(RECORD, CallKind.DEREGISTER, client=KEY)
    return replace(close(open_call(RECORD, made), made, LOST, NOW), pair=None)


def with_candidate() -> Record:
    """Return a record with a client that is about to take the place of the published one."""
    begun = Replacement(
        reasons=(ReplacementReason.REQUESTED,),
        strategy=Strategy.REREGISTER,
        begun_at=NOW,
        first_call=RECORD.next_call,
        first_attempt=2,
    )
    made = call(RECORD, CallKind.REGISTER)
    return absorb(open_call(replace(RECORD, replacement=begun), made), made, information(**SECOND), {}, NOW)


CANDIDATE = with_candidate().clients[-1]
PAIR = pair_of(CANDIDATE)
LEFT = release(RECORD, ReleaseOutcome.UNCONFIRMED, NOW - timedelta(days=2))
PASSED = pass_on(RECORD, KEY, NOW)
BESIDE = surplus().surplus[0].key
UNTIL = NOW + TIMEOUT + LIMITS.margin


def until(at: datetime) -> Callable[[Action], bool]:
    return lambda action: isinstance(action, Wait) and action.until == at


@pytest.mark.parametrize(
    ("seen", "now", "expected"),
    [
        # A resource that goes.
        pytest.param(going(newer_elsewhere=HERE), NOW, PassOn(KEY), id="who was given it later ends it"),
        pytest.param(
            going(newer_elsewhere=HERE, sharing=HERE), NOW, PassOn(KEY), id="also where nobody may deregister it"
        ),
        pytest.param(going(PASSED), NOW, Release(ReleaseOutcome.CONFIRMED), id="then nothing is left here"),
        pytest.param(going(ended_elsewhere={KEY: SOON}), NOW, until(SOON), id="another's deregistration may arrive"),
        pytest.param(going(ended_elsewhere={KEY: SOON}), SOON, Deregister, id="that is over: this one is sent"),
        pytest.param(going(newer_elsewhere=frozenset({KEY + 1})), NOW, Deregister, id="of another client: nothing"),
        # A resource that is gone.
        pytest.param(left(LEFT, newer_elsewhere=HERE), NOW, PassOn(KEY), id="what was left behind is passed on, too"),
        pytest.param(
            left(release(PASSED, ReleaseOutcome.UNCONFIRMED, NOW)), NOW, ConfirmRelease(), id="and is settled by it"
        ),
        pytest.param(left(LEFT, ended_elsewhere={KEY: NOW}), NOW, Deregister, id="left behind, and nobody's: tried"),
        # A client beside the published one.
        pytest.param(
            observed(surplus(), live=True, newer_elsewhere=frozenset({BESIDE})),
            NOW + LIMITS.retry_slowly,
            PassOn(BESIDE),
            id="a surplus client is passed on",
        ),
        # Not published yet.
        pytest.param(fresh(ended_elsewhere={KEY: SOON}), NOW, until(SOON), id="it may be ended: it is not published"),
        pytest.param(fresh(ended_elsewhere={KEY: SOON}), SOON, Doubt(KEY), id="nobody knows which was first: doubted"),
        pytest.param(
            fresh(ended_elsewhere={KEY: NOW}), NOW, Doubt(KEY), id="another's was confirmed after it was given"
        ),
        pytest.param(fresh(ended_elsewhere={KEY + 1: NOW}), NOW, Publish, id="that was another client"),
        pytest.param(
            observed(
                RECORD,
                ended_elsewhere={KEY: NOW},
                resource=resource(status={"secret": {"name": "web", "uid": "secret-uid", "resourceVersion": "9"}}),
            ),
            NOW,
            lambda action: not isinstance(action, Doubt),
            id="what was published before is no news, and stays",
        ),
        # About to take the place of what is published.
        pytest.param(observed(with_candidate()), NOW, Rehearse, id="nothing stands before a candidate"),
        pytest.param(
            observed(with_candidate(), ended_elsewhere={CANDIDATE.key: SOON}),
            NOW,
            until(SOON),
            id="a candidate that may be ended waits, too",
        ),
        pytest.param(
            observed(with_candidate(), ended_elsewhere={CANDIDATE.key: SOON}),
            SOON,
            GiveUp(PAIR),
            id="and is given up where nobody knows which was first",
        ),
        # Given up, and to be registered anew.
        pytest.param(
            fresh(lost_deregistration(), sharing=HERE), NOW, until(UNTIL), id="no registration while it may arrive"
        ),
        pytest.param(fresh(lost_deregistration(), sharing=HERE), UNTIL, Discover, id="what comes after it lives"),
        pytest.param(
            fresh(lost_deregistration()), NOW + LIMITS.retry_slowly, ReadResource, id="it is deregistered once more"
        ),
    ],
)
def test_what_comes_next(seen: Observed, now: datetime, expected: Any) -> None:
    asks = None if seen.resource is None else desired()
    action = plan(seen, asks, now)
    if isinstance(expected, type):
        assert isinstance(action, expected)
    elif isinstance(expected, PassOn | Doubt | GiveUp | Release | ConfirmRelease):
        assert action == expected
    else:
        assert expected(action), action


def test_the_wait_for_another_s_deregistration_says_so() -> None:
    action = plan(fresh(ended_elsewhere={KEY: SOON}), desired(), NOW)
    assert isinstance(action, Wait)
    assert (action.verdict.reason, "another resource's deregistration" in action.verdict.message) == (
        Reason.PENDING,
        True,
    )


def test_what_was_passed_on_is_no_client_of_this_record_any_more() -> None:
    client = published(PASSED)
    assert (client.end, client.alive) == (PassedOn(at=NOW), False)
