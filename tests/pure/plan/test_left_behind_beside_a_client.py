"""Clients that a resource left behind while it lives: tried once a day where something can be called for them."""

import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from oauthclient_operator.names import Reason
from oauthclient_operator.oauth.outcome import Ambiguous
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import (
    Action,
    Deregister,
    PassOn,
    ReadClientInformation,
    ReadRecord,
    ReadResource,
    ReadSecret,
    Rest,
    Wait,
)
from oauthclient_operator.plan.observed import Held, Left, Problem, Unread
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.clients import Alive, Client, LeftBehind
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.replacing import leave_behind
from oauthclient_operator.record.summary import left_behind_due
from oauthclient_operator.record.transitions import absorb, close, open_call
from oauthclient_operator.resource.client_information_secret import HandedOver
from oauthclient_operator.verdict.verdict import Verdict
from tests.pure.plan.upkeep import RECORD
from tests.pure.values import ISSUER, NOW, at_rest, call, desired, information, observed, resource, secret

DAY: Final = timedelta(days=1)
ADOPTS: Final[dict[str, Any]] = {"spec": {"adopt": {"secretRef": {"name": "web-client"}}}}
DOWN: Final = Verdict(reason=Reason.ISSUER_UNAVAILABLE, message="down")


def left(**members: Any) -> Record:
    """Return a record with a client beside the published one that was left behind now."""
    late = call(RECORD, CallKind.REGISTER, attempt=2)
    second = {"client_id": "c2", "registration_client_uri": f"{ISSUER}/register/c2", **members}
    record = absorb(open_call(RECORD, late), late, information(**second), {}, NOW)
    record = leave_behind(record, record.surplus[0].key, NOW)
    return replace(record, secrets=("web",))


def second(record: Record) -> Client:
    return record.clients[-1]


LEFT: Final = left()
DUE: Final = left_behind_due(LEFT, second(LEFT)) or NOW
AGAIN: Final = Deregister(second(LEFT), again=True)


def step(
    record: Record = LEFT, after: timedelta = timedelta(), asks: dict[str, Any] | None = None, **seen: Any
) -> Action:
    """Return the next step when it is due, or so long after that."""
    asks = asks or {}
    return plan(observed(record, **{"live": True, "resource": resource(**asks), **seen}), desired(**asks), DUE + after)


def test_it_is_due_a_day_after_it_was_left_and_some_hours_that_are_others_for_each_resource() -> None:
    assert NOW + DAY <= DUE <= NOW + 1.1 * DAY
    others = (replace(LEFT, subject=replace(LEFT.subject, uid=f"uid-{number}")) for number in range(50))
    dates = {left_behind_due(other, second(other)) for other in others}
    assert len(dates) == 50
    assert all(at is not None and NOW + DAY <= at <= NOW + 1.1 * DAY for at in dates)


def test_until_then_the_resource_is_at_rest() -> None:
    known = replace(at_rest(LEFT), left=Left(DUE))
    assert plan(known, desired(), NOW) == Rest(until=DUE)
    assert plan(known, desired(), DUE) == ReadRecord()
    assert plan(replace(known, left=Left(None)), desired(), NOW + 99 * DAY) == Rest(until=None)
    waits = plan(observed(LEFT, live=True), desired(), NOW)
    assert isinstance(waits, Wait)
    assert (waits.verdict.reason, waits.until) == (Reason.REGISTERED, DUE)


def test_a_process_that_begins_looks_at_it_within_a_day() -> None:
    begun = replace(at_rest(LEFT), began_at=NOW)
    rests = plan(begun, desired(), NOW)
    assert isinstance(rests, Rest)
    assert rests.until is not None
    assert NOW < rests.until < NOW + DAY
    assert plan(begun, desired(), rests.until) == ReadRecord()
    nothing = replace(at_rest(RECORD), began_at=NOW - 9 * DAY)
    assert plan(nothing, desired(), NOW) == Rest(until=None), "without one there is nothing to look for"


@pytest.mark.parametrize(
    "record",
    [
        left(registration_access_token=None),
        left(registration_client_uri=None),
        LEFT.with_client(replace(second(LEFT), end=Alive())),
    ],
    ids=["without a token", "without an address", "in use again"],
)
def test_what_cannot_be_called_for_or_was_not_left_costs_nothing(record: Record) -> None:
    assert left_behind_due(record, second(record)) is None


def test_what_a_pair_needs_by_now_was_not_left() -> None:
    needed = replace(LEFT, pair=replace(LEFT.pair, client=second(LEFT).key)) if LEFT.pair else LEFT
    assert left_behind_due(needed, second(needed)) is None


def test_it_is_deregistered_after_live_reads_of_the_resource_and_its_secret() -> None:
    assert step(live=False) == ReadResource()
    assert step(secret=Unread()) == ReadSecret("web")
    assert step() == AGAIN


def test_what_the_secret_shows_is_not_ended_whoever_put_it_there() -> None:
    shown = secret(LEFT)
    data = {**shown.data, "client_id": base64.b64encode(b"c2").decode()}
    assert not isinstance(step(secret=replace(shown, data=data)), Deregister)


def test_what_a_secret_may_hand_over_is_not_ended() -> None:
    handed = HandedOver(issuer=ISSUER, information=information(client_id="c2"), fingerprint="f")
    missing = Problem(Verdict(reason=Reason.ADOPTION_FAILED, message="missing"))
    assert step(asks=ADOPTS) == ReadClientInformation("web-client")
    assert not isinstance(step(asks=ADOPTS, handed_over=handed), Deregister)
    assert not isinstance(step(asks=ADOPTS, handed_over=missing), Deregister)
    other = HandedOver(issuer=ISSUER, information=information(client_id="c3"), fingerprint="f")
    assert step(asks=ADOPTS, handed_over=other) == AGAIN


def until(action: Action) -> Any:
    assert isinstance(action, Wait)
    return action.until


def test_it_waits_where_another_record_has_it_and_for_its_issuer() -> None:
    key, soon = second(LEFT).key, DUE + timedelta(seconds=10)
    assert step(newer_elsewhere=frozenset({key})) == PassOn(key)
    assert until(step(sharing=frozenset({key}))) == DUE + DAY
    assert until(step(unmanageable=frozenset({key}))) == DUE + DAY
    assert until(step(ended_elsewhere={key: soon})) == soon
    assert until(step(held_back={ISSUER: Held(DOWN, soon)})) == soon


def test_where_it_does_not_work_it_stays_left_behind_and_is_tried_a_day_later() -> None:
    made = call(LEFT, CallKind.DEREGISTER, client=second(LEFT).key, at=DUE)
    record = open_call(LEFT, made, again=True)
    assert second(record).end == second(LEFT).end
    record = close(record, made, Ambiguous(cause="timeout"), DUE)
    assert second(record).end == LeftBehind(at=NOW, lost=True)
    assert until(step(record)) == DUE + (DUE - NOW)
    assert step(record, DUE - NOW) == Deregister(second(record), again=True)
