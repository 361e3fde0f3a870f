"""Every branch of a replacement: begun, registered, brought to the spec, promoted, given up, withdrawn, ended."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from oauthclient_operator.errors import Retry
from oauthclient_operator.names import ROTATE_ANNOTATION, Reason
from oauthclient_operator.oauth.outcome import Ambiguous
from oauthclient_operator.plan.action import (
    AddFinalizer,
    EndReplacement,
    Register,
    Rehearse,
    ReturnTo,
    Show,
    Wait,
    Withdraw,
)
from oauthclient_operator.plan.observed import Problem
from oauthclient_operator.plan.reasons import renew_at
from oauthclient_operator.record.doubts import Doubts
from oauthclient_operator.record.pairs import expiry
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.replacements import ReplacementReason, Strategy, WithoutEffect
from oauthclient_operator.record.replacing import give_up
from oauthclient_operator.record.transitions import close
from oauthclient_operator.verdict.verdict import Verdict
from tests.pure.plan.replacing import ASKS, DAY, OTHER, step
from tests.pure.record import replacements
from tests.pure.record.replacements import begun, candidate, promoted, replacement, shown, with_candidate
from tests.pure.record.steps import refused
from tests.pure.values import METADATA, NOW, desired, metadata, published, registered_record, resource

RECORD: Final = registered_record()
EXPIRING: Final = registered_record(client_secret_expires_at=int((NOW + 30 * DAY).timestamp()))
EXPIRY: Final = (ReplacementReason.EXPIRY,)
DUE: Final = NOW + 20 * DAY
AT_ONCE: Final = int((NOW + 30 * DAY).timestamp())
"""When the published secret expires, too."""
INVALID: Final[dict[str, Any]] = {"spec": {"clientMetadata": {**METADATA, "redirect_uris": ["not a URI"]}}}
EDITED: Final[dict[str, Any]] = {"spec": {"clientMetadata": {**METADATA, "client_name": "shop"}}}
HOURLY: Final[dict[str, Any]] = {"spec": {"rotation": {"interval": "1h", "strategy": "Reregister"}}}


def lost(record: Record) -> Record:
    assert record.open is not None
    return close(record, record.open, Ambiguous(cause="timeout", salvage={}), NOW + timedelta(minutes=1))


def leaving(times: int, record: Record = RECORD) -> Record:
    """Return a record from which so many pairs are leaving."""
    for number in range(times):
        one: dict[str, Any] = {"client_secret": f"s{number}", "registration_access_token": f"r{number}"}
        record = shown(promoted(replacements.answered(begun(record), f"c{number + 2}", **one)))
    return record


def test_without_a_reason_nothing_is_replaced() -> None:
    action = step(RECORD)
    assert isinstance(action, Wait)
    assert (action.verdict.reason, action.renewal and action.renewal.verdict) == (Reason.REGISTERED, None)


def test_it_begins_with_the_write_that_opens_its_first_call() -> None:
    assert step(RECORD, **ASKS) == Register(metadata(), replacement(RECORD))


def test_all_that_stands_before_a_registration_stands_before_it() -> None:
    assert isinstance(step(RECORD, seen={"rehearsed": False}, **ASKS), Rehearse)
    assert step(RECORD, finalizer=False, **ASKS) == AddFinalizer()


def test_what_is_begun_names_every_reason() -> None:
    action = step(EXPIRING, DUE, **ASKS)
    assert isinstance(action, Register)
    assert action.begins is not None
    assert action.begins.reasons == (ReplacementReason.EXPIRY, ReplacementReason.REQUESTED)
    assert (action.begins.strategy, action.begins.begun_at) == (Strategy.REREGISTER, DUE)


def test_what_cannot_be_begun_keeps_ready_and_says_what_is_in_the_way() -> None:
    problem = Problem(Verdict(reason=Reason.SECRET_NOT_PUBLISHABLE, message="quota", stalled=True), Retry.SLOWLY)
    action = step(RECORD, seen={"rehearsed": problem}, **ASKS)
    assert isinstance(action, Wait)
    assert action.verdict.reason is Reason.REGISTERED
    assert action.failed == problem
    assert action.renewal is not None
    assert action.renewal.verdict == problem.verdict
    assert action.until is not None


def test_a_move_that_cannot_be_begun_is_not_ready() -> None:
    problem = Problem(Verdict(reason=Reason.SECRET_NOT_PUBLISHABLE, message="quota", stalled=True), Retry.SLOWLY)
    action = step(RECORD, seen={"rehearsed": problem}, spec={"issuer": OTHER})
    assert isinstance(action, Wait)
    assert action.verdict.reason is Reason.SECRET_NOT_PUBLISHABLE


def test_an_invalid_edit_renews_with_what_was_accepted_before() -> None:
    action = step(EXPIRING, DUE, **INVALID)
    assert isinstance(action, Register)
    assert action.metadata == metadata()


def test_an_edit_is_registered_with_the_renewal() -> None:
    action = step(EXPIRING, DUE, **EDITED)
    assert isinstance(action, Register)
    assert action.metadata == metadata(client_name="shop")


@pytest.mark.parametrize("error", ["invalid_client_metadata", "invalid_redirect_uri"])
def test_an_edit_that_was_refused_renews_with_what_was_accepted_before(error: str) -> None:
    record = begun(EXPIRING, EXPIRY, at=DUE)
    assert record.open is not None
    call = replacements.asking(record.open, metadata(client_name="shop"))
    record = close(replace(record, open=call), call, refused(400, error=error), DUE)
    action = step(record, DUE + timedelta(seconds=1), **EDITED)
    assert isinstance(action, Register)
    assert (action.metadata, action.begins) == (metadata(), None)


def test_a_move_with_an_invalid_edit_waits_for_the_edit() -> None:
    action = step(RECORD, spec={"issuer": OTHER, **INVALID["spec"]})
    assert isinstance(action, Wait)
    assert action.verdict.reason is Reason.INVALID_SPEC


def test_a_pair_that_suits_again_is_returned_to() -> None:
    record = shown(promoted(with_candidate()))
    moved = replace(published(record), issuer=OTHER)
    assert step(record.with_client(moved)) == ReturnTo(record.leaving[0].pair)


@pytest.mark.parametrize(
    "options",
    [pytest.param(ASKS, id="who asks for another"), pytest.param(HOURLY, id="where the interval is over")],
)
def test_what_wants_another_pair_is_no_return(options: dict[str, Any]) -> None:
    record = shown(promoted(with_candidate()))
    moved = record.with_client(replace(published(record), issuer=OTHER))
    assert isinstance(step(moved, NOW + timedelta(hours=2), **options), Register)


def test_a_pair_whose_end_was_begun_or_that_expires_itself_is_no_return() -> None:
    first = registered_record(client_secret_expires_at=int((NOW + timedelta(hours=12)).timestamp()))
    record = shown(promoted(with_candidate(first)))
    moved = record.with_client(replace(published(record), issuer=OTHER))
    assert isinstance(step(moved, NOW), ReturnTo)
    assert isinstance(step(moved, NOW + timedelta(hours=10)), Register)


def test_a_pair_that_its_server_refused_is_no_return() -> None:
    record = shown(promoted(with_candidate()))
    moved = record.with_client(replace(published(record), issuer=OTHER))
    back = moved.client(moved.leaving[0].pair.client)
    assert back is not None
    once = Doubts(count=1, first_at=NOW, last_at=NOW)
    undated = replace(once, first_at=NOW - timedelta(minutes=10))
    assert isinstance(step(moved), ReturnTo)
    assert isinstance(step(moved.with_client(replace(back, doubts=once))), ReturnTo), "maybe for the time alone"
    for doubts in (replace(once, count=2), undated):
        assert isinstance(step(moved.with_client(replace(back, doubts=doubts))), Register)


def test_clients_of_which_none_can_take_an_edit_do_not_take_turns() -> None:
    no_way: dict[str, Any] = {"registration_client_uri": None, "registration_access_token": None}
    first = registered_record(**no_way)
    record = shown(promoted(replacements.answered(begun(first), **no_way)))
    action = step(record, spec={**EDITED["spec"], "policy": {"unmanageable": "Reregister"}})
    assert isinstance(action, Register)
    assert action.metadata == metadata(client_name="shop")


def test_while_three_pairs_are_leaving_another_is_waited_for() -> None:
    record = leaving(3)
    action = step(record, NOW, **ASKS)
    assert isinstance(action, Wait)
    assert action.verdict.reason is Reason.REGISTERED
    assert action.renewal is not None
    assert action.renewal.verdict is not None
    assert action.renewal.verdict.reason is Reason.RENEWING
    assert action.until == NOW + DAY


@pytest.mark.parametrize(("pairs", "begins"), [(3, True), (7, True), (8, False)])
def test_a_secret_that_expires_waits_for_eight(pairs: int, begins: bool) -> None:
    record = leaving(pairs)
    ends = int((NOW + timedelta(hours=12)).timestamp())
    client = published(record)
    information = type(client.information)({**client.information.members, "client_secret_expires_at": ends})
    record = record.with_client(replace(client, answer=replace(client.answer, information=information)))
    for leaves in record.leaving:
        old = record.client(leaves.pair.client)
        assert old is not None
        # One that does not expire would be returned to.
        gone = replace(old, issuer=OTHER)
        record = record.with_client(gone)
    assert isinstance(step(record, NOW + timedelta(hours=11)), Register) is begins


@pytest.mark.parametrize(("times", "hours"), [(1, 1), (2, 2), (5, 16), (9, None), (99, None)])
def test_where_nothing_better_came_it_is_tried_again_later_each_time(times: int, hours: int | None) -> None:
    record = replace(EXPIRING, without_effect=WithoutEffect(times=times, at=DUE))
    expires_at = expiry(published(record))
    assert expires_at is not None
    # Never later than after half of what is left of the secret.
    until = DUE + (timedelta(hours=hours) if hours is not None else (expires_at - DUE) / 2)
    action = step(record, until - timedelta(seconds=1))
    assert isinstance(action, Wait)
    assert action.renewal is not None
    assert action.renewal.verdict is not None
    assert action.renewal.verdict.reason is Reason.RENEWAL_FAILED
    assert (action.verdict.reason, action.until) == (Reason.REGISTERED, until)
    assert isinstance(step(record, until), Register)
    # Who asks is not kept waiting.
    assert isinstance(step(record, DUE, **ASKS), Register)


def test_a_request_that_nothing_better_came_of_is_said_until_another_pair_comes() -> None:
    record = replace(RECORD, without_effect=WithoutEffect(times=1, at=NOW), rotate=resource(**ASKS).rotate)
    action = step(record, NOW + 30 * DAY, **ASKS)
    assert isinstance(action, Wait)
    assert action.verdict.reason is Reason.REGISTERED
    assert action.renewal is not None
    assert action.renewal.verdict is not None
    assert action.renewal.verdict.reason is Reason.RENEWAL_FAILED


def test_what_waits_to_be_registered_is_withdrawn_when_nothing_asks_for_it_any_more() -> None:
    record = lost(begun(EXPIRING, EXPIRY, at=DUE))
    report = {"spec": {"policy": {"expiry": "Report"}}}
    assert record.replacement is not None
    assert step(record, DUE + DAY, **report) == Withdraw(record.replacement)


def test_what_a_person_asked_for_is_not_withdrawn() -> None:
    record = lost(begun())
    assert isinstance(step(record, NOW + DAY), Register)
    assert isinstance(step(record, NOW + DAY, annotations={ROTATE_ANNOTATION: "another word"}), Register)


@pytest.mark.parametrize("given_up", [0, 1, 2, 3])
def test_after_three_that_were_given_up_it_ends(given_up: int) -> None:
    record = EXPIRING
    for number in range(given_up):
        record = begun(record, EXPIRY, at=DUE)
        record = replacements.answered(record, f"c{number + 2}", at=DUE, client_secret_expires_at=AT_ONCE)
        record = give_up(record, candidate(record))
    if not given_up:
        record = lost(begun(record, EXPIRY, at=DUE))
    assert record.replacement is not None
    # Their ends come first.
    ended = replace(record, clients=tuple(c for c in record.clients if c.key == 1))
    action = step(ended, DUE + 3 * DAY)
    assert action == EndReplacement(record.replacement, EXPIRY) if given_up == 3 else isinstance(action, Register)


def test_the_time_at_which_it_begins_is_named_before_and_not_after() -> None:
    due = renew_at(published(EXPIRING), resource(), desired())
    action = step(EXPIRING, NOW)
    assert isinstance(action, Wait)
    assert action.renewal is not None
    assert action.renewal.at == due
    assert action.until == due


def test_what_is_shown_comes_before_another_begins() -> None:
    assert isinstance(step(promoted(), **ASKS), Show)
