"""A replacement goes by what asks for it now, and not by what it was begun for: what is said, where, and how soon."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from oauthclient_operator.errors import Retry
from oauthclient_operator.names import Reason
from oauthclient_operator.oauth.outcome import Ambiguous
from oauthclient_operator.plan.action import Register, ReturnTo, TurnBack, Wait
from oauthclient_operator.plan.observed import Problem
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.replacements import ReplacementReason, WithoutEffect
from oauthclient_operator.record.replacing import begin
from oauthclient_operator.record.transitions import close, open_call, settle
from oauthclient_operator.resource.terms import IssuerTerms
from oauthclient_operator.verdict.verdict import Verdict
from tests.pure.plan.replacing import DAY, OTHER, step
from tests.pure.record import replacements
from tests.pure.record.replacements import begun, promoted, replacement, shown, with_candidate
from tests.pure.record.steps import refused
from tests.pure.values import ISSUER, METADATA, NOW, call, metadata, published, registered_record

RECORD: Final = registered_record()
EXPIRING: Final = registered_record(client_secret_expires_at=int((NOW + 30 * DAY).timestamp()))
EXPIRY: Final = (ReplacementReason.EXPIRY,)
DUE: Final = NOW + 20 * DAY
INVALID: Final[dict[str, Any]] = {"spec": {"clientMetadata": {**METADATA, "redirect_uris": ["not a URI"]}}}
EDITED: Final[dict[str, Any]] = {"spec": {"clientMetadata": {**METADATA, "client_name": "shop"}}}


def lost(record: Record) -> Record:
    assert record.open is not None
    return close(record, record.open, Ambiguous(cause="timeout", salvage={}), NOW + timedelta(minutes=1))


def test_what_nothing_came_of_for_one_reason_keeps_no_other_one_waiting() -> None:
    keyed = WithoutEffect(times=9, at=DUE, reasons=(ReplacementReason.KEY_CHANGED,))
    assert isinstance(step(replace(EXPIRING, without_effect=keyed), DUE), Register)
    both = WithoutEffect(times=9, at=DUE, reasons=(ReplacementReason.EXPIRY, ReplacementReason.KEY_CHANGED))
    assert isinstance(step(replace(EXPIRING, without_effect=both), DUE), Register), "an edit took the other one away"


def test_of_what_an_edit_took_away_nothing_is_said_any_more() -> None:
    keyed = WithoutEffect(times=9, at=NOW, reasons=(ReplacementReason.KEY_CHANGED,))
    action = step(replace(RECORD, without_effect=keyed), NOW)
    assert isinstance(action, Wait)
    assert (action.verdict.reason, action.renewal and action.renewal.verdict) == (Reason.REGISTERED, None)


def test_what_asks_by_now_decides_what_is_said_and_not_what_it_was_begun_for() -> None:
    record = begun(EXPIRING, (ReplacementReason.KEY_CHANGED,), at=NOW)
    assert record.open is not None
    made = replacements.asking(record.open, metadata(client_name="shop"))
    record = close(replace(record, open=made), made, refused(400, error="invalid_client_metadata"), NOW)
    found = step(record, DUE, **EDITED)
    assert isinstance(found, Register)
    assert (found.metadata, found.begins) == (metadata(), None)


def in_vain(times: int) -> Record:
    """Return a record whose replacement lost so many answers to an edit that nobody has confirmed."""
    record = EXPIRING
    for _ in range(times):
        record = begin(record, replacement(record, EXPIRY, DUE))
        made = replacements.asking(call(record, CallKind.REGISTER, at=DUE), metadata(client_name="shop"))
        record = lost(open_call(record, made))
    return record


@pytest.mark.parametrize(("times", "name"), [(1, "shop"), (2, "web")])
def test_the_last_attempt_says_what_was_accepted_before(times: int, name: str) -> None:
    action = step(in_vain(times), DUE + 8 * DAY, **EDITED)
    assert isinstance(action, Register)
    assert action.metadata == (metadata(client_name="shop") if name == "shop" else metadata())


def test_what_was_lost_of_an_edit_is_not_lost_once_more_with_the_next_renewal() -> None:
    record = replace(in_vain(2), replacement=None)
    action = step(record, DUE + 8 * DAY, **EDITED)
    assert isinstance(action, Register)
    assert action.metadata == metadata()
    settled = settle(record, record.suspects[-1].number)
    action = step(settled, DUE + 8 * DAY, **EDITED)
    assert isinstance(action, Register)
    assert action.metadata == metadata(client_name="shop"), "a person has looked for what they made"


def test_a_person_returns_to_what_leaves_also_while_another_one_is_registered() -> None:
    record = shown(promoted(with_candidate()))
    moved = record.with_client(replace(published(record), issuer=OTHER))
    waiting = lost(begun(moved, (ReplacementReason.MOVED,)))
    assert step(waiting, NOW + DAY / 2) == ReturnTo(record.leaving[0].pair)


def test_where_a_move_comes_to_nothing_its_own_issuer_is_asked_when_the_secret_expires() -> None:
    elsewhere: dict[str, Any] = {"spec": {"issuer": OTHER, **INVALID["spec"]}}
    assert isinstance(step(EXPIRING, NOW, **elsewhere), Wait)
    action = step(EXPIRING, DUE, **elsewhere)
    assert isinstance(action, TurnBack)
    turned = action.turned
    assert turned is not None
    assert (turned.terms, turned.verdict.reason) == (IssuerTerms(issuer=ISSUER), Reason.INVALID_SPEC)
    found = step(EXPIRING, DUE, seen={"turned": turned}, **elsewhere)
    assert isinstance(found, Register)
    assert (found.metadata, found.signing) == (metadata(), None)
    assert found.begins is not None
    assert found.begins.reasons == (ReplacementReason.MOVED, ReplacementReason.EXPIRY)
    down = Problem(Verdict(reason=Reason.ISSUER_UNAVAILABLE, message="down"), Retry.BACKOFF)
    both = step(EXPIRING, DUE, seen={"turned": turned, "server": down}, **elsewhere)
    assert isinstance(both, Wait)
    assert both.verdict.reason is Reason.INVALID_SPEC


@pytest.mark.parametrize(("days", "turns"), [(20, False), (26, False), (27.5, True), (31, True)])
def test_an_issuer_that_is_only_away_is_waited_for_while_there_is_time(days: float, turns: bool) -> None:
    down = Problem(Verdict(reason=Reason.ISSUER_UNAVAILABLE, message="down"), Retry.BACKOFF)
    action = step(EXPIRING, NOW + days * DAY, seen={"server": down}, spec={"issuer": OTHER})
    assert isinstance(action, TurnBack if turns else Wait)
