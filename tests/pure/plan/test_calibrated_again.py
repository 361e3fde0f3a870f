"""When it is tried again to find out what proves a client that nobody asks about, where no answer told that."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import pytest

from oauthclient_operator.names import ConditionType
from oauthclient_operator.plan.observed import Limits, Unanswered
from oauthclient_operator.plan.proving import calibrated_again_at, interval_at, proof_at, proof_at_rest
from oauthclient_operator.resource.condition import Condition
from oauthclient_operator.resource.status import RegistrationStatus
from tests.pure.values import NOW, desired, observed, registered_record, resource

HOUR: Final = timedelta(hours=1)
SLOWLY: Final = Limits().retry_slowly
REREGISTER: Final = {"spec": {"policy": {"gone": "Reregister"}}}


@pytest.mark.parametrize(
    ("proven_at", "since", "soonest", "latest"),
    [
        pytest.param(None, None, SLOWLY, 2 * SLOWLY, id="a process that has just begun"),
        pytest.param(NOW, NOW, SLOWLY, 1.25 * SLOWLY, id="the first time"),
        pytest.param(NOW, None, SLOWLY, 1.25 * SLOWLY, id="an edit has since when forgotten"),
        pytest.param(NOW, NOW - 4 * HOUR, HOUR, 1.25 * HOUR, id="a quarter of how long that has lasted"),
        pytest.param(NOW, NOW - 1000 * HOUR, 6 * HOUR, 7.5 * HOUR, id="at last every six hours"),
    ],
)
def test_the_pause_grows_and_is_another_one_for_each(
    proven_at: datetime | None, since: datetime | None, soonest: timedelta, latest: timedelta
) -> None:
    unanswered = None if since is None else Unanswered(since)
    seen = replace(observed(), began_at=NOW, proven_at=proven_at, unanswered=unanswered)
    dates = {calibrated_again_at(seen, replace(resource(), uid=f"uid-{number}")) - NOW for number in range(200)}
    assert len(dates) == 200
    assert soonest <= min(dates) < soonest + (latest - soonest) / 10
    assert latest - (latest - soonest) / 10 < max(dates) <= latest


@pytest.mark.parametrize(
    ("options", "limits", "due"),
    [
        pytest.param(REREGISTER, Limits(), True, id="a policy will need to know it"),
        pytest.param({}, Limits(), False, id="nothing will"),
        pytest.param({}, Limits(proof_interval=HOUR), True, id="an interval asks anyway"),
    ],
)
def test_at_rest_it_is_due_where_something_will_need_to_know_it(
    options: dict[str, dict[str, dict[str, str]]], limits: Limits, due: bool
) -> None:
    seen = replace(observed(), began_at=NOW, proven_at=NOW, limits=limits)
    assert (proof_at_rest(seen, resource(**options), desired(**options)) is not None) is due


def test_at_rest_it_is_not_due_where_the_status_tells_what_came_of_it() -> None:
    """Or each restart would have the records of all read, for nothing."""
    said = Condition(
        type=ConditionType.CREDENTIALS_VALID,
        status="True",
        reason="Proven",
        message="",
        last_transition_time=NOW,
        observed_generation=1,
    )
    known = resource(**REREGISTER)
    known = replace(known, status=replace(known.status, conditions=(said,)))
    seen = replace(observed(), began_at=NOW)
    assert proof_at_rest(seen, known, desired(**REREGISTER)) is None


@pytest.mark.parametrize(
    ("registered_at", "proven_at", "at"),
    [
        pytest.param(NOW, None, NOW, id="it waits for its place, and was said to be registered meanwhile"),
        pytest.param(NOW, NOW - HOUR, NOW, id="it took the place of another one, which was proven"),
        pytest.param(NOW, NOW, NOW + 24 * HOUR, id="it was tried since then"),
        pytest.param(NOW - 2 * HOUR, None, None, id="a process of before registered it"),
    ],
)
def test_at_rest_a_client_of_a_moment_ago_is_proven_at_once(
    registered_at: datetime, proven_at: datetime | None, at: datetime | None
) -> None:
    known = resource()
    registration = RegistrationStatus(
        registered_at=registered_at, secret_expires_at=None, manageable=True, deviations=()
    )
    known = replace(known, status=replace(known.status, registration=registration))
    limits = Limits(proof_interval=24 * HOUR)
    seen = replace(observed(), began_at=NOW - HOUR, proven_at=proven_at, limits=limits)
    assert proof_at_rest(seen, known, desired()) == (at or interval_at(seen, known))


def test_an_interval_asks_as_often_as_it_says_also_where_no_answer_told_anything() -> None:
    record = registered_record()
    client = record.clients[0]
    seen = replace(observed(), proven_at=NOW, unanswered=Unanswered(NOW), limits=Limits(proof_interval=24 * HOUR))
    assert client.calibration is None
    assert proof_at(seen, resource(**REREGISTER), desired(**REREGISTER), record, client) == NOW + 24 * HOUR
