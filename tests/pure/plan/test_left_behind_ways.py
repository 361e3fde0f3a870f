"""A person asks that a client be deregistered: each address and token that it can be managed with has its turn."""

from dataclasses import replace
from datetime import timedelta

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.oauth.outcome import Ambiguous, Rejected
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import Deregister, Rest
from oauthclient_operator.plan.observed import Observed
from oauthclient_operator.record.calls import CallKind, fingerprint
from oauthclient_operator.record.clients import Previous
from oauthclient_operator.record.management import to_be_called
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.summary import LEFT_BEHIND_INTERVAL
from oauthclient_operator.record.transitions import close, open_call
from tests.pure.plan.test_left_behind import left, let_go
from tests.pure.values import NOW, TIMEOUT, call, published, registered_record

BEFORE = Previous(
    registration_client_uri="https://issuer.example/register/before", registration_access_token=Confidential("r0")
)
SECOND = timedelta(seconds=1)


def managed_otherwise_before() -> Record:
    record = registered_record(at=NOW - timedelta(days=9))
    return let_go(record.with_client(replace(published(record), previous=BEFORE)))


def tried(record: Record, outcome: Rejected | Ambiguous) -> Record:
    """Return the record after a DELETE by the way whose turn it is, begun now."""
    way = to_be_called(record, published(record), CallKind.DEREGISTER)
    used = {
        "endpoint": way.information.registration_client_uri,
        "bearer": fingerprint(way.information.registration_access_token),
    }
    record = open_call(record, call(record, CallKind.DEREGISTER, client=way.key, at=NOW, **used))
    assert record.open is not None
    return close(record, record.open, outcome, NOW)


def asked(record: Record) -> Observed:
    """Return what is observed of a record where a person asked before any of this was tried."""
    return left(record, asked_after=managed_otherwise_before().next_call - 1)


def refused(status: int) -> Rejected:
    return Rejected(status=status, error=None, description=None, retry_after=None)


@pytest.mark.parametrize("status", [404, 401], ids=["the address before", "the token before"])
def test_the_other_way_is_taken_in_the_same_run_and_then_no_more(status: int) -> None:
    record = tried(managed_otherwise_before(), refused(status))
    way = to_be_called(record, published(record), CallKind.DEREGISTER)
    assert way.information != published(record).information
    assert plan(asked(record), None, NOW + TIMEOUT) == Deregister(way)
    again = tried(record, refused(status))
    assert isinstance(plan(asked(again), None, NOW + TIMEOUT), Rest)


@pytest.mark.parametrize(
    "outcome", [refused(403), refused(429), Ambiguous(cause="timeout")], ids=["403", "429", "no answer"]
)
def test_what_is_not_about_the_way_is_tried_once_in_a_run(outcome: Rejected | Ambiguous) -> None:
    record = tried(managed_otherwise_before(), outcome)
    assert isinstance(plan(asked(record), None, NOW + TIMEOUT), Rest)


def test_nobody_asked_and_the_other_way_has_its_turn_a_day_later() -> None:
    record = tried(managed_otherwise_before(), refused(404))
    assert plan(left(record), None, NOW + LEFT_BEHIND_INTERVAL - SECOND) == Rest(
        until=NOW + 2 * LEFT_BEHIND_INTERVAL - SECOND
    )
    way = to_be_called(record, published(record), CallKind.DEREGISTER)
    assert plan(left(record), None, NOW + LEFT_BEHIND_INTERVAL) == Deregister(way)
