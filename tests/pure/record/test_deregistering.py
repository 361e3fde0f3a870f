"""What a deregistration does to a record: opened, confirmed, failed, and each of it late."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.exchange import NotSent
from oauthclient_operator.oauth.client_information import ClientInformation
from oauthclient_operator.record.calls import CallKind, CallOutcome
from oauthclient_operator.record.clients import Alive, End, Ended, Ending, LeftBehind, Spare, UpdateDue
from oauthclient_operator.record.credentials import Failure
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.transitions import absorb, close, name_lost, open_call
from tests.pure.record.steps import (
    LATER,
    LOST,
    NAMED,
    answered,
    failed,
    given_up,
    named,
    of,
    opened,
    refused,
    token,
    tokens,
)
from tests.pure.records import ISSUER, NOW, call, empty_record, information, published, registered_record

REGISTERED = registered_record()
OPEN, MADE = opened(REGISTERED, CallKind.DEREGISTER, **of(REGISTERED))
GIVEN_UP, _ = given_up(REGISTERED, CallKind.DEREGISTER, **of(REGISTERED))
REPEATED, AGAIN = opened(GIVEN_UP, CallKind.DEREGISTER, at=LATER, **of(REGISTERED))
NOT_SENT = NotSent(cause="no route")
BEGUN, MAYBE_GONE, GONE = Ending(since=NOW), Ending(since=NOW, lost=True), Ended(at=LATER)
REFUSED = frozenset({CallKind.DEREGISTER})
PAGE, ROUTE = (refused(404, error=None, json=is_json) for is_json in (False, True))
LEFT = LeftBehind(at=NOW)


def with_client(record: Record, **values: Any) -> Record:
    return record.with_client(replace(published(record), **values))


def with_token(record: Record, token: str) -> Record:
    answer = replace(published(record).answer, information=information(registration_access_token=token))
    return with_client(record, answer=answer)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(Alive(), Ending(since=LATER), id="the first call begins the end"),
        pytest.param(BEGUN, BEGUN, id="a repetition does not begin it anew"),
        pytest.param(MAYBE_GONE, MAYBE_GONE, id="nor where an answer is missing"),
        pytest.param(GONE, GONE, id="what is gone stays gone"),
    ],
)
def test_how_long_an_end_is_waited_for_counts_from_the_first_call(before: End, after: End) -> None:
    record, made = opened(with_client(REGISTERED, end=before), CallKind.DEREGISTER, at=LATER, client=1)
    assert (published(record).end, record.open) == (after, made)


@pytest.mark.parametrize(
    ("outcome", "end"),
    [
        pytest.param(refused(405), LEFT, id="refused"),
        pytest.param(refused(401), LEFT, id="the token is refused"),
        pytest.param(NOT_SENT, LEFT, id="not sent"),
        pytest.param(LOST, LeftBehind(at=NOW, lost=True), id="lost: it may be gone"),
    ],
)
def test_what_was_left_behind_stays_so_where_it_is_tried_again_and_that_does_not_work(
    outcome: Failure, end: End
) -> None:
    record = with_client(REGISTERED, end=LEFT)
    made = call(record, CallKind.DEREGISTER, at=LATER, client=1)
    assert published(close(open_call(record, made, again=True), made, outcome, LATER)).end == end
    assert published(absorb(open_call(record, made, again=True), made, None, {}, LATER)).end == GONE
    begun = open_call(record, made)
    assert published(begun).end == Ending(since=LATER), "whose resource goes is waited for"


@pytest.mark.parametrize("answer", [PAGE, ROUTE], ids=["a page", "JSON"])
def test_what_a_gateway_says_meanwhile_keeps_no_401_from_confirming_a_lost_one(answer: Failure) -> None:
    record = failed(close(REPEATED, AGAIN, answer, LATER), CallKind.DEREGISTER, refused(401), **of(REGISTERED))
    assert published(record).end == GONE


def test_a_refusal_of_what_was_left_behind_and_may_be_gone_says_that_it_is() -> None:
    record = with_client(REGISTERED, end=LeftBehind(at=NOW, lost=True))
    made = call(record, CallKind.DEREGISTER, at=LATER, client=1)
    assert published(close(open_call(record, made, again=True), made, refused(401), LATER)).end == GONE


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(OPEN, id="in time"),
        pytest.param(GIVEN_UP, id="late"),
        pytest.param(with_client(OPEN, refused=REFUSED, standing=UpdateDue((7,))), id="whatever was refused before"),
        pytest.param(with_client(OPEN, end=Ended(at=NOW)), id="once more"),
    ],
)
def test_a_confirmation_counts(record: Record) -> None:
    after = absorb(record, MADE, None, {}, LATER)
    assert (published(after).end, after.open, published(after).alive) == (GONE, None, False)
    assert (after.closed[-1].outcome, after.closed[-1].at) == (CallOutcome.COMMITTED, LATER)


@pytest.mark.parametrize(
    ("record", "outcome", "end", "refused_for"),
    [
        pytest.param(OPEN, NOT_SENT, BEGUN, frozenset(), id="not sent"),
        pytest.param(OPEN, LOST, MAYBE_GONE, frozenset(), id="lost: it may be gone"),
        pytest.param(OPEN, refused(400), BEGUN, frozenset(), id="rejected"),
        pytest.param(OPEN, refused(403), BEGUN, frozenset(), id="forbidden"),
        pytest.param(OPEN, refused(405), BEGUN, frozenset(), id="not supported"),
        pytest.param(OPEN, refused(401), BEGUN, REFUSED, id="401 to the first call confirms nothing"),
        pytest.param(OPEN, refused(404, json=True), BEGUN, REFUSED, id="404 to the first call confirms nothing"),
        pytest.param(OPEN, PAGE, BEGUN, frozenset(), id="404 of no server that we know"),
        pytest.param(OPEN, refused(400, error="access_denied"), BEGUN, REFUSED, id="400 access_denied"),
        pytest.param(REPEATED, refused(401), GONE, frozenset(), id="401 to the repetition of a lost one: it worked"),
        pytest.param(REPEATED, refused(404, json=True), GONE, frozenset(), id="404 to the repetition"),
        pytest.param(REPEATED, PAGE, MAYBE_GONE, frozenset(), id="a page to it: of whoever stands before the server"),
        pytest.param(REPEATED, ROUTE, MAYBE_GONE, frozenset(), id="nor does JSON that is not OAuth's confirm it"),
        pytest.param(REPEATED, refused(400, error="access_denied"), GONE, frozenset(), id="access_denied to it"),
        pytest.param(REPEATED, refused(400), MAYBE_GONE, frozenset(), id="another refusal of the repetition"),
        pytest.param(REPEATED, refused(405), MAYBE_GONE, frozenset(), id="the repetition is not supported"),
        pytest.param(REPEATED, NOT_SENT, MAYBE_GONE, frozenset(), id="the repetition is not sent"),
        pytest.param(REPEATED, LOST, MAYBE_GONE, frozenset(), id="the repetition is lost"),
        pytest.param(
            with_client(REPEATED, refused=frozenset({CallKind.UPDATE})),
            refused(401),
            MAYBE_GONE,
            frozenset({CallKind.UPDATE, CallKind.DEREGISTER}),
            id="a token that an update was refused with proves nothing",
        ),
        pytest.param(
            with_client(REPEATED, refused=REFUSED),
            refused(401),
            MAYBE_GONE,
            REFUSED,
            id="a token that was refused before proves nothing",
        ),
        pytest.param(
            with_client(REPEATED, standing=UpdateDue((7,))),
            refused(401),
            MAYBE_GONE,
            REFUSED,
            id="an unresolved update may have changed the token",
        ),
        pytest.param(
            with_client(REPEATED, standing=UpdateDue()), refused(401), GONE, frozenset(), id="one that is due has not"
        ),
        pytest.param(
            with_token(REPEATED, "r2"), refused(401), MAYBE_GONE, frozenset(), id="401 of a token that was replaced"
        ),
        pytest.param(
            with_client(REPEATED, end=Ended(at=NOW)), LOST, Ended(at=NOW), frozenset(), id="gone, and then lost"
        ),
        pytest.param(
            with_client(REPEATED, end=Ended(at=NOW)), refused(401), Ended(at=NOW), frozenset(), id="gone, and then 401"
        ),
    ],
)
def test_what_a_failure_says_of_the_end(
    record: Record, outcome: Failure, end: End, refused_for: frozenset[CallKind]
) -> None:
    call = record.open
    assert call is not None
    after = close(record, call, outcome, LATER)
    client = published(after)
    assert (client.end, client.refused, after.open) == (end, refused_for, None)
    assert after.closed[-1].call.nonce == call.nonce


@pytest.mark.parametrize("outcome", [NOT_SENT, LOST, refused(401), refused(405)], ids=str)
def test_a_late_failure_says_nothing(outcome: Failure) -> None:
    assert close(GIVEN_UP, MADE, outcome, LATER) == GIVEN_UP
    assert close(REPEATED, MADE, outcome, LATER) == REPEATED


def test_a_late_confirmation_is_not_undone_by_the_call_that_was_under_way() -> None:
    record = absorb(REPEATED, MADE, None, {}, LATER)
    assert (published(record).end, record.open) == (GONE, AGAIN)
    assert published(close(record, AGAIN, LOST, LATER + timedelta(minutes=1))).end == GONE


def test_a_spare_token_is_tried_before_a_refusal_confirms_anything() -> None:
    fresh = information(registration_access_token="r2").registration_access_token
    spared = with_client(REPEATED, spares=(Spare(call=2, registration_access_token=fresh),))
    client = published(close(spared, AGAIN, refused(401), LATER))
    assert (client.end, token(client), client.spares, client.refused) == (MAYBE_GONE, "r2", (), frozenset())
    assert client.standing == UpdateDue()


def test_nor_does_a_spare_token_confirm_anything_where_an_update_was_refused() -> None:
    fresh = information(registration_access_token="r2").registration_access_token
    spares = (Spare(call=2, registration_access_token=fresh),)
    record = with_client(REPEATED, spares=spares, refused=frozenset({CallKind.UPDATE}))
    record = failed(close(record, AGAIN, refused(401), LATER), CallKind.DEREGISTER, refused(401), client=1)
    assert published(record).end == MAYBE_GONE


@pytest.mark.parametrize("late", [False, True], ids=["in time", "late"])
def test_credentials_in_a_refusal_are_kept(late: bool) -> None:
    outcome = refused(400, salvage={"registration_access_token": "r9"})
    assert tokens(published(close(GIVEN_UP if late else OPEN, MADE, outcome, LATER))) == ["r9"]


def anew() -> Record:
    """Return a record that another process made anew, whose client has the number of the one that was ended."""
    return answered(empty_record(), CallKind.REGISTER, {"nonce": "another"}, **named("c2"))


def test_a_late_confirmation_says_nothing_of_another_ledger_s_client_of_the_same_number() -> None:
    assert published(absorb(anew(), MADE, None, {}, LATER)).alive


def test_nor_does_a_late_refusal_bring_it_a_token() -> None:
    outcome = refused(400, salvage={"registration_access_token": "r9"})
    assert close(anew(), MADE, outcome, LATER) == anew()


def test_a_late_confirmation_counts_for_a_client_that_only_the_status_named() -> None:
    record = name_lost(empty_record(), "c1", ISSUER, "system", NOW)
    assert not absorb(record, MADE, None, {}, LATER).clients[0].alive


def test_a_client_of_another_issuer_is_another_one() -> None:
    elsewhere = replace(
        published(REGISTERED),
        issuer="https://other.example",
        answer=replace(published(REGISTERED).answer, information=ClientInformation.parse({"client_id": "c1"})),
    )
    record = replace(empty_record(), clients=(elsewhere,), next_call=2)
    assert absorb(record, MADE, None, {}, LATER).clients[0].alive


def test_a_surplus_client_that_is_gone_is_surplus_no_more_and_what_it_held_is_forgotten() -> None:
    record = answered(REGISTERED, CallKind.REGISTER, **{**NAMED, **named("c2")})
    record = answered(record, CallKind.DEREGISTER, {"client": 2})
    gone = record.clients[1]
    assert record.surplus == ()
    assert gone.information.members == named("c2")
    assert (published(record).alive, gone.end) == (True, GONE)


def test_a_confirmation_for_a_client_that_is_not_known_changes_none() -> None:
    assert absorb(empty_record(), MADE, None, {}, LATER).clients == ()
    assert close(empty_record(), MADE, refused(401), LATER).clients == ()
