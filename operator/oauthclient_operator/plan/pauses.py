"""When something may be tried again: the one place that says so.

    what failed                          what the pause is
    a rejection whose nonce is wanted    none but what the server asks for: the same attempt goes on
    429, an endpoint that is not there,  a backoff that doubles with the failures in a row, up to the slow interval
    a nonce refused twice
    no connection                        a backoff that doubles with the failures in a row
    no metadata                          the same, by the fetches in a row that failed
    any other rejection                  until the spec or the token is another one, or the slow interval is over
    an answer that is not understood     until the spec is another one, or a person says that it is settled
    an adoption of what another one has  the slow interval; a minute, where that one has let it go
    an open call of a process before     its deadline, and some seconds after this one began to act
    a registration's lost answer         its deadline, and a backoff that doubles with the suspects; where a secret
                                         expires meanwhile, a part of what is left of it
    a replacement that changed nothing   hours that double, for the reasons that it was for; where a secret expires, no
                                         more than half of what is left of it
    something in the cluster             as its error says: until a change, the slow interval, or a backoff
    a deletion that others' clients hold half of the time since it was asked for, up to the slow interval

A server that asks to wait only lengthens a pause. Counts and chance are given; nothing is counted here.
"""

from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final, assert_never

from ..backoff import Backoff
from ..errors import IssuerNotAsked, IssuerNotSecured, IssuerUnavailable, OperatorError, Retry
from ..exchange import NotSent
from ..oauth.outcome import Ambiguous, Outcome
from ..record.attempts import Attempt
from ..record.calls import Call, CallOutcome, ClosedCall, DeregisterCall, ReadCall, RegisterCall, UpdateCall
from ..record.record import Record
from ..record.replacements import ReplacementReason, WithoutEffect
from ..spread import spread
from ..verdict.deregistering import deletion_unconfirmed
from ..verdict.reaching import calls_failed, not_asked, not_secured, unavailable, unsent
from ..verdict.reading import read_lost
from ..verdict.updating import update_lost
from ..verdict.verdict import SLOWLY, Verdict
from .action import Wait
from .observed import Failures, Held, Limits, Observed, Problem

CALLS: Final = Backoff(first=timedelta(seconds=1), longest=timedelta(minutes=5))
"""Between calls that keep failing, and between writes of a Secret that somebody else keeps changing."""
NO_EFFECT: Final = Backoff(first=timedelta(hours=1), longest=timedelta(days=7))
"""Between replacements that change nothing."""
ELSEWHERE: Final = timedelta(seconds=10)
"""Until a client that another installation looks after is looked for once more, the first time."""
WITHDRAWN: Final = timedelta(minutes=1)
"""For which who withdrew from a client that another one adopted leaves it alone, even where that one has let it go."""
HANDOVER: Final = timedelta(seconds=10)
"""For which who begins to act leaves calls of before alone: whoever made them may have their answers in its hands, and
could record as little as we could get the Lease while nothing could be written. It tries every 5 s (`Answers`), unless
a write hangs: an answer that comes later than this is still recorded, beside what was called anew."""
HELD_BACK_SPREAD: Final = timedelta(seconds=20)
HEALS_AT_ONCE: Final = 3
"""So often a Secret is put right without a pause."""
HEALS_FORGOTTEN_AFTER: Final = timedelta(minutes=10)
"""After so long without one it is the first again."""


class Again(Enum):
    """What a complete rejection says of the next try."""

    AT_ONCE = "the same attempt goes on, with the nonce that came"
    SOON = "the server or what stands before it is not ready"
    AFTER_A_CHANGE = "the server will not do this"


def again(closed: ClosedCall) -> Again:
    """Return what a rejected call says of the next one."""
    if closed.said.status == 429:
        # Whatever else it says: it asks to wait.
        return Again.SOON
    if closed.to_be_repeated:
        # RFC 9449 section 8: the client is expected to retry with the nonce supplied.
        return Again.AT_ONCE
    if closed.nonce_wanted or is_endpoint_gone(closed):
        return Again.SOON
    return Again.AFTER_A_CHANGE


def is_endpoint_gone(closed: ClosedCall) -> bool:
    """Whether nothing registers clients where it was tried: the issuer's metadata are to be read afresh."""
    not_there = closed.rejected and closed.said.status in (404, 405)
    return isinstance(closed.what, RegisterCall) and not_there and not closed.nonce_wanted


class Row(Enum):
    """What a call is to the failures in a row before it."""

    LONGER = "it is one more"
    ENDED = "it ends the row"
    UNTOUCHED = "it says nothing of it"


def row_after(closed: ClosedCall) -> Row:
    """Return what a call is to the failures in a row."""
    if not closed.rejected or isinstance(closed.what, DeregisterCall):
        # A deregistration waits by the record's own times, and does not lengthen what else is waited for.
        return Row.ENDED
    match again(closed):
        case Again.AT_ONCE:
            return Row.UNTOUCHED
        case Again.SOON:
            return Row.LONGER
        case Again.AFTER_A_CHANGE:
            return Row.ENDED
        case other:
            assert_never(other)


def given_up_at(call: Call, observed: Observed) -> datetime:
    """Return when an open call is one whose answer was lost: its holder may be another process that still has it."""
    over = call.deadline + observed.limits.margin
    if call.opened_at >= observed.began_at or observed.asked_after is not None:
        # A person asks by a command, which looks once: each would begin, and end, in those seconds.
        return over
    return max(over, observed.began_at + HANDOVER)


def after_rejection(closed: ClosedCall, failures: Failures, limits: Limits) -> datetime:
    """Return until when a rejected call is not made again unchanged."""
    asked = timedelta(seconds=closed.said.retry_after or 0)
    match again(closed):
        case Again.AT_ONCE:
            return closed.at + asked
        case Again.SOON:
            # A server may ask to wait for good, without a word of how long.
            longer = Backoff(first=CALLS.first, longest=limits.retry_slowly)
            return closed.at + max(CALLS.first, asked, _backoff(failures, longer))
        case Again.AFTER_A_CHANGE:
            return closed.at + max(limits.retry_slowly, asked)
        case other:
            assert_never(other)


def after_loss(
    suspects: tuple[Attempt, ...],
    last: ClosedCall | None,
    uid: str,
    limits: Limits,
    *,
    expires_at: datetime | None = None,
) -> datetime:
    """Return when a registration whose answer was lost may be followed by another.

    The lost request may still be on its way until its deadline has passed. What failed together does not come back
    together, and the time is the same each time it is asked for. What is published until `expires_at` can wait: the
    attempts that are left are spread over that time, so that a gateway's bad hour does not eat them all.
    """
    newest = suspects[-1]
    until = newest.until + limits.margin + CALLS.after(len(suspects) + 2, spread(f"{uid}/{newest.number}"))
    if last is not None and last.outcome is CallOutcome.AMBIGUOUS and last.said.retry_after is not None:
        until = max(until, last.at + timedelta(seconds=last.said.retry_after))
    if expires_at is None:
        return until
    # After the last one a person has as long as between two of them, at least.
    parts = max(2, limits.suspects + 2 - len(suspects))
    return max(until, newest.until + (expires_at - newest.until) / parts)


def after_no_effect(
    ended: WithoutEffect, why: tuple[ReplacementReason, ...], expires_at: datetime | None
) -> datetime | None:
    """Return until when no replacement for these reasons follows those that changed nothing, or None: at once.

    Who asks is not kept waiting; nor is what asks for another reason, or for one less since an edit. Where that is a
    secret that expires, at `expires_at`, the pause must not outlast it; once it is dead nothing is in time any more.
    """
    if ReplacementReason.REQUESTED in why or not ended.is_about(why):
        return None
    pause = NO_EFFECT.without_jitter(ended.times)
    if expires_at is not None and ended.at < expires_at:
        pause = min(pause, max(NO_EFFECT.first, (expires_at - ended.at) / 2))
    return ended.at + pause


def after_unreadable(last: ClosedCall, attempts: int, limits: Limits) -> datetime:
    """Return when a registration may follow one whose answer could only be read in part."""
    return last.at + Backoff(first=CALLS.first, longest=limits.retry_slowly).without_jitter(attempts + 1)


def heal_not_before(heals: int, healed_at: datetime | None) -> datetime | None:
    """Return when a Secret may be put right again: at once the first times, then less and less often."""
    if healed_at is None or heals < HEALS_AT_ONCE:
        return None
    return healed_at + CALLS.without_jitter(heals + 1)


def elsewhere(deleted_at: datetime | None, now: datetime, limits: Limits) -> datetime:
    """Return when it is asked again who else has clients of an issuer that was deleted then: less and less often."""
    # A clock that is behind the API server's is no reason to ask on and on.
    pause = limits.retry_slowly if deleted_at is None else abs(now - deleted_at) / 2
    return now + min(max(pause, ELSEWHERE), max(limits.retry_slowly, ELSEWHERE))


def until(problem: Problem, now: datetime, failures: Failures, limits: Limits) -> datetime | None:
    """Return until when a problem of this moment stands in the way, or None: until something changes."""
    asked = timedelta(seconds=problem.retry_after or 0)
    match problem.retry:
        case Retry.ON_CHANGE:
            return None
        case Retry.SLOWLY:
            return now + max(limits.retry_slowly, asked)
        case Retry.BACKOFF:
            return now + max(asked, _backoff(failures))
        case other:
            assert_never(other)


def fresh(problem: Problem, observed: Observed, now: datetime) -> Wait:
    """Return the wait for something that failed in this pass."""
    before = observed.unread.get(problem.issuer or "", 0) if problem.of_metadata else observed.failures.in_a_row
    counted = Failures(in_a_row=before + 1, chance=observed.chance)
    return Wait(verdict=problem.verdict, until=until(problem, now, counted, observed.limits), failed=problem)


def standing(problem: Problem, observed: Observed, now: datetime) -> Wait:
    """Return the wait for something that is looked at anew in every pass: it is neither counted nor held."""
    return Wait(verdict=problem.verdict, until=until(problem, now, observed.failures, observed.limits))


def held(problem: Held) -> Wait:
    """Return the wait for something that failed a moment ago."""
    return Wait(verdict=problem.verdict, until=problem.until)


def of_error(error: OperatorError, issuer: str | None = None, *, of_metadata: bool = False) -> Problem:
    """Return an error as something to wait for; with `issuer` it stands in the way of that one alone."""
    match error:
        case IssuerNotSecured(failure=failure):
            verdict = not_secured(str(error), failure, issuer)
        case IssuerNotAsked():
            verdict = not_asked(str(error))
        case IssuerUnavailable(retry=Retry.BACKOFF):
            verdict = unavailable(str(error), issuer)
        case _:
            message = f"{error}{SLOWLY}" if error.retry is Retry.SLOWLY else str(error)
            verdict = Verdict(reason=error.reason, message=message, stalled=error.retry is not Retry.BACKOFF)
    return Problem(verdict, error.retry, getattr(error, "retry_after", None), issuer, of_metadata)


def held_back(error: IssuerUnavailable, now: datetime, chance: float) -> Held:
    """Return the wait for an issuer that fails in a row; who waits is woken when it answers again.

    `chance` spreads those who come by themselves, so that the first one's trial is over when most of them do.
    """
    pause = timedelta(seconds=error.retry_after or 0)
    tried_at = (now + pause).astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1)
    return Held(calls_failed(str(error), tried_at), now + pause + min(pause, HELD_BACK_SPREAD) * chance)


def of_call(closed: ClosedCall, outcome: Outcome, record: Record, *, deleting: bool) -> Problem | None:
    """Return what keeps a resource from calling again at once, where its record does not say so by itself."""
    match closed.what, outcome:
        case DeregisterCall(client=key), _:
            client = record.client(key)
            # A surplus client waits by the record's own times, and must not keep the published one waiting.
            if not deleting or client is None or not client.alive:
                return None
            verdict = deletion_unconfirmed(client, closed)
            retry = Retry.SLOWLY if verdict.stalled else Retry.BACKOFF
            return Problem(verdict, retry, closed.said.retry_after, _where(closed, outcome))
        case _, NotSent():
            verdict = unsent(outcome, closed.call.issuer)
            retry = Retry.SLOWLY if verdict.stalled else Retry.BACKOFF
            return Problem(verdict, retry, issuer=_where(closed, outcome))
        case ReadCall(repeats=False), Ambiguous(retry_after=wait):
            return Problem(read_lost(closed), Retry.BACKOFF, wait)
        case UpdateCall(), Ambiguous(retry_after=wait):
            return Problem(update_lost(closed), Retry.BACKOFF, wait)
        case _:
            return None


def _where(closed: ClosedCall, outcome: Outcome) -> str | None:
    """Return the issuer that a failure is about; what is short on our own side is short for whichever."""
    return None if isinstance(outcome, NotSent) and outcome.ours else closed.call.issuer


def _backoff(failures: Failures, longer: Backoff[timedelta] = CALLS) -> timedelta:
    return longer.after(failures.in_a_row, failures.chance) if failures.in_a_row else timedelta()
