"""What is done next when a server refuses a registration for its DPoP proof (RFC 9449 sections 5 and 8)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.exchange import NotSent
from oauthclient_operator.names import Reason
from oauthclient_operator.oauth.outcome import Rejected
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import Discover, Register, Wait
from oauthclient_operator.record.record import Record
from tests.pure.plan.registering import attempted, ready, rejection
from tests.pure.values import desired, observed

JKT = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
NONCE = rejection(400, "use_dpop_nonce")


def refused(*outcomes: Any) -> Record:
    """Return a record of calls with a proof; each that follows a demand for a nonce repeats it, as `intents` has it."""
    record: Record | None = None
    for outcome in outcomes:
        last = record.closed[-1] if record is not None else None
        repeats = last is not None and last.to_be_repeated
        record = attempted(outcome, record=record, proof_key=JKT, repeats=repeats)
    assert record is not None
    return record


@pytest.mark.parametrize(
    ("outcomes", "seconds", "waits"),
    [
        pytest.param([NONCE], 0, False, id="DP-01: it is repeated at once"),
        pytest.param([rejection(401, "use_dpop_nonce")], 0, False, id="DP-03: with 401 too"),
        pytest.param([rejection(400, "use_dpop_nonce", retry_after=7.0)], 6, True, id="Retry-After is kept"),
        pytest.param([rejection(400, "use_dpop_nonce", retry_after=7.0)], 8, False, id="and over some time"),
        pytest.param([rejection(429, "use_dpop_nonce")], 0, True, id="429 is 429"),
        pytest.param([NONCE, NONCE], 0, True, id="DP-05: the repetition is not repeated at once"),
        pytest.param([NONCE, NONCE], 2, False, id="DP-05: but after a pause"),
        pytest.param([NONCE, NONCE, NONCE], 0, False, id="a nonce that was too old after the pause is replaced"),
        pytest.param([NONCE, NONCE, NONCE, NONCE], 0, True, id="and that once"),
        pytest.param([NONCE, NotSent(cause="no route"), NONCE], 0, False, id="what was not sent repeated nothing"),
        pytest.param([rejection(400, "invalid_dpop_proof")], 60, True, id="DP-07: another error is not repeated"),
        pytest.param([NONCE, rejection(400, "invalid_client_metadata")], 60, True, id="nor after a nonce"),
    ],
)
def test_when_a_registration_goes_out_again(outcomes: list[Rejected], seconds: float, waits: bool) -> None:
    record = refused(*outcomes)
    action = plan(ready(record=observed(record).record), desired(), record.closed[-1].at + timedelta(seconds=seconds))
    assert isinstance(action, Wait) is waits
    assert waits or isinstance(action, Register)
    assert len(record.attempts) == 1


def test_DP_09_without_a_proof_a_demand_for_a_nonce_is_a_refusal() -> None:
    record = attempted(NONCE)
    action = plan(ready(record=observed(record).record), desired(), record.closed[-1].at + timedelta(minutes=14))
    assert isinstance(action, Wait)
    assert action.verdict.reason is Reason.REGISTRATION_UNAUTHORIZED
    assert "as dpop_key" in action.verdict.message
    assert action.verdict.stalled


@pytest.mark.parametrize(
    ("outcomes", "stalled"), [([NONCE, NONCE], False), ([rejection(400, "invalid_dpop_proof")], True)]
)
def test_what_is_said_of_a_proof_that_is_not_accepted(outcomes: list[Rejected], stalled: bool) -> None:
    record = refused(*outcomes)
    action = plan(ready(record=observed(record).record), desired(), record.closed[-1].at)
    assert isinstance(action, Wait)
    assert action.verdict.reason is Reason.REGISTRATION_UNAUTHORIZED
    assert "bound to the key in its dpop_key" in action.verdict.message
    assert action.verdict.stalled is stalled


def test_an_endpoint_that_asks_for_a_nonce_by_404_is_there() -> None:
    record = refused(rejection(404, "use_dpop_nonce"))
    seen = ready(record=observed(record).record, server_read_at=record.closed[-1].at)
    assert isinstance(plan(seen, desired(), record.closed[-1].at), Register)
    gone = refused(rejection(404, None))
    later = gone.closed[-1].at + timedelta(seconds=2)
    assert plan(replace(seen, record=observed(gone).record), desired(), later) == Discover(gone.closed[-1].at)
