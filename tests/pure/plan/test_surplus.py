"""Clients beside the published one, and a client that another record holds, too."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.names import Reason
from oauthclient_operator.oauth.outcome import Ambiguous
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import (
    Deregister,
    LeaveBehind,
    Publish,
    ReadResource,
    Recover,
    Wait,
)
from oauthclient_operator.plan.observed import Limits, Missing
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.clients import Ending, Previous
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.replacing import leave_behind
from oauthclient_operator.record.summary import left_behind_due
from oauthclient_operator.record.transitions import absorb, close, open_call
from tests.pure.plan.upkeep import CLIENT, RECORD, rejection
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


def test_one_answer_that_nothing_is_deregistered_there_leaves_no_surplus_client_behind() -> None:
    late = call(RECORD, CallKind.REGISTER, attempt=2)
    record = absorb(open_call(RECORD, late), late, information(**SECOND), {}, NOW)
    (surplus,) = record.surplus
    opened = open_call(record, call(record, CallKind.DEREGISTER, client=surplus.key))
    assert opened.open is not None
    unsupported = close(opened, opened.open, rejection(405, None), NOW)
    waits = plan(observed(unsupported, live=True), desired(), NOW)
    assert isinstance(waits, Wait)
    assert waits.until == NOW + LIMITS.retry_slowly
    again = plan(observed(unsupported, live=True), desired(), NOW + LIMITS.retry_slowly)
    assert isinstance(again, Deregister)
    over = NOW + LIMITS.release_after + timedelta(seconds=1)
    assert plan(observed(unsupported, live=True), desired(), over) == LeaveBehind(surplus.key)


def test_a_surplus_client_is_deregistered_with_the_token_before_at_once_where_the_newest_is_refused() -> None:
    late = call(RECORD, CallKind.REGISTER, attempt=2)
    record = absorb(open_call(RECORD, late), late, information(**SECOND), {}, NOW)
    before = Previous(registration_access_token=Confidential("before"))
    record = record.with_client(replace(record.surplus[0], previous=before))
    opened = open_call(record, call(record, CallKind.DEREGISTER, client=record.surplus[0].key))
    assert opened.open is not None
    action = plan(observed(close(opened, opened.open, rejection(401, "invalid_token"), NOW), live=True), desired(), NOW)
    assert isinstance(action, Deregister)
    assert action.client.information.registration_access_token == before.registration_access_token


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
    assert plan(observed(record), desired(), NOW) == Recover(CLIENT.key, 2)
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


def test_it_is_left_behind_when_its_time_is_over_and_not_at_the_next_look_after_that() -> None:
    record = surplus()
    over = NOW + timedelta(minutes=1)
    begun = replace(record.surplus[0], end=Ending(since=over - LIMITS.release_after))
    waits = plan(observed(record.with_client(begun), live=True), desired(), NOW)
    assert isinstance(waits, Wait)
    assert waits.until == over
    assert plan(observed(record.with_client(begun), live=True), desired(), over) == LeaveBehind(begun.key)


def test_where_a_process_was_gone_before_it_heard_the_next_one_tries_at_once_and_leaves_nothing_behind() -> None:
    record = surplus()
    made = call(record, CallKind.DEREGISTER, client=record.surplus[0].key)
    given_up = NOW + timedelta(days=1)
    closed = close(open_call(record, made), made, Ambiguous(cause="the operator stopped"), given_up)
    assert plan(observed(closed, live=True), desired(), given_up) == Deregister(closed.surplus[0])


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
    if "sharing" not in values:
        assert action == LeaveBehind(record.surplus[0].key)
        record = leave_behind(record, record.surplus[0].key, NOW)
        action = plan(observed(record, live=True), desired(), NOW + LIMITS.retry_slowly)
    assert isinstance(action, Wait)
    later = left_behind_due(record, record.clients[-1])
    assert (action.verdict.reason, action.until) == (Reason.REGISTERED, later)
