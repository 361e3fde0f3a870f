"""Clients beside the published one, and a client that another record holds, too."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.names import Reason
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import (
    Deregister,
    Publish,
    ReadResource,
    Recover,
    Wait,
)
from oauthclient_operator.plan.observed import Limits, Missing
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.transitions import absorb, close, open_call
from tests.pure.plan.test_upkeep import CLIENT, RECORD, rejection
from tests.pure.values import (
    NOW,
    TIMEOUT,
    call,
    desired,
    information,
    observed,
    published,
    resource,
)

LIMITS = Limits()
SOON = NOW + timedelta(seconds=3)
SECOND = {"client_id": "c2", "registration_client_uri": "https://issuer.example/register/c2"}


def test_a_client_of_a_late_answer_is_deregistered_after_a_live_read() -> None:
    late = call(RECORD, CallKind.REGISTER, attempt=2)
    record = absorb(
        open_call(RECORD, late),
        late,
        information(**SECOND),
        {},
        NOW,
    )
    assert published(record).information.client_id == "c1"
    (surplus,) = record.surplus
    assert plan(observed(record), desired(), NOW) == ReadResource()
    assert plan(observed(record, live=True), desired(), NOW) == Deregister(surplus)
    refused = open_call(record, call(record, CallKind.DEREGISTER, client=surplus.key))
    assert refused.open is not None
    closed = close(refused, refused.open, rejection(401, "invalid_token"), NOW + TIMEOUT)
    action = plan(observed(closed, live=True), desired(), NOW + TIMEOUT)
    assert isinstance(action, Wait)
    assert action.verdict.reason is Reason.REGISTERED


def test_a_record_that_was_made_again_publishes_its_client_only_if_nothing_else_is_published() -> None:
    record = replace(RECORD, pair=None, recreated=True)
    assert plan(observed(record), desired(), NOW) == Recover(CLIENT.key)
    other = resource(status={"clientID": "another"})
    assert plan(observed(record, resource=other), desired(), NOW) == ReadResource()


def test_nothing_is_published_while_another_record_deregisters_the_same_client_and_may_not_have_seen_this_one() -> None:
    seen = observed(RECORD, secret=Missing(), sharing_deletion=frozenset({CLIENT.key}))
    shown = NOW + LIMITS.exchange_timeout + LIMITS.margin
    action = plan(seen, desired(), NOW)
    assert isinstance(action, Wait)
    assert (action.verdict.reason, action.until) == (Reason.PENDING, shown)
    assert isinstance(plan(seen, desired(), shown - timedelta(seconds=1)), Wait)
    # Every call that was begun before this record could be seen is over; whoever sees it sends no other.
    assert isinstance(plan(seen, desired(), shown), Publish)
    other = observed(RECORD, secret=Missing(), sharing_deletion=frozenset({CLIENT.key + 1}))
    assert isinstance(plan(other, desired(), NOW), Publish)


def surplus() -> Record:
    """Return a record with a client beside the published one, which a DELETE did not remove."""
    late = call(RECORD, CallKind.REGISTER, attempt=2)
    record = absorb(open_call(RECORD, late), late, information(**SECOND), {}, NOW)
    made = call(record, CallKind.DEREGISTER, client=record.surplus[0].key)
    return close(open_call(record, made), made, rejection(401, "invalid_token"), NOW)


def test_a_surplus_client_that_could_not_be_removed_is_looked_at_again_in_time() -> None:
    slowly = NOW + LIMITS.retry_slowly
    waits = plan(observed(surplus(), live=True), desired(), NOW)
    assert isinstance(waits, Wait)
    assert (waits.verdict.reason, waits.until) == (Reason.REGISTERED, slowly)
    assert plan(observed(surplus(), live=True), desired(), slowly) == Deregister(surplus().surplus[0])
    # What the published client waits for sooner comes first.
    sooner = plan(observed(surplus(), live=True, secret=Missing(), heal_not_before=SOON), desired(), NOW)
    assert isinstance(sooner, Wait)
    assert sooner.until == SOON


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"sharing": True}, id="another record holds it"),
        pytest.param({"unmanageable": True}, id="the door does not let it be called"),
    ],
)
def test_a_surplus_client_that_cannot_be_called_for_is_left_alone(values: dict[str, bool]) -> None:
    record = surplus()
    found: dict[str, Any] = {name: frozenset({record.surplus[0].key}) for name in values}
    action = plan(observed(record, live=True, **found), desired(), NOW + LIMITS.retry_slowly)
    assert isinstance(action, Wait)
    assert (action.verdict.reason, action.until) == (Reason.REGISTERED, None)
