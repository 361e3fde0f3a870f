"""A resource that a person paused: nothing is called, no Secret is written, and what time brings is said."""

from datetime import timedelta
from typing import Any, Final

import pytest

from oauthclient_operator.names import PAUSED_ANNOTATION, Reason
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import Abandon, ReadResource, Register, Wait
from oauthclient_operator.plan.observed import Missing
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.replacing import retire
from tests.pure.plan.replacing import DAY, step
from tests.pure.record.replacements import begun, promoted, shown, with_candidate
from tests.pure.values import METADATA, NOW, TIMEOUT, desired, empty_record, observed, registered_record, resource

PAUSED: Final[dict[str, Any]] = {"annotations": {PAUSED_ANNOTATION: "true"}}
IN_STEP: Final[dict[str, Any]] = {
    **PAUSED,
    "status": {
        "observedGeneration": 1,
        "clientID": "c1",
        "conditions": [
            {
                "type": "Ready",
                "status": "True",
                "reason": "Registered",
                "message": "",
                "lastTransitionTime": "2026-01-01T00:00:00Z",
                "observedGeneration": 1,
            }
        ],
    },
}
EXPIRING: Final = registered_record(client_secret_expires_at=int((NOW + DAY).timestamp()))


def said(record: Record, now: Any = NOW, **options: Any) -> Reason:
    action = step(record, now, **{**PAUSED, **options})
    assert isinstance(action, Wait)
    return action.verdict.reason


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(with_candidate(), id="a candidate waits"),
        pytest.param(promoted(), id="the Secret is to be written"),
        pytest.param(shown(), id="a pair is to leave"),
        pytest.param(retire(shown(), shown().leaving[0].pair), id="a client is to be ended"),
        pytest.param(EXPIRING, id="the secret is to be renewed"),
        pytest.param(empty_record(), id="none is registered"),
    ],
)
def test_whatever_is_due_waits(record: Record) -> None:
    now = NOW + DAY - timedelta(seconds=1)
    action = step(record, now, **PAUSED, spec={"clientMetadata": {**METADATA, "client_name": "shop"}})
    assert isinstance(action, Wait)
    assert action.verdict.reason is Reason.PAUSED


def test_what_was_in_step_when_it_was_paused_stays_ready() -> None:
    assert said(registered_record(), **IN_STEP) is Reason.REGISTERED


def test_an_edit_since_then_makes_it_unknown() -> None:
    assert said(registered_record(), **IN_STEP, generation=2) is Reason.PAUSED


def test_a_secret_that_expires_meanwhile_is_said_and_looked_at_in_time() -> None:
    action = step(EXPIRING, NOW, **IN_STEP)
    assert isinstance(action, Wait)
    assert action.verdict.reason is Reason.REGISTERED
    assert action.until is not None
    assert action.until < NOW + DAY, "that its renewal is due is said, too"
    assert said(EXPIRING, NOW + DAY, **IN_STEP) is Reason.SECRET_EXPIRED


def test_an_answer_that_may_still_come_is_waited_for_and_then_given_up() -> None:
    assert said(begun(), NOW) is Reason.PENDING
    assert isinstance(step(begun(), NOW + 2 * TIMEOUT, **PAUSED), Abandon)


def test_a_deletion_waits() -> None:
    assert said(registered_record(), deleting=True) is Reason.PAUSED
    assert isinstance(step(registered_record(), deleting=True, seen={"live": False}), ReadResource)


def test_without_a_record_nothing_is_begun() -> None:
    for record in (None, Missing()):
        action = plan(observed(record, resource=resource(**PAUSED)), desired(**PAUSED), NOW)
        assert isinstance(action, Wait)
        assert action.verdict.reason is Reason.PAUSED


@pytest.mark.parametrize("value", ["false", "", "True", "yes", "1"])
def test_any_other_value_pauses_nothing(value: str) -> None:
    action = step(empty_record(), annotations={PAUSED_ANNOTATION: value})
    assert isinstance(action, Register)
