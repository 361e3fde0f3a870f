"""How the world goes on: what comes next if nothing surprising happens, and every surprise that can happen instead."""

from collections.abc import Iterator
from typing import NamedTuple

from tests.exploration import clock, core, effects, invariants
from tests.exploration.acts import ACTS
from tests.exploration.faults import SLEEPS, Fault, Impossible, faults, succeeded, suffered
from tests.exploration.passes import Runs
from tests.exploration.settings import NAMESPACE
from tests.exploration.state import BLANK, KINDS, Process, State, Task, kind_of

SOON = 600.0
"""Seconds: who waits for longer is at rest, and goes on by a change or for a person."""


class Move(NamedTuple):
    """One way on; `what` says it, `subject` names a task, an act or a watch, and `sleeper` whose task it is.

    `seconds` is how long it takes, `label` and `site` are the call that it is about.
    """

    what: str
    subject: str = ""
    sleeper: bool = False
    fault: Fault | None = None
    seconds: float = 0.0
    label: str = ""
    site: str = ""

    def __str__(self) -> str:
        match self.what:
            case "call":
                who = f"{'the sleeper, ' if self.sleeper else ''}{self.subject}: {self.label}"
                return who if self.fault is None else f"{who} {self.fault}"
            case "time":
                return f"{self.seconds:g} s pass"
            case "act":
                return f"a person does: {self.subject}"
        return f"{self.what} {self.subject}".strip()


def usual(state: State, runs: Runs, *, soon: float = SOON) -> Move | None:
    """Return what happens next if nothing goes wrong: None at the end.

    Whoever can work works; then watches catch up, and time passes until somebody is due, but for those who wait long;
    then comes what was late, then who slept wakes, then people act, and then the others are due.
    """
    ready = _ready(state, runs)
    if ready:
        return next((m for m in ready if (m.sleeper, m.subject) != state.postponed), ready[0])
    if state.leader.overlays:
        return Move("the watch catches up:", next(iter(state.leader.overlays)))
    if state.garbage():
        return Move("garbage is collected")
    due = clock.due(state)
    if due is not None and due <= state.now + soon:
        return Move("time", seconds=due - state.now)
    if state.under_way:
        return Move("what was late arrives")
    if state.sleeper is not None:
        return Move("the sleeper wakes") if state.sleeper.asleep else Move("the sleeper ends")
    if state.acts:
        return Move("act", state.acts[0])
    return None if due is None else Move("time", seconds=due - state.now)


def surprises(state: State, runs: Runs, acts: tuple[str, ...]) -> Iterator[Move]:
    """Iterate over all that can happen instead; `acts` are those that people do at any time."""
    yield from _at_calls(state, runs)
    ready, usually = _ready(state, runs), usual(state, runs)
    expected = "" if usually is None else usually.what
    if len(ready) > 1 and state.postponed is None:
        yield Move("is postponed:", ready[0].subject, ready[0].sleeper)
    for kind in KINDS:
        if kind not in state.leader.overlays:
            yield Move("a watch lags:", kind)
        elif ready:
            yield Move("the watch catches up:", kind)
    if state.leader.tasks and not state.leader.short:
        yield Move("the lease runs short")
    if not state.leader.tasks and (state.leader.minds or state.leader.failures):
        yield Move("the process dies")
    if state.under_way and expected != "what was late arrives":
        yield Move("what was late arrives")
    if state.sleeper is not None and state.sleeper.asleep and expected != "the sleeper wakes":
        yield Move("the sleeper wakes")
    for key in state.leader.timers:
        if core.is_record_key(key) and state.leader.task(key) is None:
            yield Move("begins:", key)
    for act in dict.fromkeys((*state.acts[:1], *acts)):
        if usually != Move("act", act):
            yield Move("act", act)


def made(state: State, move: Move, runs: Runs) -> State | None:  # noqa: PLR0912 - one branch per kind of move
    """Return the state after a move, or None where it is not possible."""
    leader = state.leader
    match move.what:
        case "call":
            return _called(state, move, runs)
        case "begins:":
            return _begun(state, move.subject)
        case "act":
            after = ACTS[move.subject](state)
            left = state.acts[1:] if state.acts[:1] == (move.subject,) else state.acts
            return None if after is None and left is state.acts else (after or state)._replace(acts=left)
        case "time":
            later = state._replace(now=state.now + move.seconds, leader=leader._replace(short=False))
            return clock.with_due(later)
        case "is postponed:":
            return state._replace(postponed=(move.sleeper, move.subject))
        case "a watch lags:" if move.subject not in leader.overlays:
            objects = {k: b for k, b in state.store.objects.items() if kind_of(k) == move.subject}
            return state._replace(leader=leader._replace(overlays={**leader.overlays, move.subject: objects}))
        case "the watch catches up:" if move.subject in leader.overlays:
            return _caught_up(state, move.subject)
        case "what was late arrives" if state.under_way:
            call, *rest = state.under_way
            return effects.arrived(state._replace(under_way=tuple(rest)), call, None)[0]
        case "the sleeper wakes" if state.sleeper is not None and state.sleeper.asleep:
            return state._replace(sleeper=state.sleeper._replace(asleep=False))
        case "the sleeper ends" if state.sleeper is not None and not state.sleeper.tasks:
            return state._replace(sleeper=None)
        case "garbage is collected":
            return state.stored(state.store.without(state.garbage()))
        case "the process dies" if not leader.tasks:
            return succeeded(state, 0.0)
        case "the lease runs short":
            return state._replace(leader=leader._replace(short=True))
    return None


def _ready(state: State, runs: Runs) -> list[Move]:
    """Return what can be done at once: the leader's tasks and what waits to begin, then those of who woke."""
    found: list[Move] = []
    for process in state.processes:
        if process.asleep:
            continue
        for task in process.tasks:
            call = runs[process.number, task.number].pending
            if call is not None and (task.wakes_at is None or task.wakes_at <= state.now):
                found.append(Move("call", task.key, not process.leads, label=call.label, site=call.site))
        if process.leads:
            found += [Move("begins:", key) for key in process.dirty if process.task(key) is None]
    return found


def _at_calls(state: State, runs: Runs) -> Iterator[Move]:
    for process in state.processes:
        if process.asleep:
            continue
        for task in process.tasks:
            call = runs[process.number, task.number].pending
            if call is None:
                continue
            for fault in faults(call):
                if fault not in SLEEPS or (state.sleeper is None and process.leads):
                    yield Move("call", task.key, not process.leads, fault, label=call.label, site=call.site)


def _begun(state: State, key: str) -> State | None:
    leader = state.leader
    if leader.task(key) is not None:
        return None
    body = state.cached(leader, "resources").get(("oauthclients", NAMESPACE, key))
    deleting = body is not None and "deletionTimestamp" in body["metadata"]
    paused = body is not None and invariants.is_paused(body)
    task = Task(key, state.next_number, leader.minds.get(key, BLANK), deleting=deleting, paused=paused)
    leader = leader.with_task(task)._replace(
        dirty=tuple(k for k in leader.dirty if k != key), timers={k: t for k, t in leader.timers.items() if k != key}
    )
    return state._replace(leader=leader, next_number=state.next_number + 1)


def _called(state: State, move: Move, runs: Runs) -> State | None:
    process: Process | None = state.sleeper if move.sleeper else state.leader
    task = process.task(move.subject) if process is not None and not process.asleep else None
    if process is None or task is None:
        return None
    run = runs[process.number, task.number]
    if run.pending is None:
        return None
    if move.fault is not None:
        try:
            return suffered(state, process, task, run, move.fault)
        except Impossible:
            return None
    if task.wakes_at is not None and task.wakes_at > state.now:
        return None
    after, outcome = effects.effect(state, process, task, run)
    after = effects.received(state, after, process)
    return after.with_task(process.number, task._replace(outcome=outcome, wakes_at=None, before=move.label))


def _caught_up(state: State, kind: str) -> State:
    leader, before = state.leader, state.leader.overlays[kind]
    leader = leader._replace(overlays={k: o for k, o in leader.overlays.items() if k != kind})
    now = {k: b for k, b in state.store.objects.items() if kind_of(k) == kind}
    changed = [k for k in {**before, **now} if before.get(k) is not now.get(k)]
    names = [n for k in changed for n in state.concerned(leader, k, before.get(k))]
    return state._replace(leader=leader.with_dirty(*names))
