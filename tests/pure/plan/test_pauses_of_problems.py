"""What becomes of an error or of a call without success: what is said, and until when nothing of the kind is tried."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from oauthclient_operator.errors import (
    CallsSpent,
    InitialAccessTokenMissing,
    InitialAccessTokenNotForIssuer,
    IssuerNotAsked,
    IssuerNotSecured,
    OperatorError,
    Retry,
    Unanswered,
)
from oauthclient_operator.exchange import NotSent, TLSFailure
from oauthclient_operator.names import Reason
from oauthclient_operator.oauth.outcome import Ambiguous, Committed, NotUnderstood, Outcome
from oauthclient_operator.plan import pauses, plan
from oauthclient_operator.plan.action import Register, Wait
from oauthclient_operator.plan.observed import Failures, Held, Limits, Observed, Problem
from oauthclient_operator.plan.pauses import Again, Row
from oauthclient_operator.record.calls import CallKind, CallOutcome, ClosedCall, Said
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.transitions import close, open_call
from oauthclient_operator.verdict.deregistering import deletion_unconfirmed
from oauthclient_operator.verdict.reaching import advice, not_asked, not_secured
from oauthclient_operator.verdict.updating import update_lost
from oauthclient_operator.verdict.verdict import Verdict
from tests.pure.plan.closed import JKT, NONCE, closed
from tests.pure.plan.registering import attempted, ready, rejection
from tests.pure.plan.test_deletion import deregistered
from tests.pure.values import ISSUER, NOW, call, desired, empty_record, published, registered_record, stored

LIMITS = Limits()
VERDICT = Verdict(reason=Reason.ISSUER_UNAVAILABLE, message="down")
RECORD = registered_record()
CLIENT = published(RECORD)


@pytest.mark.parametrize(
    ("problem", "failures", "seconds"),
    [
        pytest.param(Problem(VERDICT), Failures(in_a_row=3, chance=1.0), None, id="until a change"),
        pytest.param(Problem(VERDICT, Retry.ON_CHANGE, 60.0), Failures(), None, id="until a change, whatever is asked"),
        pytest.param(Problem(VERDICT, Retry.SLOWLY), Failures(), 900, id="slowly"),
        pytest.param(Problem(VERDICT, Retry.SLOWLY), Failures(in_a_row=9, chance=1.0), 900, id="slowly, always alike"),
        pytest.param(Problem(VERDICT, Retry.SLOWLY, 60.0), Failures(), 900, id="slowly: a server shortens nothing"),
        pytest.param(Problem(VERDICT, Retry.SLOWLY, 3600.0), Failures(), 3600, id="slowly: a server lengthens it"),
        pytest.param(Problem(VERDICT, Retry.BACKOFF), Failures(in_a_row=1, chance=0.0), 0.5, id="the first, least"),
        pytest.param(Problem(VERDICT, Retry.BACKOFF), Failures(in_a_row=1, chance=1.0), 1, id="the first, most"),
        pytest.param(Problem(VERDICT, Retry.BACKOFF), Failures(in_a_row=4, chance=0.0), 4, id="the fourth, least"),
        pytest.param(Problem(VERDICT, Retry.BACKOFF), Failures(in_a_row=4, chance=0.5), 6, id="the fourth, between"),
        pytest.param(Problem(VERDICT, Retry.BACKOFF), Failures(in_a_row=4, chance=1.0), 8, id="the fourth, most"),
        pytest.param(Problem(VERDICT, Retry.BACKOFF), Failures(in_a_row=99, chance=1.0), 300, id="never longer"),
        pytest.param(Problem(VERDICT, Retry.BACKOFF, 3.0), Failures(in_a_row=4), 4, id="a server shortens nothing"),
        pytest.param(Problem(VERDICT, Retry.BACKOFF, 3600.0), Failures(in_a_row=4), 3600, id="a server lengthens it"),
        pytest.param(Problem(VERDICT, Retry.BACKOFF), Failures(), 0, id="without a failure no pause"),
    ],
)
def test_until_when_a_problem_stands_in_the_way(problem: Problem, failures: Failures, seconds: float | None) -> None:
    expected = None if seconds is None else NOW + timedelta(seconds=seconds)
    assert pauses.until(problem, NOW, failures, LIMITS) == expected


@pytest.mark.parametrize("before", range(12))
@pytest.mark.parametrize("chance", [0.0, 1.0])
def test_what_fails_in_this_pass_counts_as_one_more_in_the_row(before: int, chance: float) -> None:
    problem = Problem(VERDICT, Retry.BACKOFF, 0.25)
    seen = Observed(resource=None, failures=Failures(in_a_row=before, chance=1 - chance), chance=chance)
    longest = min(timedelta(seconds=2**before), pauses.CALLS.longest)
    assert pauses.fresh(problem, seen, NOW) == Wait(
        verdict=VERDICT, until=NOW + longest * (0.5 + chance / 2), failed=problem
    )


@pytest.mark.parametrize("until", [None, NOW])
def test_what_failed_a_moment_ago_is_not_counted_again(until: datetime | None) -> None:
    assert pauses.held(Held(VERDICT, until)) == Wait(verdict=VERDICT, until=until, failed=None)


@pytest.mark.parametrize(
    ("error", "retry", "retry_after", "said"),
    [
        (InitialAccessTokenMissing("why"), Retry.ON_CHANGE, None, ("why", True)),
        (
            InitialAccessTokenNotForIssuer("why"),
            Retry.SLOWLY,
            None,
            ("why; it is tried again from time to time", True),
        ),
        (CallsSpent("why", retry_after=7.0), Retry.BACKOFF, 7.0, ("why", False)),
        (Unanswered("why", retry_after=8.0), Retry.BACKOFF, 8.0, ("why", False)),
        (Unanswered("why"), Retry.BACKOFF, None, ("why", False)),
    ],
)
def test_an_error_says_what_can_make_it_go_away(
    error: OperatorError, retry: Retry, retry_after: float | None, said: tuple[str, bool]
) -> None:
    verdict = Verdict(reason=error.reason, message=said[0], stalled=said[1])
    assert pauses.of_error(error) == Problem(verdict, retry, retry_after)


@pytest.mark.parametrize("failure", TLSFailure)
def test_tls_that_does_not_come_about_waits_for_a_person_and_is_tried_slowly(failure: TLSFailure) -> None:
    found = pauses.of_error(IssuerNotSecured("why", failure=failure))
    assert found == Problem(not_secured("why", failure), Retry.SLOWLY)
    assert (found.verdict.reason, found.verdict.stalled) == (Reason.ISSUER_UNAVAILABLE, True)
    assert ("--ca-bundle" in found.verdict.message) == (failure is TLSFailure.UNTRUSTED)


def test_what_our_own_side_did_not_get_done_is_not_called_the_issuers() -> None:
    found = pauses.of_error(IssuerNotAsked("too many open files"))
    assert found == Problem(not_asked("too many open files"), Retry.BACKOFF)
    assert (found.verdict.reason, found.verdict.stalled) == (Reason.PENDING, False)


NOT_ALLOWED = Verdict(
    reason=Reason.ISSUER_NOT_ALLOWED, message="door; it is tried again from time to time", stalled=True
)
UNREACHED = Verdict(
    reason=Reason.ISSUER_UNAVAILABLE,
    message="issuer https://issuer.example is not available now: no route; it is tried again by itself",
)
LOST = Ambiguous(cause="timeout", retry_after=9.0)
UNCLEAR = NotUnderstood(status=204, cause="HTTP 204 without a body")
LATER = closed(CallKind.DEREGISTER, CallOutcome.AMBIGUOUS, said=Said(retry_after=11.0))


@pytest.mark.parametrize(
    ("call", "outcome", "expected"),
    [
        *(
            pytest.param(
                kind, NotSent(cause="door", refused=True), Problem(NOT_ALLOWED, Retry.SLOWLY), id=f"door {kind}"
            )
            for kind in (CallKind.REGISTER, CallKind.UPDATE)
        ),
        *(
            pytest.param(
                kind, NotSent(cause="no route"), Problem(UNREACHED, Retry.BACKOFF), id=f"no connection: {kind}"
            )
            for kind in (CallKind.REGISTER, CallKind.UPDATE)
        ),
        pytest.param(
            CallKind.UPDATE,
            LOST,
            Problem(update_lost(closed(CallKind.UPDATE, CallOutcome.AMBIGUOUS)), Retry.BACKOFF, 9.0),
            id="an update was lost",
        ),
        *(
            pytest.param(kind, UNCLEAR, None, id=f"of what is not understood the record says so: {kind}")
            for kind in (CallKind.REGISTER, CallKind.UPDATE)
        ),
        *(
            pytest.param(
                kind,
                NotSent(cause="not valid", tls=failure),
                Problem(not_secured("not valid", failure, "https://issuer.example"), Retry.SLOWLY),
                id=f"{failure}: {kind}",
            )
            for kind in (CallKind.REGISTER, CallKind.UPDATE)
            for failure in TLSFailure
        ),
        *(
            pytest.param(
                kind,
                NotSent(cause="too many open files", ours=True),
                Problem(not_asked("too many open files"), Retry.BACKOFF),
                id=f"our own side: {kind}",
            )
            for kind in (CallKind.REGISTER, CallKind.UPDATE)
        ),
        pytest.param(CallKind.REGISTER, LOST, None, id="of a lost registration the record says so"),
        *(
            pytest.param(kind, rejection(status), None, id=f"of a refusal by {status} the record says so: {kind}")
            for kind in (CallKind.REGISTER, CallKind.UPDATE)
            for status in (400, 401, 404, 405, 429)
        ),
        *(
            pytest.param(kind, Committed(members={}), None, id=f"a success: {kind}")
            for kind in (CallKind.REGISTER, CallKind.UPDATE)
        ),
    ],
)
@pytest.mark.parametrize("deleting", [False, True])
def test_what_keeps_from_calling_again_at_once(
    call: CallKind, outcome: Outcome, expected: Problem | None, deleting: bool
) -> None:
    made = closed(call, CallOutcome.AMBIGUOUS)
    if expected is not None and isinstance(outcome, NotSent) and not outcome.ours:
        # Another issuer may be reached all the same.
        expected = replace(expected, issuer=made.call.issuer)
    assert pauses.of_call(made, outcome, RECORD, deleting=deleting) == expected


@pytest.mark.parametrize(
    ("record", "outcome", "deleting", "expected"),
    [
        pytest.param(
            RECORD, LOST, True, Problem(deletion_unconfirmed(CLIENT, LATER), Retry.BACKOFF, 11.0, ISSUER), id="lost"
        ),
        pytest.param(
            RECORD,
            NotSent(cause="door", refused=True),
            True,
            Problem(deletion_unconfirmed(CLIENT, LATER), Retry.BACKOFF, 11.0, ISSUER),
            id="not sent",
        ),
        pytest.param(
            RECORD,
            NotSent(cause="no port is free", ours=True),
            True,
            Problem(deletion_unconfirmed(CLIENT, LATER), Retry.BACKOFF, 11.0),
            id="not sent, for something is short on our own side: at no other issuer either",
        ),
        pytest.param(RECORD, LOST, False, None, id="a surplus client waits by the record's own times"),
        pytest.param(deregistered(RECORD), Committed(members={}), True, None, id="it is gone"),
        pytest.param(empty_record(), LOST, True, None, id="it is not known"),
    ],
)
def test_what_keeps_from_deregistering_again_at_once(
    record: Record, outcome: Outcome, deleting: bool, expected: Problem | None
) -> None:
    assert pauses.of_call(LATER, outcome, record, deleting=deleting) == expected


@pytest.mark.parametrize("failure", TLSFailure)
def test_a_deletion_that_a_person_has_to_make_possible_says_how_and_is_tried_slowly(failure: TLSFailure) -> None:
    outcome = NotSent(cause="not valid", tls=failure)
    record = open_call(RECORD, call(RECORD, CallKind.DEREGISTER, client=CLIENT.key))
    assert record.open is not None
    record = close(record, record.open, outcome, NOW)
    last = record.last(CallKind.DEREGISTER, CLIENT.key)
    assert last is not None
    found = pauses.of_call(last, outcome, record, deleting=True)
    assert found is not None
    assert (found.verdict.reason, found.verdict.stalled) == (Reason.DELETION_UNCONFIRMED, True)
    assert found.retry is Retry.SLOWLY
    assert f"(not valid: {advice(failure)})" in found.verdict.message
    assert "spec.policy.deletion" in found.verdict.message
    assert pauses.of_call(last, outcome, record, deleting=False) is None, "a surplus client waits by its own times"


def twice_refused() -> Record:
    record = attempted(rejection(400, NONCE), proof_key=JKT)
    return attempted(rejection(400, NONCE), record=record, proof_key=JKT, repeats=True)


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(lambda: attempted(rejection(429, None)), id="429"),
        pytest.param(lambda: attempted(rejection(404, None)), id="404"),
        pytest.param(lambda: attempted(rejection(405, None)), id="405"),
        pytest.param(lambda: attempted(rejection(400, NONCE), proof_key=JKT), id="a nonce is wanted"),
        pytest.param(twice_refused, id="a nonce is refused twice"),
        pytest.param(lambda: attempted(rejection()), id="another refusal"),
    ],
)
@pytest.mark.parametrize(
    ("says", "seconds", "row"),
    [(Again.AT_ONCE, 0, Row.UNTOUCHED), (Again.SOON, 4, Row.LONGER), (Again.AFTER_A_CHANGE, 900, Row.ENDED)],
)
def test_the_pause_and_the_count_are_decided_there_and_nowhere_else(
    record: Callable[[], Record], says: Again, seconds: float, row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    def again(_: ClosedCall) -> Again:
        return says

    monkeypatch.setattr(pauses, "again", again)
    refusal = record()
    last = refusal.closed[-1]
    later: dict[str, Any] = {"record": stored(refusal), "server_read_at": last.at + timedelta(seconds=1)}
    seen = ready(**later, failures=Failures(in_a_row=3, chance=1.0))
    until = last.at + timedelta(seconds=seconds)
    before = plan(seen, desired(), until - timedelta(milliseconds=1))
    assert not seconds or (isinstance(before, Wait) and before.until == until)
    after = plan(seen, desired(), until)
    # An endpoint that is not there is asked again by its own rule, once the issuer's metadata were read afresh.
    assert isinstance(after, Register) or (isinstance(after, Wait) and pauses.is_endpoint_gone(last))
    assert pauses.row_after(last) is row
