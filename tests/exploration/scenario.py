"""A small world to begin with, and a walk through it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.exploration.found import Trace
from tests.exploration.issuer import Dialect, Issuer
from tests.exploration.moves import Move
from tests.exploration.state import Process, State
from tests.exploration.store import Store
from tests.exploration.walk import Walk


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A server's dialect, what people do one after the other, and what they may do at any time.

    Until so many acts are done as `calm` says, nothing surprising happens. With `only` nothing surprising happens but
    that: faults by their names and, if it is said, that of the call, and other moves by what they are.
    """

    name: str
    dialect: Dialect = field(default_factory=Dialect)
    acts: tuple[str, ...]
    anytime: tuple[str, ...] = ()
    calm: int = 0
    only: frozenset[str] = frozenset()

    def admits(self, move: Move) -> bool:
        """Whether a surprise may happen here."""
        name = f"{move.fault.name} {move.label}" if move.fault is not None else f"{move.what} {move.subject}"
        return not self.only or any(f"{name} ".startswith(f"{only} ") for only in self.only)

    def start(self) -> State:
        """Return the first state in which something surprising may happen."""
        first = State(now=0.0, store=Store(), issuer=Issuer(self.dialect), leader=Process(number=0), acts=self.acts)
        walk = Walk.of(first)
        walk.look()
        while (move := walk.next()) is not None:
            if move.what == "act" and len(walk.state.acts) == len(self.acts) - self.calm:
                break
            walk.make(move)
            walk.look()
        walk.end()
        return walk.state


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a way that is gone again: what happens, whether that is a surprise, and what is wrong before it."""

    state: State
    move: Move | None
    surprise: bool
    wrong: tuple[str, ...]


def replay(scenario: Scenario, trace: Trace) -> Iterator[Step]:
    """Go a way again, and on to its end; what cannot happen any more does not."""
    walk, left = Walk.of(scenario.start()), list(trace.moves)
    try:
        while True:
            wrong = walk.look()
            surprise = bool(left) and left[0][0] <= walk.usually
            move = left.pop(0)[1] if surprise else walk.next()
            if surprise and move is not None:
                move = _named(move, walk)
            else:
                wrong += walk.rests(move)
            yield Step(walk.state, move, surprise, tuple(wrong))
            if move is None or walk.is_endless:
                return
            if not walk.make(move, surprise=surprise):
                walk.usually = 0
    finally:
        walk.end()


def _named(move: Move, walk: Walk) -> Move:
    """Return a move with the name of the call that it is about here."""
    process = walk.state.sleeper if move.sleeper else walk.state.leader
    task = process.task(move.subject) if process is not None else None
    run = walk.runs.get((process.number, task.number)) if process is not None and task is not None else None
    call = run.pending if run is not None else None
    return move if call is None or move.what != "call" else move._replace(label=call.label, site=call.site)
