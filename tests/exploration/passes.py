"""The program run on a state: each pass that was answered goes on to its next call, or to its end."""

from collections.abc import Mapping

from tests.exploration import core
from tests.exploration.canonical import of_entry
from tests.exploration.run import Run
from tests.exploration.state import Process, State, Task, kind_of
from tests.exploration.store import Body, Key

Runs = dict[tuple[int, int], Run]
"""The coroutines that are at hand, by the numbers of process and task."""


class _View:
    """What one process sees now."""

    def __init__(self, state: State, process: Process) -> None:
        self.now = state.now
        self.lease = process.lease
        self.provable = state.issuer.dialect.provable
        self.state = state
        self.process = process

    def cached(self, key: Key) -> Body | None:
        return self.state.cached(self.process, kind_of(key)).get(key)

    def all_cached(self, kind: str) -> dict[Key, Body]:
        return {k: b for k, b in self.state.cached(self.process, kind).items() if kind_of(k) == kind}

    def offer(self, body: Body) -> None:
        metadata = body["metadata"]
        key = ("secrets" if body["kind"] == "Secret" else "oauthclients", metadata["namespace"], metadata["name"])
        kind = kind_of(key)
        known = self.process.overlays.get(kind)
        if known is None or ((old := known.get(key)) is not None and old.version >= body.version):
            return
        self._overlay(kind, {**known, key: body})
        self.process = self.process.with_dirty(*self.state.concerned(self.process, key, None))

    def forget(self, key: Key) -> None:
        kind = kind_of(key)
        known = self.process.overlays.get(kind)
        if known is not None and key in known:
            self._overlay(kind, {k: b for k, b in known.items() if k != key})
            self.process = self.process.with_dirty(*self.state.concerned(self.process, key, known[key]))

    def _overlay(self, kind: str, objects: Mapping[Key, Body]) -> None:
        self.process = self.process._replace(overlays={**self.process.overlays, kind: objects})


def settle(state: State, runs: Runs) -> State:
    """Return the state when every process that is awake has gone on as far as it can without the world."""
    for process in state.processes:
        if not process.asleep:
            for task in process.tasks:
                if task.outcome is not None or (process.number, task.number) not in runs:
                    state = _go_on(state, process.number, task, runs)
    return state


def view(state: State, process: Process) -> _View:
    """Return what a process sees."""
    return _View(state, process)


def _go_on(state: State, number: int, task: Task, runs: Runs) -> State:
    process = next(p for p in state.processes if p.number == number)
    seen = _View(state, process)
    identity = (number, task.number)
    run = runs.get(identity)
    if run is None:
        transcript = task.transcript if task.outcome is None else (*task.transcript, task.outcome)
        run = runs[identity] = Run(transcript, task.number)
        run.begin(core.reconcile(run, task.key, task.mind, process.holder, process.began_at), seen)
    elif task.outcome is not None:
        run.answer(task.outcome, seen)
    process = seen.process
    if not run.done:
        call = run.pending
        waits = call is not None and call.verb == "sleep"
        wakes_at = task.wakes_at
        if call is not None and waits and (task.outcome is not None or wakes_at is None):
            wakes_at = state.now + float(call.arguments[0])
        elif not waits:
            wakes_at = None
        begun = task.begun and task.outcome is None
        new = [s for e in run.transcript[len(task.transcript) :] if (s := of_entry(e)) is not None]
        now = task._replace(
            transcript=tuple(run.transcript),
            told=task.told.with_all(new),
            outcome=None,
            wakes_at=wakes_at,
            begun=begun,
            since=task.since if task.since and task.outcome is None else state.store.next_version,
        )
        return state.with_process(process.with_task(now))
    del runs[identity]
    return _ended(state, process, task, run)


def _ended(state: State, process: Process, task: Task, run: Run) -> State:
    process = process._replace(tasks=tuple(t for t in process.tasks if t.number != task.number))
    postponed = None if state.postponed == (not process.leads, task.key) else state.postponed
    state = state._replace(postponed=postponed)
    try:
        ended: core.Ended = run.result()
    except Exception as error:  # noqa: BLE001 - whatever a pass raises is what the exploration looks for
        state = state.wronged(f"a pass raises {type(error).__name__}: {error}")
        ended = core.Ended(core.BLANK, backoff=True)
    minds = {k: m for k, m in {**process.minds, task.key: ended.mind}.items() if m != core.BLANK}
    failures = {k: n for k, n in process.failures.items() if k != task.key}
    timers = dict(process.timers)
    due = ended.at
    if ended.backoff:
        failed = process.failures.get(task.key, 0)
        failures[task.key] = min(failed + 1, 9)
        due = state.now + min(300.0, 2.0**failed)
    if due is not None:
        timers[task.key] = min(due, timers.get(task.key, due))
    return state.with_process(process._replace(minds=minds, failures=failures, timers=timers))
