"""The ladder of a resource that is being deleted; each row is a sentence about what is done next, and why."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from oauthclient_operator.errors import Retry
from oauthclient_operator.names import Reason
from oauthclient_operator.oauth.outcome import Ambiguous, Rejected
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import (
    Abandon,
    Deregister,
    Gone,
    ReadRecord,
    ReadResource,
    RecordLoss,
    Release,
    RemoveFinalizer,
    Wait,
)
from oauthclient_operator.plan.observed import Held, Missing, Observed, Problem
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.record import Record, ReleaseOutcome
from oauthclient_operator.record.transitions import absorb, close, open_call, release
from oauthclient_operator.verdict.verdict import Verdict
from tests.pure.plan.upkeep import updated
from tests.pure.record.replacements import shown, with_candidate
from tests.pure.values import (
    NOW,
    TIMEOUT,
    call,
    desired,
    empty_record,
    observed,
    published,
    registered_record,
    resource,
)

LOST = Ambiguous(cause="timeout", salvage={})
RECORD = registered_record()
CLIENT = published(RECORD)
RETAIN = {"spec": {"policy": {"deletion": "Retain"}}}


def rejection(status: int, error: str | None = None) -> Rejected:
    return Rejected(status=status, error=error, description=None, retry_after=None)


def going(record: Record | Missing | None = None, **values: Any) -> Observed:
    """Return what is observed of a resource that is being deleted, read live."""
    return observed(record, **{"resource": resource(deleting=True), "live": True, **values})


def deregistering(record: Record, *outcomes: Any, at: datetime = NOW) -> Record:
    """Return the record after a DELETE per outcome."""
    for outcome in outcomes:
        record = open_call(record, call(record, CallKind.DEREGISTER, client=published(record).key, at=at))
        assert record.open is not None
        record = close(record, record.open, outcome, at)
    return record


def deregistered(record: Record) -> Record:
    opened = open_call(record, call(record, CallKind.DEREGISTER, client=published(record).key))
    assert opened.open is not None
    return absorb(opened, opened.open, None, {}, NOW)


def lost_attempt() -> Record:
    opened = open_call(empty_record(), call(empty_record(), CallKind.REGISTER))
    assert opened.open is not None
    return close(opened, opened.open, LOST, NOW)


@pytest.mark.parametrize(
    ("seen", "asks", "kind"),
    [
        pytest.param(
            going(resource=resource(deleting=True, finalizer=False)),
            {},
            Gone,
            id="without our finalizer nothing is ours to do",
        ),
        pytest.param(
            going(resource=replace(resource(deleting=True), finalizers=("foregroundDeletion", "orphan"))),
            {},
            Gone,
            id="what the garbage collector puts there goes in a moment",
        ),
        pytest.param(
            going(resource=replace(resource(deleting=True), finalizers=("example.com/other",))),
            {},
            Wait,
            id="while others hold it it is said that we are done",
        ),
        pytest.param(going(RECORD, live=False), {}, ReadResource, id="the resource is read live first"),
        pytest.param(going(record=None), {}, ReadRecord, id="absence from a cache proves nothing"),
        pytest.param(going(Missing()), {}, RemoveFinalizer, id="what was never registered goes at once"),
        pytest.param(
            going(Missing(), resource=resource(deleting=True, status={"clientID": "c1"})),
            {},
            RecordLoss,
            id="a client whose record is missing is written down before the resource goes",
        ),
        pytest.param(
            going(
                Missing(),
                resource=resource(
                    deleting=True,
                    status={
                        "suspectedOrphans": [
                            {
                                "attempt": 1,
                                "issuer": "https://issuer.example",
                                "sentAt": "2026-01-01T00:00:00Z",
                                "until": "2026-01-01T00:00:20Z",
                            }
                        ]
                    },
                ),
            ),
            {},
            RecordLoss,
            id="so is a lost answer that the status alone names",
        ),
        pytest.param(going(RECORD), {}, Deregister, id="the client is deregistered"),
        pytest.param(going(replace(RECORD, deletion="Retain")), RETAIN, Release, id="Retain calls nothing"),
        pytest.param(
            going(replace(shown(), deletion="Retain")), RETAIN, Release, id="Retain calls nothing for what leaves"
        ),
        pytest.param(
            going(replace(with_candidate(), deletion="Retain")),
            RETAIN,
            Deregister,
            id="Retain ends a client that nobody was shown",
        ),
        pytest.param(
            going(replace(with_candidate(), deletion="Retain", pair=None)),
            RETAIN,
            Release,
            id="Retain ends nothing where it is not known what is published",
        ),
        pytest.param(going(deregistered(RECORD)), {}, Release, id="then the record says so"),
        pytest.param(
            going(release(RECORD, ReleaseOutcome.CONFIRMED, NOW)), {}, RemoveFinalizer, id="then the finalizer goes"
        ),
        pytest.param(
            going(registered_record(registration_access_token=None, registration_client_uri=None)),
            {},
            Release,
            id="without management no call can help",
        ),
        pytest.param(going(deregistering(RECORD, rejection(405))), {}, Release, id="405 ends it at once"),
        pytest.param(
            going(RECORD, sharing=frozenset({CLIENT.key})),
            {},
            Release,
            id="a client that another record holds is not deleted",
        ),
        pytest.param(
            going(RECORD, unmanageable=frozenset({CLIENT.key})), {}, Release, id="another origin is not called"
        ),
        pytest.param(going(lost_attempt()), {}, Release, id="a lost attempt is left behind in the record"),
        pytest.param(
            going(deregistering(updated(RECORD, rejection(401, "invalid_token")), rejection(401, "invalid_token"))),
            {},
            Release,
            id="with the token refused twice no call can help",
        ),
    ],
)
def test_the_next_step_of_a_deletion(seen: Observed, asks: dict[str, Any], kind: type) -> None:
    action = plan(seen, desired(deleting=True, **asks), NOW)
    assert type(action) is kind


@pytest.mark.parametrize(
    ("record", "outcome"),
    [
        pytest.param(deregistered(RECORD), ReleaseOutcome.CONFIRMED, id="204 confirms"),
        pytest.param(
            deregistering(RECORD, LOST, rejection(401, "invalid_token")),
            ReleaseOutcome.CONFIRMED,
            id="401 to the repetition of a lost DELETE confirms",
        ),
        pytest.param(
            deregistering(RECORD, LOST, rejection(404, "not_found")),
            ReleaseOutcome.CONFIRMED,
            id="404 to the repetition of a lost DELETE confirms",
        ),
        pytest.param(
            deregistering(RECORD, LOST, rejection(400, "access_denied")),
            ReleaseOutcome.CONFIRMED,
            id="400 access_denied likewise, at Authlib's kin",
        ),
        pytest.param(deregistering(RECORD, rejection(405)), ReleaseOutcome.UNCONFIRMED, id="405 confirms nothing"),
        pytest.param(lost_attempt(), ReleaseOutcome.UNCONFIRMED, id="a suspect is reported"),
    ],
)
def test_how_it_is_let_go(record: Record, outcome: ReleaseOutcome) -> None:
    action = plan(going(record), desired(deleting=True), NOW)
    assert isinstance(action, Release)
    assert action.outcome is outcome
    assert (action.verdict is None) == (outcome is ReleaseOutcome.CONFIRMED)


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(deregistering(RECORD, rejection(401, "invalid_token")), id="a 401 alone never means gone"),
        pytest.param(
            deregistering(RECORD, rejection(401, "invalid_token"), LOST, rejection(401, "invalid_token")),
            id="a refused DELETE confirms nothing, then or later",
        ),
        pytest.param(
            deregistering(updated(RECORD, LOST), LOST, rejection(401, "invalid_token")),
            id="with an update unresolved a 401 says nothing",
        ),
        pytest.param(deregistering(RECORD, LOST), id="a lost answer confirms nothing"),
        pytest.param(
            deregistering(RECORD, rejection(404)), id="a page that is not there is what stands before a server"
        ),
        pytest.param(deregistering(RECORD, LOST, rejection(404)), id="nor does such a page confirm a lost one"),
        pytest.param(deregistering(RECORD, rejection(403, "insufficient_scope")), id="nor does a refusal"),
    ],
)
def test_an_unconfirmed_deregistration_is_tried_until_the_patience_ends(record: Record) -> None:
    assert isinstance(plan(going(record), desired(deleting=True), NOW), Deregister)
    held = Held(Verdict(reason=Reason.DELETION_UNCONFIRMED, message=""), NOW + timedelta(minutes=1))
    waits = plan(going(record, held=held), desired(deleting=True), NOW)
    assert isinstance(waits, Wait)
    assert (waits.verdict.reason, waits.until) == (Reason.DELETION_UNCONFIRMED, held.until)
    over = plan(going(record, held=held), desired(deleting=True), NOW + timedelta(hours=1))
    assert isinstance(over, Release)
    assert over.outcome is ReleaseOutcome.UNCONFIRMED


def test_a_call_of_a_process_that_was_gone_before_it_heard_is_made_once_more_however_long_ago_it_began() -> None:
    given_up = NOW + timedelta(days=1)
    record = open_call(RECORD, call(RECORD, CallKind.DEREGISTER, client=CLIENT.key))
    assert record.open is not None
    assert plan(going(record), desired(deleting=True), given_up) == Abandon(record.open)
    record = close(record, record.open, LOST, given_up)
    assert isinstance(plan(going(record), desired(deleting=True), given_up), Deregister)
    held = Held(Verdict(reason=Reason.DELETION_UNCONFIRMED, message=""), given_up + timedelta(minutes=1))
    waits = plan(going(record, held=held), desired(deleting=True), given_up)
    assert isinstance(waits, Wait)
    assert waits.until == held.until
    # Somebody who lived has tried, and heard as little.
    tried = deregistering(record, LOST, at=given_up)
    over = plan(going(tried), desired(deleting=True), given_up)
    assert isinstance(over, Release)
    assert over.outcome is ReleaseOutcome.UNCONFIRMED


def test_an_open_call_is_waited_for_and_then_given_up() -> None:
    record = open_call(RECORD, call(RECORD, CallKind.UPDATE, client=CLIENT.key))
    assert record.open is not None
    assert isinstance(plan(going(record), desired(deleting=True), NOW), Wait)
    assert plan(going(record), desired(deleting=True), NOW + TIMEOUT + timedelta(seconds=5)) == Abandon(record.open)
    # Whoever made it may have the answer, and record it in the first seconds of who takes over.
    began = NOW + 3 * TIMEOUT
    taken_over = plan(going(record, began_at=began), desired(deleting=True), began)
    assert isinstance(taken_over, Wait)
    assert taken_over.until == began + timedelta(seconds=10)


def test_a_record_of_a_newer_operator_is_not_touched() -> None:
    problem = Problem(Verdict(reason=Reason.CLUSTER_UNAVAILABLE, message=""), Retry.SLOWLY)
    action = plan(replace(going(), record=problem), desired(deleting=True), NOW)
    assert isinstance(action, Wait)
