"""When a call may be made again: every row of the table in `pauses`, with each count and the ends of chance."""

from dataclasses import replace
from datetime import timedelta

import pytest

from oauthclient_operator.oauth.outcome import Ambiguous
from oauthclient_operator.plan import pauses
from oauthclient_operator.plan.observed import Failures, Limits
from oauthclient_operator.plan.pauses import Again, Row
from oauthclient_operator.record.attempts import Attempt, AttemptState
from oauthclient_operator.record.calls import CallKind, CallOutcome, ClosedCall, Said
from oauthclient_operator.record.replacements import ReplacementReason, WithoutEffect
from tests.pure.plan.closed import NONCE, closed, proven, refused
from tests.pure.plan.registering import attempted
from tests.pure.values import ISSUER, NOW, TIMEOUT, UID

LIMITS = Limits()
REGISTER, UPDATE, DEREGISTER = CallKind.REGISTER, CallKind.UPDATE, CallKind.DEREGISTER
FRACTION = 2**-32
"""What chance may be off by where it is made of 32 bits."""


@pytest.mark.parametrize(
    ("call", "expected", "row"),
    [
        pytest.param(proven(400), Again.AT_ONCE, Row.UNTOUCHED, id="a nonce is wanted"),
        pytest.param(proven(401), Again.AT_ONCE, Row.UNTOUCHED, id="a nonce is wanted, by 401"),
        pytest.param(proven(404), Again.AT_ONCE, Row.UNTOUCHED, id="a nonce is wanted, by 404: the endpoint is there"),
        pytest.param(proven(405), Again.AT_ONCE, Row.UNTOUCHED, id="a nonce is wanted, by 405"),
        pytest.param(proven(400, repeats=True), Again.SOON, Row.LONGER, id="a nonce is refused twice"),
        pytest.param(proven(404, repeats=True), Again.SOON, Row.LONGER, id="a nonce is refused twice, by 404"),
        pytest.param(proven(429), Again.SOON, Row.LONGER, id="429, whatever else it says"),
        pytest.param(refused(400, NONCE), Again.AFTER_A_CHANGE, Row.ENDED, id="a nonce is wanted where none was shown"),
        pytest.param(
            refused(400, NONCE, kind=UPDATE), Again.AFTER_A_CHANGE, Row.ENDED, id="a nonce is wanted of an update"
        ),
        pytest.param(refused(429), Again.SOON, Row.LONGER, id="429 to a registration"),
        pytest.param(refused(429, kind=UPDATE), Again.SOON, Row.LONGER, id="429 to an update"),
        pytest.param(refused(429, kind=DEREGISTER), Again.SOON, Row.ENDED, id="429 to a deregistration"),
        pytest.param(refused(404), Again.SOON, Row.LONGER, id="404 to a registration"),
        pytest.param(refused(405), Again.SOON, Row.LONGER, id="405 to a registration"),
        pytest.param(refused(404, NONCE), Again.SOON, Row.LONGER, id="404 to a registration without a proof"),
        pytest.param(refused(404, kind=UPDATE), Again.AFTER_A_CHANGE, Row.ENDED, id="404 to an update"),
        pytest.param(refused(405, kind=UPDATE), Again.AFTER_A_CHANGE, Row.ENDED, id="405 to an update"),
        pytest.param(refused(404, kind=DEREGISTER), Again.AFTER_A_CHANGE, Row.ENDED, id="404 to a deregistration"),
        pytest.param(refused(400, "invalid_client_metadata"), Again.AFTER_A_CHANGE, Row.ENDED, id="400"),
        pytest.param(refused(401, "invalid_token"), Again.AFTER_A_CHANGE, Row.ENDED, id="401"),
        pytest.param(refused(403), Again.AFTER_A_CHANGE, Row.ENDED, id="403"),
        pytest.param(refused(302), Again.AFTER_A_CHANGE, Row.ENDED, id="a redirect"),
        pytest.param(refused(410), Again.AFTER_A_CHANGE, Row.ENDED, id="410"),
        pytest.param(refused(501, kind=UPDATE), Again.AFTER_A_CHANGE, Row.ENDED, id="501 to an update"),
    ],
)
def test_what_a_refusal_says_of_the_next_try(call: ClosedCall, expected: Again, row: Row) -> None:
    assert pauses.again(call) is expected
    assert pauses.row_after(call) is row


@pytest.mark.parametrize("outcome", [CallOutcome.COMMITTED, CallOutcome.AMBIGUOUS, CallOutcome.NOT_SENT])
@pytest.mark.parametrize("status", [404, 429])
def test_what_is_no_refusal_ends_the_row_of_failures(outcome: CallOutcome, status: int) -> None:
    call = closed(REGISTER, outcome, said=Said(status=status))
    assert pauses.row_after(call) is Row.ENDED
    assert not pauses.is_endpoint_gone(call)


@pytest.mark.parametrize(
    ("call", "gone"),
    [
        (refused(404), True),
        (refused(405), True),
        (refused(403), False),
        (refused(406), False),
        (proven(404), False),
        (proven(404, repeats=True), False),
        (refused(404, kind=UPDATE), False),
        (refused(405, kind=DEREGISTER), False),
    ],
)
def test_where_nothing_registers_clients(call: ClosedCall, gone: bool) -> None:
    assert pauses.is_endpoint_gone(call) is gone


def after_rejection(call: ClosedCall, failures: int = 0, chance: float = 0.0) -> float:
    until = pauses.after_rejection(call, Failures(in_a_row=failures, chance=chance), LIMITS)
    return (until - call.at).total_seconds()


SLOWLY = LIMITS.retry_slowly.total_seconds()
TOO_MANY = refused(429)
NOT_THERE = refused(404)
NONCE_AGAIN = proven(400, repeats=True)


@pytest.mark.parametrize(
    ("call", "failures", "chance", "seconds"),
    [
        pytest.param(proven(400), 0, 0.0, 0, id="a nonce: at once"),
        pytest.param(proven(400), 9, 1.0, 0, id="a nonce: at once, whatever failed before"),
        pytest.param(proven(400, retry_after=7.5), 9, 1.0, 7.5, id="a nonce: no sooner than the server asks"),
        pytest.param(refused(400), 0, 0.0, SLOWLY, id="another refusal: the slow interval"),
        pytest.param(refused(400), 9, 1.0, SLOWLY, id="another refusal: the slow interval, whatever failed before"),
        pytest.param(refused(400, retry_after=7), 0, 0.0, SLOWLY, id="another refusal: a server shortens nothing"),
        pytest.param(refused(400, retry_after=3600), 0, 0.0, 3600, id="another refusal: a server lengthens it"),
        *(
            pytest.param(call, failures, chance, seconds, id=f"{what}: {failures} in a row, chance {chance}")
            for what, call in (("429", TOO_MANY), ("404", NOT_THERE), ("a nonce refused twice", NONCE_AGAIN))
            for failures, chance, seconds in (
                (0, 0.0, 1),
                (0, 1.0, 1),
                (1, 0.0, 1),
                (1, 1.0, 1),
                (2, 0.0, 1),
                (2, 1.0, 2),
                (3, 0.0, 2),
                (3, 0.5, 3),
                (3, 1.0, 4),
                (9, 0.0, 128),
                (9, 1.0, 256),
                (10, 1.0, 512),
                (11, 1.0, SLOWLY),
                (500, 0.0, SLOWLY / 2),
                (500, 1.0, SLOWLY),
            )
        ),
        pytest.param(refused(429, retry_after=3), 3, 1.0, 4, id="429: a server shortens nothing"),
        pytest.param(refused(429, retry_after=0), 0, 0.0, 1, id="429: not even to nothing"),
        pytest.param(refused(429, retry_after=3600), 3, 1.0, 3600, id="429: a server lengthens it"),
        pytest.param(refused(405, retry_after=60), 1, 0.0, 60, id="405: a server lengthens it"),
        pytest.param(refused(429, kind=UPDATE, retry_after=60), 1, 0.0, 60, id="429 to an update likewise"),
    ],
)
def test_until_when_a_refused_call_waits(call: ClosedCall, failures: int, chance: float, seconds: float) -> None:
    assert after_rejection(call, failures, chance) == seconds


def suspect(number: int = 1) -> Attempt:
    return Attempt(
        number=number,
        issuer=ISSUER,
        endpoint=f"{ISSUER}/register",
        sent_at=NOW,
        until=NOW + TIMEOUT,
        state=AttemptState.SUSPECT,
    )


def after_loss(*numbers: int, uid: str = UID, last: ClosedCall | None = None) -> float:
    """Return the seconds from the end of the newest suspect's call, and the margin after it, to the next attempt."""
    suspects = tuple(replace(suspect(n), until=NOW + n * TIMEOUT) for n in numbers)
    begin = suspects[-1].until + LIMITS.margin
    return (pauses.after_loss(suspects, last, uid, LIMITS) - begin).total_seconds()


@pytest.mark.parametrize(
    ("numbers", "longest"),
    [((1,), 4), ((1, 2), 8), ((4, 5, 7), 16), (tuple(range(1, 8)), 256), (tuple(range(1, 9)), 300)],
    ids=str,
)
def test_a_lost_answer_is_followed_after_a_pause_that_doubles_with_the_suspects(
    numbers: tuple[int, ...], longest: float
) -> None:
    found = [after_loss(*numbers, uid=f"uid-{n}") for n in range(400)]
    assert longest / 2 <= min(found) < 0.55 * longest
    assert 0.95 * longest < max(found) <= longest
    assert after_loss(*numbers, uid="uid-1") == found[1], "the time is the same each time it is asked for"


def test_each_lost_attempt_of_one_resource_has_a_chance_of_its_own() -> None:
    def spread(number: int) -> float:
        return after_loss(number) / 2 - 1

    assert len({round(spread(n), 6) for n in range(1, 50)}) > 40
    # The checksum of "UID/1" by 2**32; a pause that another process works out must be the same.
    assert spread(1) == pytest.approx(0x7FF30854 * FRACTION, abs=1e-5)


@pytest.mark.parametrize(
    ("asked", "lengthened"),
    [(None, False), (0.0, False), (20.0, False), (600.0, True), (3600.0, True)],
)
def test_a_server_lengthens_the_pause_after_a_lost_answer_and_never_shortens_it(
    asked: float | None, lengthened: bool
) -> None:
    last = closed(REGISTER, CallOutcome.AMBIGUOUS, at=NOW, said=Said(retry_after=asked))
    found = pauses.after_loss((suspect(),), last, UID, LIMITS)
    without = pauses.after_loss((suspect(),), None, UID, LIMITS)
    assert found == (NOW + timedelta(seconds=asked or 0) if lengthened else without)
    assert without - NOW - TIMEOUT >= LIMITS.margin + timedelta(seconds=2)


@pytest.mark.parametrize(
    ("numbers", "parts"), [((1,), 4), ((1, 2), 3), ((1, 2, 3), 2), (tuple(range(1, 9)), 2)], ids=str
)
def test_where_a_secret_expires_the_attempts_that_are_left_are_spread_over_that_time(
    numbers: tuple[int, ...], parts: int
) -> None:
    suspects, expires_at = tuple(suspect(n) for n in numbers), NOW + timedelta(days=10)
    found = pauses.after_loss(suspects, None, UID, LIMITS, expires_at=expires_at)
    assert found == NOW + TIMEOUT + (expires_at - NOW - TIMEOUT) / parts


@pytest.mark.parametrize("left", [timedelta(days=-1), timedelta(), timedelta(seconds=30)], ids=str)
def test_a_secret_that_is_at_its_end_waits_no_longer_than_anything_else(left: timedelta) -> None:
    shortest = pauses.after_loss((suspect(),), None, UID, LIMITS)
    assert pauses.after_loss((suspect(),), None, UID, LIMITS, expires_at=NOW + TIMEOUT + left) == max(
        shortest, NOW + TIMEOUT + left / 4
    )


EXPIRY, KEY_CHANGED = ReplacementReason.EXPIRY, ReplacementReason.KEY_CHANGED
REQUESTED, INTERVAL = ReplacementReason.REQUESTED, ReplacementReason.INTERVAL


@pytest.mark.parametrize(
    ("ended", "why", "waits"),
    [
        pytest.param((KEY_CHANGED,), (KEY_CHANGED,), True, id="the same"),
        pytest.param((EXPIRY, KEY_CHANGED), (EXPIRY, KEY_CHANGED), True, id="the same two"),
        pytest.param((EXPIRY, INTERVAL), (EXPIRY,), True, id="one less, of those that time brings"),
        pytest.param((EXPIRY, KEY_CHANGED), (EXPIRY,), False, id="one less, since an edit"),
        pytest.param((KEY_CHANGED,), (EXPIRY, KEY_CHANGED), False, id="another one beside it"),
        pytest.param((KEY_CHANGED,), (EXPIRY,), False, id="another one"),
        pytest.param((KEY_CHANGED,), (KEY_CHANGED, REQUESTED), False, id="a person asks"),
        pytest.param((REQUESTED,), (REQUESTED,), False, id="a person asks again"),
        pytest.param((), (EXPIRY, KEY_CHANGED), True, id="an older operator's, which does not say for what"),
    ],
)
def test_what_changed_nothing_keeps_waiting_what_asks_for_the_same(
    ended: tuple[ReplacementReason, ...], why: tuple[ReplacementReason, ...], waits: bool
) -> None:
    found = pauses.after_no_effect(WithoutEffect(times=3, at=NOW, reasons=ended), why, None)
    assert found == (NOW + timedelta(hours=4) if waits else None)


@pytest.mark.parametrize(
    ("times", "days", "hours"), [(1, 20, 1), (9, 10, 120), (9, 20, 168), (9, 0, 168), (3, 0, 4), (3, -1, 4)]
)
def test_the_pause_after_what_changed_nothing_does_not_outlast_a_secret(times: int, days: int, hours: float) -> None:
    ended = WithoutEffect(times=times, at=NOW, reasons=(EXPIRY,))
    found = pauses.after_no_effect(ended, (EXPIRY,), NOW + timedelta(days=days))
    assert found == NOW + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 2), (2, 4), (3, 8), (8, 256), (9, 512), (10, SLOWLY), (99, SLOWLY)]
)
def test_a_server_whose_answers_cannot_be_read_is_asked_less_and_less_often(attempts: int, seconds: float) -> None:
    last = closed(REGISTER, CallOutcome.AMBIGUOUS)
    assert pauses.after_unreadable(last, attempts, LIMITS) == last.at + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("heals", "seconds"), [(0, None), (1, None), (2, None), (3, 8), (4, 16), (8, 256), (9, 300), (99, 300)]
)
def test_when_a_secret_may_be_put_right_again(heals: int, seconds: float | None) -> None:
    expected = None if seconds is None else NOW + timedelta(seconds=seconds)
    assert pauses.heal_not_before(heals, NOW) == expected
    assert pauses.heal_not_before(heals, None) is None


def test_the_suspects_of_a_record_are_those_that_count() -> None:
    lost = Ambiguous(cause="timeout", retry_after=600.0)
    record = attempted(lost, lost)
    last = record.last(REGISTER)
    assert last is not None
    assert pauses.after_loss(record.suspects, last, UID, LIMITS) == last.at + timedelta(seconds=600)
