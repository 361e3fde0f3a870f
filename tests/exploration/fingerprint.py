"""The fingerprint of a whole state."""

from collections.abc import Iterator

from tests.exploration import invariants
from tests.exploration.canonical import Shape, ago, mark, of_body, of_call, of_entry, of_issuer, of_text
from tests.exploration.state import Process, State, Task


def fingerprint(state: State) -> int:
    """Return the same number for states that go on alike, whatever their names are."""
    return mark(_shapes(state), state.now)


def _shapes(state: State) -> Iterator[Shape]:
    for key in sorted(state.store.objects):
        yield of_text("/".join(key))
        yield of_body(state.store.objects[key])
    yield of_issuer(state.issuer)
    yield from _process(state, state.leader)
    if state.sleeper is not None:
        yield from _process(state, state.sleeper)
    for call in state.under_way:
        yield of_call(call)
    if state.backup is not None:
        yield of_body(state.backup)
    past = state.past
    rest = (
        state.acts,
        ago(state.now, state.refusing_until),
        state.postponed,
        past.forgiven,
        past.refused,
        past.lies,
        sorted(past.posts.values()),
        (past.causes, past.sleeps, past.losses),
        tuple(ago(state.now, t) for t in past.secrets_at[-invariants.OFTEN + 1 :]),
    )
    yield of_text(
        repr(
            (
                rest,
                sorted(past.excused),
                sorted(past.unrecorded),
                sorted(past.forced),
                sorted(t for _, t in past.received),
            )
        )
    )
    if state.issuer.dialect.provable:
        # Who began to act when is asked where a server's word alone is the reason.
        began = [ago(state.now, p.began_at) for p in state.processes]
        yield of_text(repr((began, sorted(past.gone))))
    good = sorted((pair, uid, ago(state.now, until)) for pair, (uid, until) in past.good_until.items())
    yield of_text(repr((sorted(past.shown.items()), good, sorted(past.foreign), sorted(past.outdated))))


def _process(state: State, process: Process) -> Iterator[Shape]:
    timers = sorted((k, ago(state.now, t)) for k, t in process.timers.items())
    slept = ago(state.now, process.slept_at) if process.asleep else 0.0
    known = (
        slept,
        process.asleep,
        process.leads,
        process.short,
        process.dirty,
        sorted(process.failures.items()),
        timers,
    )
    yield of_text(f"{process.holder} {known}")
    for name in sorted(process.minds):
        yield of_text(f"{name} {process.minds[name].text()}")
    for kind, objects in sorted(process.overlays.items()):
        yield Shape(hash(kind))
        for key in sorted(objects):
            yield of_text("/".join(key))
            yield of_body(objects[key])
    for task in process.tasks:
        yield from _task(state, task)


def _task(state: State, task: Task) -> Iterator[Shape]:
    edited = any(r.version >= task.since for r in state.resources())
    wakes = None if task.wakes_at is None else ago(state.now, task.wakes_at)
    yield of_text(f"{task.key} {task.begun} {task.deleting} {task.paused} {edited} {wakes} {task.mind.text()}")
    yield task.told
    if task.outcome is not None:
        yield of_entry(task.outcome) or Shape(0)
