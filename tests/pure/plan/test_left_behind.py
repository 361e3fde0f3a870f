"""The ladder of a record whose resource is gone: what is kept, what is tried once a day, and what a person may ask."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from oauthclient_operator.names import Reason, RecordState
from oauthclient_operator.oauth.outcome import Ambiguous, Rejected
from oauthclient_operator.plan import pauses, plan
from oauthclient_operator.plan.action import (
    Abandon,
    Action,
    Amend,
    ConfirmRelease,
    DeleteRecord,
    Deregister,
    Gone,
    ReadRecord,
    ReadResource,
    Release,
    Rest,
    Retire,
    Wait,
)
from oauthclient_operator.plan.observed import Held, Limits, Missing, Observed, Problem, Unread
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.clients import Ended
from oauthclient_operator.record.record import Record, ReleaseOutcome
from oauthclient_operator.record.summary import LEFT_BEHIND_INTERVAL, Summary
from oauthclient_operator.record.transitions import absorb, close, confirm_release, open_call, release
from oauthclient_operator.resource.desired import DeletionPolicy
from oauthclient_operator.verdict.deregistering import without_resource
from oauthclient_operator.verdict.verdict import Verdict
from tests.pure.record.replacements import OVERLAP, promoted, shown, with_candidate
from tests.pure.values import (
    NOW,
    TIMEOUT,
    call,
    empty_record,
    information,
    published,
    registered_record,
    resource,
    stored,
)

LIMITS = Limits()
DAY, SECOND = LEFT_BEHIND_INTERVAL, timedelta(seconds=1)
RECORD = registered_record(at=NOW - 9 * DAY)
CLIENT = published(RECORD)
LOST = Ambiguous(cause="timeout")
CONFIRMED, RETAINED, UNCONFIRMED = ReleaseOutcome


def summary(state: str = RecordState.LEFT_BEHIND, due: datetime | None = NOW) -> Summary:
    return Summary(
        resource_version="8",
        state=state,
        confirmed=None,
        open_call=None,
        due=due,
        suspects=(),
        retry=None,
        refresh=None,
        client_labels={},
    )


def left(record: Record | Missing | Problem | Unread, **values: Any) -> Observed:
    """Return what is observed of a record whose resource is gone, once the record was read."""
    seen = stored(record) if isinstance(record, Record) else record
    return Observed(**{"resource": None, "live": True, "summary": summary(), "record": seen, **values})


def ended(record: Record) -> Record:
    return replace(record, clients=tuple(replace(c, end=Ended(at=NOW)) for c in record.clients))


def tried(record: Record, outcome: Ambiguous | Rejected = LOST, *, at: datetime = NOW) -> Record:
    """Return the record after a DELETE that did not work."""
    record = open_call(record, call(record, CallKind.DEREGISTER, client=CLIENT.key, at=at))
    assert record.open is not None
    return close(record, record.open, outcome, at)


def lost_attempt(record: Record) -> Record:
    """Return the record with one more attempt whose answer was lost, and no other client."""
    opened = open_call(record, call(record, CallKind.REGISTER))
    assert opened.open is not None
    return close(opened, opened.open, LOST, NOW)


def let_go(record: Record, outcome: ReleaseOutcome = UNCONFIRMED) -> Record:
    return release(record, outcome, NOW)


def second_client() -> Record:
    """Return a record that was let go with two clients."""
    late = call(RECORD, CallKind.REGISTER, attempt=2)
    other = information(client_id="c2", registration_client_uri="https://issuer.example/register/c2")
    return let_go(absorb(open_call(RECORD, late), late, other, {}, NOW))


OPEN = open_call(RECORD, call(RECORD, CallKind.UPDATE, client=CLIENT.key))
LEFT = let_go(RECORD)
KEPT = let_go(replace(RECORD, deletion="Retain"), RETAINED)
DEPARTING = let_go(replace(shown(), deletion="Retain"), RETAINED)
GONE = let_go(ended(RECORD), CONFIRMED)
LATE = replace(release(ended(RECORD), CONFIRMED, NOW), clients=RECORD.clients)
"""Confirmed, and then a late answer named a client."""
UNMANAGEABLE = let_go(registered_record(registration_access_token=None, registration_client_uri=None))
ASKED = {"asked_after": RECORD.next_call - 1}
REFUSED = Rejected(status=405, error=None, description=None, retry_after=None)
NEWER = Problem(Verdict(reason=Reason.CLUSTER_UNAVAILABLE, message="newer"))


@pytest.mark.parametrize(
    ("seen", "action"),
    [
        pytest.param(Observed(resource=Unread()), Gone(), id="no record, no resource: nothing"),
        pytest.param(left(Unread()), ReadRecord(), id="it is due: the record is read"),
        pytest.param(left(Missing()), Gone(), id="it is gone by now"),
        pytest.param(
            left(NEWER), Wait(verdict=NEWER.verdict, until=NOW + DAY), id="a newer operator's record is not touched"
        ),
        pytest.param(
            left(NEWER, **ASKED), Wait(verdict=NEWER.verdict, until=NOW + DAY), id="not even where a person asks"
        ),
        # Not let go.
        pytest.param(
            left(RECORD, resource=Unread(), live=False), ReadResource(), id="absence from a cache proves nothing"
        ),
        pytest.param(left(RECORD, resource=resource()), Rest(), id="a resource that lives has a pass of its own"),
        pytest.param(left(RECORD), Wait(verdict=without_resource()), id="vanished without the finalizer: reported"),
        pytest.param(left(ended(RECORD)), Release(CONFIRMED), id="vanished, and there is nothing to want back: let go"),
        pytest.param(left(empty_record()), Release(CONFIRMED), id="vanished before anything was called: let go"),
        pytest.param(
            left(lost_attempt(empty_record())),
            Wait(verdict=without_resource()),
            id="vanished with a suspect: reported",
        ),
        pytest.param(left(OPEN), Rest(until=NOW + TIMEOUT + LIMITS.margin), id="an open call may still be answered"),
        # Let go, and nothing is left.
        pytest.param(left(GONE), Rest(until=NOW + LIMITS.keep_released), id="a confirmed one stays for late answers"),
        pytest.param(left(let_go(ended(RECORD))), ConfirmRelease(), id="what was left behind is gone by now"),
        pytest.param(
            left(confirm_release(let_go(ended(RECORD)), NOW)),
            Rest(until=NOW + LIMITS.keep_released),
            id="then it is a confirmed one",
        ),
        # Let go, and a client may live on.
        pytest.param(left(LEFT), Deregister(CLIENT), id="never tried: it is due"),
        pytest.param(left(LATE), Deregister(CLIENT), id="confirmed, but a late answer named a client"),
        pytest.param(
            left(tried(LEFT, at=NOW - DAY + SECOND)), Rest(until=NOW + DAY), id="tried less than a day ago: not yet"
        ),
        pytest.param(
            left(tried(LEFT, at=NOW - DAY)),
            Deregister(published(tried(LEFT, at=NOW - DAY))),
            id="tried a day ago: once more",
        ),
        pytest.param(
            left(tried(LEFT, REFUSED, at=NOW - DAY)),
            Deregister(published(tried(LEFT, REFUSED, at=NOW - DAY))),
            id="not supported, a day ago: once more, for what stood before the server may have said it",
        ),
        pytest.param(
            left(tried(second_client())),
            Deregister(second_client().clients[1]),
            id="one was tried: the other client is next",
        ),
        pytest.param(left(UNMANAGEABLE), Rest(until=NOW + DAY), id="without management no call can help"),
        pytest.param(
            left(LEFT, sharing=frozenset({CLIENT.key})), Rest(until=NOW + DAY), id="another record holds the client"
        ),
        pytest.param(
            left(LEFT, unmanageable=frozenset({CLIENT.key})), Rest(until=NOW + DAY), id="the door does not let it"
        ),
        pytest.param(
            left(let_go(lost_attempt(empty_record()))), Rest(until=NOW + DAY), id="a suspect cannot be called for"
        ),
        pytest.param(left(KEPT), Rest(until=NOW + DAY), id="Retain calls nothing"),
        pytest.param(left(DEPARTING), Rest(until=NOW + OVERLAP), id="Retain: what leaves is good until its date"),
        pytest.param(
            left(let_go(replace(shown(at=NOW - OVERLAP), deletion="Retain"), RETAINED)),
            Retire(DEPARTING.leaving[0].pair),
            id="Retain: then it is needed no longer",
        ),
        pytest.param(
            left(let_go(replace(promoted(), deletion="Retain"), RETAINED)),
            Rest(until=NOW + DAY),
            id="Retain: what the Secret may still show stays",
        ),
        pytest.param(
            left(let_go(replace(with_candidate(), deletion="Retain"), RETAINED)),
            Deregister(with_candidate().clients[1]),
            id="Retain: what nobody was shown is ended",
        ),
        pytest.param(
            left(open_call(LEFT, call(LEFT, CallKind.DEREGISTER, client=CLIENT.key))),
            Rest(until=NOW + TIMEOUT + LIMITS.margin),
            id="let go with an open call: it may still be answered",
        ),
        # A person asks.
        pytest.param(
            left(LEFT, resource=Unread(), live=False, **ASKED),
            ReadResource(),
            id="asked: it is looked whether it lives",
        ),
        pytest.param(left(LEFT, resource=resource(), **ASKED), Rest(), id="asked: not for one that lives"),
        pytest.param(left(LEFT, resource=Unread(), live=False), Deregister(CLIENT), id="let go: no more look at it"),
        pytest.param(left(RECORD, **ASKED), Deregister(CLIENT), id="asked: also what was never let go"),
        pytest.param(
            left(KEPT, **ASKED), Amend(deletion=DeletionPolicy.DELETE, secret=None), id="asked: whatever the policy was"
        ),
        pytest.param(
            left(replace(RECORD, deletion="Retain"), **ASKED),
            Amend(deletion=DeletionPolicy.DELETE, secret=None),
            id="asked: also one that vanished with Retain",
        ),
        pytest.param(
            left(tried(LEFT), asked_after=tried(LEFT).next_call - 1),
            Deregister(published(tried(LEFT))),
            id="asked: at once, if it was tried before that, whatever another machine's clock said then",
        ),
        pytest.param(left(tried(LEFT), **ASKED), Rest(until=NOW + DAY), id="asked: once"),
        pytest.param(left(tried(RECORD), **ASKED), Release(CONFIRMED), id="asked and tried: then it is let go"),
        pytest.param(left(ended(RECORD), **ASKED), Release(CONFIRMED), id="asked, and nothing is left: let go"),
        pytest.param(left(let_go(ended(RECORD)), **ASKED), ConfirmRelease(), id="asked, and all are gone: confirmed"),
        pytest.param(
            left(GONE, **ASKED), Rest(until=NOW + LIMITS.keep_released), id="asked: a confirmed one is left alone"
        ),
        pytest.param(
            left(LEFT, sharing=frozenset({CLIENT.key}), **ASKED),
            Rest(until=NOW + DAY),
            id="asked: not what another record holds",
        ),
    ],
)
def test_the_next_step_of_a_record_whose_resource_is_gone(seen: Observed, action: Action) -> None:
    assert plan(seen, None, NOW) == action


@pytest.mark.parametrize("record", [OPEN, open_call(LEFT, call(LEFT, CallKind.DEREGISTER, client=CLIENT.key))])
@pytest.mark.parametrize("asked", [{}, ASKED])
def test_an_open_call_is_given_up_after_its_deadline_and_a_margin(record: Record, asked: dict[str, Any]) -> None:
    over = NOW + TIMEOUT + LIMITS.margin
    assert plan(left(record, **asked), None, over - SECOND) == Rest(until=over)
    assert record.open is not None
    assert plan(left(record, **asked), None, over) == Abandon(record.open)


def test_an_open_call_of_a_process_before_is_left_alone_for_some_seconds() -> None:
    began = NOW + 3 * TIMEOUT
    assert plan(left(OPEN, began_at=began), None, began) == Rest(until=began + pauses.HANDOVER)


def test_a_confirmed_record_is_deleted_when_no_late_answer_can_come_any_more() -> None:
    over = NOW + LIMITS.keep_released
    assert plan(left(GONE), None, over - SECOND) == Rest(until=over)
    assert plan(left(GONE), None, over) == DeleteRecord()
    assert plan(left(LATE), None, over + DAY) == Deregister(CLIENT), "never with a client that may live on"


@pytest.mark.parametrize(
    ("values", "until"),
    [
        pytest.param({"summary": summary(due=NOW + SECOND)}, NOW + SECOND, id="left behind, and not due"),
        pytest.param({"summary": summary(due=NOW)}, None, id="left behind, and due"),
        pytest.param(
            {"summary": summary(due=NOW + 2 * DAY)}, None, id="left behind, and due by a clock that was ahead"
        ),
        pytest.param({"summary": summary(due=None)}, None, id="left behind, and nobody knows when it is due"),
        pytest.param(
            {"summary": summary(RecordState.RELEASED, NOW)}, NOW + LIMITS.keep_released, id="let go a moment ago"
        ),
        pytest.param(
            {"summary": summary(RecordState.RELEASED, NOW - LIMITS.keep_released)}, None, id="let go for good"
        ),
        *(
            pytest.param({"summary": summary(state, NOW + DAY)}, None, id=f"not let go: {state}")
            for state in (RecordState.OPEN, RecordState.HELD, RecordState.REGISTERED)
        ),
        pytest.param({"rests_until": NOW + SECOND}, NOW + SECOND, id="there was nothing to do a moment ago"),
        pytest.param({"rests_until": NOW}, None, id="there was nothing to do, but that is over"),
        pytest.param(
            {"rests_until": NOW, "summary": summary(due=NOW + DAY)},
            NOW + DAY,
            id="there was nothing to do, that is over, and it is not due",
        ),
        pytest.param({"held": Held(NEWER.verdict, NOW + SECOND)}, NOW + SECOND, id="something failed a moment ago"),
    ],
)
def test_what_is_known_from_the_watch_alone(values: dict[str, Any], until: datetime | None) -> None:
    seen = left(Unread(), resource=Unread(), live=False, **values)
    assert plan(seen, None, NOW) == (ReadRecord() if until is None else Rest(until=until))
    asked = left(Unread(), resource=Unread(), live=False, **{**values, **ASKED})
    # A person's word does not wait for a day, but for what failed a moment ago.
    expected = Rest(until=until) if asked.held is not None else ReadRecord()
    assert plan(asked, None, NOW) == expected
