"""Failures as something to wait for: what is said of them, and until when nothing is tried again."""

from datetime import datetime, timedelta

from ..errors import OperatorError, Retry
from ..exchange import NotSent
from ..names import Reason
from ..oauth.outcome import Ambiguous, Outcome, Rejected
from ..plan.observed import Limits, Problem
from ..record.model import CallKind, Record
from ..verdict import Verdict, deletion_unconfirmed, rejected, update_lost
from .calls import Intent


def problem_of(error: OperatorError, now: datetime, limits: Limits) -> Problem:
    """Return what an error's class says: wait for a change, for the slow interval, or for a backoff."""
    verdict = Verdict(reason=error.reason, message=str(error), stalled=error.retry is not Retry.BACKOFF)
    match error.retry:
        case Retry.ON_CHANGE:
            return Problem(verdict)
        case Retry.SLOWLY:
            return Problem(verdict, until=now + limits.retry_slowly)
        case Retry.BACKOFF:
            return _later(verdict, getattr(error, "retry_after", None), now)


def problem_of_call(
    intent: Intent, outcome: Outcome, record: Record, now: datetime, limits: Limits, *, deleting: bool
) -> Problem | None:
    """Return what keeps a resource from calling again at once, where the record does not already say so."""
    last = record.last(intent.kind, intent.client)
    client = record.client(intent.client)
    if intent.kind is CallKind.DEREGISTER:
        # A surplus client waits by the record's own times, and must not keep the published one waiting.
        if deleting and client is not None and client.alive:
            return _later(deletion_unconfirmed(client, last), last.retry_after if last is not None else None, now)
        return None
    match outcome:
        case NotSent(cause=cause, refused=True):
            verdict = Verdict(reason=Reason.ISSUER_NOT_ALLOWED, message=cause, stalled=True)
            return Problem(verdict, until=now + limits.retry_slowly)
        case NotSent(cause=cause):
            return Problem(Verdict(reason=Reason.ISSUER_UNAVAILABLE, message=cause), backoff=True)
        case Rejected(retry_after=wait) if last is not None and last.nonce_wanted:
            # Two calls each time, and less and less often: the first may only have carried a nonce that was too old.
            return None if last.to_be_repeated else _later(rejected(last), wait, now)
        case Rejected(status=404 | 405) if intent.kind is CallKind.REGISTER and last is not None:
            # The endpoint is looked up afresh; a document that names another one each time must not make us loop hot.
            return Problem(rejected(last), backoff=True)
        case Rejected(status=429, retry_after=wait) if last is not None:
            return _later(rejected(last), wait, now)
        case Ambiguous(retry_after=wait) if intent.kind is CallKind.UPDATE:
            return _later(update_lost(), wait, now)
        case _:
            return None


def _later(verdict: Verdict, seconds: float | None, now: datetime) -> Problem:
    return Problem(verdict, until=now + timedelta(seconds=seconds) if seconds else None, backoff=True)
