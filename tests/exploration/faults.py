"""What can happen to a call, and what the world is like afterwards."""

from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum

from tests.exploration import effects, messages, settings
from tests.exploration.passes import view
from tests.exploration.run import Call, Failure, Outcome, Run, Value
from tests.exploration.state import Past, Process, State, Task

TIMEOUT = 10.0
"""Seconds after which the API server is not waited for any more."""
TAKEOVER = 50.0
"""Seconds after which another process leads, if one is not heard of."""


class Fault(StrEnum):
    """What happens to a call; the sentence goes on from the call."""

    DIES_BEFORE = "is not made, for the process dies"
    DIES_AFTER = "is made, and the process dies"
    SUCCEEDED = "is made, and the process dies and is followed at once"
    LOST = "is lost on its way"
    ANSWER_LOST = "has an answer that is lost"
    LATE = "arrives when nobody waits for it any more"
    CONFLICT = "meets a conflict"
    REFUSED = "is refused"
    REFUSED_A_WHILE = "is refused, as all writes of records are for a while"
    REFUSED_LONG = "is refused, as all writes of records are for long"
    SLEEPS_BEFORE = "waits, for the process sleeps before it"
    SLEEPS_INSIDE = "waits, for the process sleeps at its first byte"
    SLEEPS_AFTER = "is answered to a process that sleeps"
    NOT_SENT = "cannot be sent"
    ERROR = "is answered 502, and was not done"
    ERROR_DONE = "is answered 502, and was done"
    REJECTED = "is answered 400"
    PAGE = "is answered 404 by a gateway"
    NOT_ALLOWED = "is answered 405 by a gateway"
    UNAUTHORIZED = "is answered 401 by a gateway"
    UNCLEAR = "is done, and answered 200 with a page"
    CUT_EARLY = "has an answer that ends in the client secret"
    CUT_LATE = "has an answer that ends after the last credential"
    NOT_HEARD = "is refused by a replica that has not heard of the client"


SLEEPS = (Fault.SLEEPS_BEFORE, Fault.SLEEPS_INSIDE, Fault.SLEEPS_AFTER)
REFUSALS = {Fault.REFUSED_A_WHILE: 20.0, Fault.REFUSED_LONG: 90.0}
"""For how many seconds."""
_DEATHS = (Fault.DIES_BEFORE, Fault.DIES_AFTER)
_READ = (Fault.DIES_BEFORE, Fault.LOST, Fault.SLEEPS_AFTER)
_WRITE = (*_DEATHS, Fault.LOST, Fault.ANSWER_LOST, Fault.LATE, Fault.REFUSED, Fault.SLEEPS_BEFORE, Fault.SLEEPS_AFTER)
_ANSWERS = {
    Fault.NOT_SENT: messages.not_sent(),
    Fault.ERROR: messages.page(502),
    Fault.REJECTED: messages.rejection(),
    Fault.PAGE: messages.page(404),
    Fault.NOT_ALLOWED: messages.page(405),
    Fault.UNAUTHORIZED: messages.page(401),
}
"""What a request is answered that the server never sees."""
_DONE = (Fault.ANSWER_LOST, Fault.ERROR_DONE, Fault.UNCLEAR, Fault.CUT_EARLY, Fault.CUT_LATE)
_EXCHANGE = (*_DEATHS, Fault.SUCCEEDED, *SLEEPS, Fault.LOST, Fault.LATE, *_ANSWERS, Fault.ANSWER_LOST, Fault.ERROR_DONE)


_UNKNOWN = (Fault.LOST, Fault.LATE, Fault.ERROR, *_DONE)
"""After these nobody can say what came of a request."""


class Impossible(Exception):
    """There is nothing here that this could happen to."""


def faults(call: Call) -> Iterator[Fault]:
    """Iterate over what can happen to a call."""
    match call.verb:
        case "exchange":
            yield from _EXCHANGE
            if messages.wire(call.arguments[0])[0] != "DELETE":
                yield from (Fault.UNCLEAR, Fault.CUT_EARLY, Fault.CUT_LATE)
        case "read" | "list" | "discover" | "rehearse" | "prove":
            yield from _READ
            if call.verb == "prove":
                yield Fault.NOT_HEARD
            if call.verb == "rehearse":
                yield Fault.REFUSED
        case "create" | "patch" | "delete":
            yield from _WRITE
            if call.verb != "create":
                yield Fault.CONFLICT
            if effects.is_record(call):
                yield from REFUSALS
        case "sleep" | "announce":
            yield from (Fault.DIES_BEFORE, Fault.SLEEPS_AFTER)


def suffered(state: State, process: Process, task: Task, run: Run, fault: Fault) -> State:
    """Return the state after a fault at the pending call of a task.

    Raises:
        Impossible: it cannot happen here.
    """
    call = run.pending
    if call is None or fault not in faults(call):
        raise Impossible("there is no such call")
    if fault in SLEEPS and (state.sleeper is not None or not process.leads):
        raise Impossible("one process sleeps at a time, and once")
    refused = call.verb == "exchange" and not task.begun and run.objection(view(state, process)) is not None
    match fault:
        case Fault.DIES_BEFORE:
            return _dead(state, process, TAKEOVER)
        case Fault.DIES_AFTER | Fault.SUCCEEDED:
            after, _ = effects.effect(state, process, task, run)
            return _dead(after, process, TAKEOVER if fault is Fault.DIES_AFTER else 0.0)
        case Fault.SLEEPS_BEFORE:
            return _asleep(state, process, task)
        case Fault.SLEEPS_AFTER:
            after, outcome = effects.effect(state, process, task, run)
            return _asleep(
                effects.received(state, after, process), process, task._replace(outcome=outcome, before=call.label)
            )
    if refused:
        raise Impossible("the request does not go out at all")
    if fault is Fault.SLEEPS_INSIDE:
        begun, _ = effects.sent(state, process, task, call)
        return _asleep(begun, process, task._replace(begun=True))
    after, outcome = _answered(state, process, task, run, call, fault)
    if fault is Fault.CUT_LATE:
        after = effects.received(state, after, process)
    after = after._replace(past=_blamed(after.past, call, fault))
    if fault is Fault.UNAUTHORIZED:
        after = after._replace(past=after.past._replace(lies=after.past.lies + 1))
    if fault is Fault.REFUSED_LONG:
        after = after._replace(past=after.past._replace(refused=True))
    return after.with_task(process.number, task._replace(outcome=outcome, before=call.label))


def succeeded(state: State, after: float) -> State:
    """Return the state when the leader is gone and another process leads: it knows what the watches know."""
    leader = Process(number=state.next_number, began_at=state.now + after)
    leader = leader.with_dirty(*state.keys(leader))
    return state._replace(now=state.now + after, postponed=None, leader=leader, next_number=state.next_number + 1)


def _blamed(past: Past, call: Call, fault: Fault) -> Past:
    if call.verb == "prove":
        return past
    if call.verb == "exchange":
        return past._replace(causes=past.causes + (fault in _UNKNOWN))
    return past._replace(losses=past.losses + (2 if fault in (*REFUSALS, Fault.LATE) else 1))


def _answered(state: State, process: Process, task: Task, run: Run, call: Call, fault: Fault) -> tuple[State, Outcome]:
    if fault in _ANSWERS:
        return state, Value(_ANSWERS[fault])
    if fault in _DONE:
        after, outcome = effects.effect(state, process, task, run)
        return after, _spoilt(call, outcome, fault)
    match fault:
        case Fault.LOST | Fault.LATE:
            issuer = call.verb in ("exchange", "prove")
            if fault is Fault.LATE:
                state, call = effects.sent(state, process, task, call) if issuer and not task.begun else (state, call)
                state = state._replace(under_way=(*state.under_way, replace(call.on_its_way(), since=task.since)))
            state = state._replace(now=state.now + (settings.EXCHANGE if issuer else TIMEOUT))
            return state, _unanswered(call)
        case Fault.CONFLICT:
            return state, Failure("Conflict")
        case Fault.NOT_HEARD:
            return state, Value(messages.REFUSED)
        case Fault.REFUSED_A_WHILE | Fault.REFUSED_LONG:
            state = state._replace(refusing_until=state.now + REFUSALS[fault])
    return state, Failure("RequestRefused")


def _spoilt(call: Call, outcome: Outcome, fault: Fault) -> Outcome:
    match fault, outcome:
        case Fault.ERROR_DONE, _:
            return Value(messages.page(502))
        case Fault.UNCLEAR, _:
            return Value(messages.page(200))
        case Fault.CUT_EARLY, Value(value=answer):
            return Value(messages.cut(answer, "client_secret"))
        case Fault.CUT_LATE, Value(value=answer):
            return Value(messages.cut(answer, ""))
    return _unanswered(call)


def _unanswered(call: Call) -> Outcome:
    if call.verb == "exchange":
        return Value(messages.lost())
    if call.verb == "prove":
        return Value(messages.UNKNOWN)
    return Failure("IssuerUnavailable" if call.verb == "discover" else "Unanswered")


def _dead(state: State, process: Process, after: float) -> State:
    received = frozenset(r for r in state.past.received if r[0] != process.number)
    state = state._replace(past=state.past._replace(received=received, causes=state.past.causes + 1))
    return succeeded(state, after) if process.leads else state._replace(sleeper=None)


def _asleep(state: State, process: Process, task: Task) -> State:
    sleeper = state.with_task(process.number, task).leader._replace(asleep=True, leads=False, slept_at=state.now)
    past = state.past._replace(sleeps=state.past.sleeps + 1)
    return succeeded(state, TAKEOVER)._replace(sleeper=sleeper, past=past)
