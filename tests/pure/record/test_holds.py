"""How records that were given one client hold it, and what each concludes of the others."""

from dataclasses import replace
from datetime import timedelta

import pytest

from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.clients import Adopted, Alive, Ended, Ending, LeftBehind, PassedOn
from oauthclient_operator.record.holds import Hold, Sharing, Word, hold, keeps_from_adoption, sharing
from oauthclient_operator.record.record import Record, Release, ReleaseOutcome
from oauthclient_operator.record.summary import identifier_label, labels
from oauthclient_operator.record.transitions import absorb, doubt, pass_on
from tests.pure.record.steps import LATER, LOST, answered, failed, given_up, of, opened, refused
from tests.pure.records import ISSUER, NOW, TIMEOUT, information, published, registered_record

MARGIN = timedelta(seconds=5)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
REGISTERED = registered_record()
DEADLINE = NOW + TIMEOUT
LOST_DELETE = failed(REGISTERED, CallKind.DEREGISTER, LOST, client=1)
DELETING, _ = opened(REGISTERED, CallKind.DEREGISTER, client=1)
REFUSED_DELETE = failed(REGISTERED, CallKind.DEREGISTER, refused(403), client=1)
UNPROVEN = REGISTERED.with_client(replace(published(REGISTERED), origin=Adopted(at=NOW)))
LEFT_ALIVE = REGISTERED.with_client(replace(published(REGISTERED), end=LeftBehind(at=NOW, lost=False)))
GONE = answered(REGISTERED, CallKind.DEREGISTER, of(REGISTERED))


def left(record: Record) -> Record:
    return replace(record, released=Release(outcome=ReleaseOutcome.UNCONFIRMED, at=NOW))


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        pytest.param(REGISTERED, Hold(Word.HELD, NOW), id="since its registration was sent"),
        pytest.param(registered_record(registration_client_uri=None), Hold(Word.HELD, NOW), id="without an address"),
        pytest.param(DELETING, Hold(Word.DELETING, DEADLINE), id="its deregistration is under way"),
        pytest.param(LOST_DELETE, Hold(Word.DELETING, DEADLINE), id="its answer was lost"),
        pytest.param(left(LOST_DELETE), Hold(Word.DELETING, DEADLINE), id="and the resource is gone"),
        pytest.param(left(REGISTERED), Hold(Word.LEFT, NOW), id="its resource is gone"),
        pytest.param(LEFT_ALIVE, Hold(Word.LEFT, NOW), id="it was left behind, and is tried again"),
        pytest.param(left(UNPROVEN), Hold(Word.LEFT), id="it was handed over, and its resource is gone"),
        pytest.param(
            left(registered_record(registration_client_uri=None)), Hold(Word.LEFT), id="and nobody can call for it"
        ),
        pytest.param(REFUSED_DELETE, Hold(Word.HELD, NOW), id="its deregistration was refused"),
        pytest.param(
            failed(LOST_DELETE, CallKind.DEREGISTER, refused(403), client=1, at=LATER),
            Hold(Word.DELETING, DEADLINE),
            id="another try was refused: what may have ended it is the lost one",
        ),
        pytest.param(
            failed(LOST_DELETE, CallKind.DEREGISTER, refused(401), client=1, at=LATER),
            Hold(Word.GONE, DEADLINE),
            id="and where that says that it is gone",
        ),
        pytest.param(
            UNPROVEN, Hold(Word.CLAIMED, UNPROVEN.clients[0].origin.at), id="it was handed over, and not proven"
        ),
        pytest.param(GONE, Hold(Word.GONE, DEADLINE), id="it was deregistered, by the deadline at the latest"),
        pytest.param(pass_on(left(LOST_DELETE), 1, LATER), None, id="it was passed on"),
    ],
)
def test_how_a_record_holds_its_client(record: Record, expected: Hold | None) -> None:
    assert hold(record, record.clients[0]) == expected
    label = labels(record).get(identifier_label(ISSUER, "c1"))
    assert (None if label is None else Hold.parse(label)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("held", Hold(Word.HELD), id="an older operator names no time"),
        pytest.param("deleting.x", Hold(Word.DELETING), id="no time"),
        pytest.param("deleting.999999999999999999", Hold(Word.DELETING), id="no time of this world"),
        pytest.param("borrowed.5", Hold(Word.HELD), id="a word of a later version"),
    ],
)
def test_a_label_that_says_less_or_something_else(text: str, expected: Hold) -> None:
    assert Hold.parse(text) == expected


@pytest.mark.parametrize(
    ("record", "other", "expected"),
    [
        pytest.param(REGISTERED, Hold(Word.LEFT), Sharing(), id="what is left behind is in nobody's way"),
        pytest.param(REGISTERED, Hold(Word.HELD), Sharing(held=True), id="held, nobody knows since when"),
        pytest.param(REGISTERED, Hold(Word.HELD, NOW - HOUR), Sharing(held=True), id="held before"),
        pytest.param(REGISTERED, Hold(Word.HELD, NOW + HOUR), Sharing(held=True, newer=True), id="held since later"),
        pytest.param(
            LOST_DELETE, Hold(Word.HELD, NOW + SECOND), Sharing(held=True), id="given while a DELETE may arrive"
        ),
        pytest.param(REGISTERED, Hold(Word.HELD, NOW), Sharing(held=True), id="held since the same moment"),
        pytest.param(
            LOST_DELETE,
            Hold(Word.HELD, DEADLINE + MARGIN),
            Sharing(held=True, newer=True),
            id="given after that: the older one is passed on",
        ),
        pytest.param(
            REFUSED_DELETE, Hold(Word.HELD, NOW + SECOND), Sharing(held=True, newer=True), id="a refusal ended nothing"
        ),
        pytest.param(
            REGISTERED, Hold(Word.DELETING), Sharing(held=True, deleting=True), id="deleting, nobody knows until when"
        ),
        pytest.param(
            REGISTERED,
            Hold(Word.DELETING, NOW + SECOND),
            Sharing(until=NOW + SECOND + MARGIN),
            id="it may still arrive",
        ),
        pytest.param(
            REGISTERED, Hold(Word.DELETING, NOW - HOUR), Sharing(), id="it was over before this one was registered"
        ),
        pytest.param(
            REGISTERED, Hold(Word.GONE, NOW + SECOND), Sharing(until=NOW + SECOND), id="it may have been this one"
        ),
        pytest.param(REGISTERED, Hold(Word.GONE, NOW), Sharing(), id="gone before this one was registered"),
        pytest.param(
            REGISTERED, Hold(Word.CLAIMED), Sharing(), id="claimed, which holds no end up that somebody waits for"
        ),
        pytest.param(LEFT_ALIVE, Hold(Word.CLAIMED), Sharing(held=True), id="but one that nobody waits for"),
        pytest.param(left(REGISTERED), Hold(Word.CLAIMED), Sharing(held=True), id="and one whose resource was let go"),
        pytest.param(left(REGISTERED), Hold(Word.LEFT), Sharing(), id="the last one that was left is ended"),
    ],
)
def test_what_is_concluded_of_another_record(record: Record, other: Hold, expected: Sharing) -> None:
    assert sharing(record, record.clients[0], [other], MARGIN) == expected


def test_what_is_passed_on_is_nobody_s_concern_here_and_a_late_answer_does_not_change_that() -> None:
    record = left(LOST_DELETE)
    made = record.closed[-1].call
    record = pass_on(record, 1, LATER)
    (client,) = absorb(record, made, None, {}, LATER).clients
    assert (client.end, client.alive) == (PassedOn(at=LATER), False)


def test_nothing_is_passed_on_under_a_call() -> None:
    assert pass_on(DELETING, 1, LATER) is DELETING


def test_what_is_doubted_is_published_no_more_and_may_be_gone() -> None:
    record = doubt(REGISTERED, 1, LATER)
    (client,) = record.surplus
    assert (record.pair, client.end) == (None, Ending(since=LATER, lost=True))


@pytest.mark.parametrize(
    ("deregistered_after", "end"),
    [
        pytest.param(timedelta(minutes=1), Ended, id="sent after the registration was over: it is gone"),
        pytest.param(SECOND, Ending, id="sent while the registration could still arrive: nobody knows"),
    ],
)
def test_a_late_answer_to_a_registration_before_the_deregistration_makes_nothing_live_again(
    deregistered_after: timedelta, end: type
) -> None:
    record, slept = given_up(replace(REGISTERED, pair=None), CallKind.REGISTER)
    record = answered(record, CallKind.DEREGISTER, {"client": 1, "at": NOW + deregistered_after})
    record = absorb(record, slept, information(registration_access_token="r2"), {}, LATER)
    (client,) = record.clients
    assert isinstance(client.end, end)
    assert record.pair is None or not isinstance(client.end, Alive)


def test_what_is_registered_again_lives() -> None:
    record = answered(failed(replace(REGISTERED, pair=None), CallKind.DEREGISTER, LOST, client=1), CallKind.REGISTER)
    assert isinstance(published(record).end, Alive)


def test_who_is_waited_for_is_one_of_those_that_keep_a_client_however_many_claim_it() -> None:
    claims = {f"claim-{number:03}": Hold(Word.CLAIMED, NOW) for number in range(100)}
    assert keeps_from_adoption("web", claims, NOW, MARGIN) is None
    keeping = {"held": Hold(Word.HELD, NOW), "smaller": Hold(Word.ADOPTING, NOW)}
    assert keeps_from_adoption("web", {**claims, **keeping}, NOW, MARGIN) == "held"
    assert keeps_from_adoption("web", {**claims, "smaller": keeping["smaller"]}, NOW, MARGIN) == "smaller"
    assert keeps_from_adoption("a", {**claims, "smaller": keeping["smaller"]}, NOW, MARGIN) is None
