"""What follows an attempt at a registration that brought no client: when the next one is made, and what ends a wait."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.exchange import NotSent
from oauthclient_operator.names import Reason
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import (
    Abandon,
    Discover,
    ReadInitialAccessToken,
    Register,
    Settle,
    Wait,
)
from oauthclient_operator.plan.observed import Held, Unread
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.transitions import open_call
from oauthclient_operator.verdict.verdict import Verdict
from tests.pure.plan.registering import IDP_TOKEN, LOST, TOKEN, attempted, ready, rejection
from tests.pure.values import (
    NOW,
    TIMEOUT,
    UID,
    call,
    desired,
    empty_record,
    metadata,
    observed,
    resource,
    server,
)


def test_a_lost_answer_is_followed_by_another_attempt_after_its_deadline_and_a_fresh_discovery() -> None:
    record = attempted(LOST)
    suspect = record.suspects[0]
    early = plan(ready(record=observed(record).record), desired(), suspect.until + timedelta(seconds=4))
    assert isinstance(early, Wait)
    assert early.until is not None
    assert early.until > suspect.until + timedelta(seconds=5)
    stale = ready(record=observed(record).record, server_read_at=suspect.until)
    assert plan(stale, desired(), early.until) == Discover(suspect.until)
    assert isinstance(plan(ready(record=observed(record).record), desired(), early.until), Register)


def test_a_person_settles_the_newest_suspect_and_no_other() -> None:
    record = observed(attempted(LOST, LOST, LOST)).record
    for number, action in ((3, Settle(3)), (2, None), (4, None)):
        annotated = resource(annotations={"oauth-operator.dev/resolve": f"{UID}/{number}"})
        found = plan(ready(record=record, resource=annotated), desired(), NOW)
        assert found == action if action else isinstance(found, Wait)
    other = resource(annotations={"oauth-operator.dev/resolve": "another-uid/3"})
    assert isinstance(plan(ready(record=record, resource=other), desired(), NOW), Wait)


@pytest.mark.parametrize(
    ("outcome", "after", "waits"),
    [
        (rejection(), timedelta(minutes=14), True),
        (rejection(), timedelta(minutes=16), False),
        (rejection(401, "invalid_token"), timedelta(minutes=14), True),
        (rejection(retry_after=3000.0), timedelta(minutes=49), True),
        (rejection(429, None, retry_after=60.0), timedelta(seconds=59), True),
        (rejection(429, None, retry_after=60.0), timedelta(seconds=61), False),
        (NotSent(cause="connection refused"), timedelta(), False),
        (rejection(400, "use_dpop_nonce"), timedelta(minutes=14), True),
    ],
)
def test_how_long_a_refusal_is_waited_for(outcome: Any, after: timedelta, waits: bool) -> None:
    record = attempted(outcome)
    closed = record.closed[-1].at
    action = plan(ready(record=observed(record).record), desired(), closed + after)
    assert isinstance(action, Wait) is waits


def test_a_refusal_is_forgotten_when_the_spec_or_the_token_changes() -> None:
    record = attempted(rejection(401, "invalid_token"), credential="uid/1")
    seen = ready(record=observed(record).record, initial_access_token_version="uid/1", initial_access_token=IDP_TOKEN)
    soon = record.closed[-1].at + timedelta(seconds=1)
    assert isinstance(plan(seen, desired(spec=TOKEN), soon), Wait)
    assert isinstance(plan(replace(seen, initial_access_token_version="uid/2"), desired(spec=TOKEN), soon), Register)
    edited = desired(spec={**TOKEN, "clientMetadata": dict(metadata(client_name="other").members)})
    assert isinstance(plan(seen, edited, soon), Register)
    # The endpoint that the spec names is another one than the one that refused.
    same, other = (
        desired(spec={**TOKEN, "discovery": {"registrationEndpoint": url}})
        for url in (record.closed[-1].call.endpoint, f"{record.closed[-1].call.endpoint}/v2")
    )
    assert isinstance(plan(seen, same, soon), Wait)
    assert isinstance(plan(seen, other, soon), Register)


def test_where_no_watch_tells_the_token_is_looked_at_before_it_is_tried_again() -> None:
    record = attempted(rejection(401, "invalid_token"), credential="uid/1")
    unread = ready(record=observed(record).record, initial_access_token_version=Unread())
    soon = record.closed[-1].at + timedelta(seconds=1)
    assert plan(unread, desired(spec=TOKEN), soon) == ReadInitialAccessToken("idp-token")
    held = Held(Verdict(reason=Reason.ISSUER_UNAVAILABLE, message="no place"), soon + timedelta(seconds=5))
    assert isinstance(plan(replace(unread, held=held), desired(spec=TOKEN), soon), Wait), "no place: no look either"
    read = replace(unread, initial_access_token=IDP_TOKEN, initial_access_token_version="uid/1")
    assert isinstance(plan(read, desired(spec=TOKEN), soon), Wait)
    assert isinstance(plan(replace(read, initial_access_token_version="uid/2"), desired(spec=TOKEN), soon), Register)


def test_a_missing_registration_endpoint_is_looked_up_afresh_and_then_waited_for() -> None:
    record = attempted(rejection(404, None))
    closed = record.closed[-1].at
    stale = ready(record=observed(record).record, server_read_at=closed)
    soon = closed + timedelta(seconds=2)
    assert plan(stale, desired(), soon) == Discover(closed)
    assert isinstance(plan(ready(record=observed(record).record), desired(), soon), Wait)
    moved = server(registration_endpoint="https://issuer.example/other")
    assert isinstance(plan(ready(record=observed(record).record, server=moved), desired(), soon), Register)


def test_an_open_call_is_left_alone_until_its_deadline_and_then_given_up() -> None:
    record = open_call(empty_record(), call(empty_record(), CallKind.REGISTER))
    assert record.open is not None
    early = plan(observed(record), desired(), NOW + TIMEOUT)
    assert isinstance(early, Wait)
    assert early.until == NOW + TIMEOUT + timedelta(seconds=5)
    assert plan(observed(record), desired(), early.until) == Abandon(record.open)


def test_who_begins_to_act_later_leaves_it_alone_for_as_long_as_its_maker_takes_to_record_its_answer() -> None:
    record = open_call(empty_record(), call(empty_record(), CallKind.REGISTER))
    assert record.open is not None
    began = NOW + timedelta(minutes=2)
    early = plan(observed(record, began_at=began), desired(), began)
    assert isinstance(early, Wait)
    assert early.until == began + timedelta(seconds=10)
    assert plan(observed(record, began_at=began), desired(), early.until) == Abandon(record.open)
    # Its own calls are over when they are over.
    assert plan(observed(record, began_at=NOW), desired(), began) == Abandon(record.open)


def test_the_same_attempt_goes_on_after_a_refusal_and_the_next_begins_after_a_lost_answer() -> None:
    record = attempted(rejection(), NotSent(cause="no route"), LOST, rejection())
    assert [(a.number, a.suspect) for a in record.attempts] == [(1, True), (2, False)]
