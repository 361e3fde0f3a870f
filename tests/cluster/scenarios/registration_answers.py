"""Answers to a registration that are not as they should be, and what a record says of them."""

from oauthclient_operator.record.attempts import AttemptState
from oauthclient_operator.record.calls import CallOutcome, RegisterCall
from oauthclient_operator.record.record import Record
from tests.parts.misbehaving import respond, send
from tests.parts.misbehaving_issuer import Spoil

ELSEWHERE = "https://127.0.0.1:1/elsewhere"


def answer(status: int, members: object = None) -> Spoil:
    """Answer so in place of what would be right, and name a place to be redirected to."""
    return lambda _: respond(status, members, location=ELSEWHERE)


def cut(at: bytes) -> Spoil:
    """Break off where the right answer has that text."""
    return lambda right: send(right[: right.index(at)])


def calls(record: Record) -> list[tuple[int, CallOutcome, int | None]]:
    return [
        (closed.number, closed.outcome, closed.what.attempt if isinstance(closed.what, RegisterCall) else None)
        for closed in record.closed
    ]


def attempts(record: Record) -> list[tuple[int, AttemptState]]:
    return [(attempt.number, attempt.state) for attempt in record.attempts]
