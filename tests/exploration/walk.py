"""One way through the world: from a state on, usual steps and surprises, and what is wrong on it."""

from dataclasses import dataclass
from typing import Self

from tests.exploration import expiry, invariants, rest
from tests.exploration.moves import SOON, Move, made, usual
from tests.exploration.passes import Runs, settle
from tests.exploration.state import State

STEPS = 400
"""Steps within which the world comes to rest once nothing surprising happens any more."""
CALLS = 40
"""Calls to the issuer until then: two clients that were left behind are tried on each of the days that are waited for."""
HOPS = 8
"""So often somebody who waits for long is waited for, before what he waits for is taken to be for ever."""
IMPATIENT = 3
"""So often before people do what they do next."""
_LONG = 30.0


@dataclass(slots=True)
class Walk:
    """A walk; `usually` counts its steps since the last surprise.

    `steps` and `calls` count since anything was new, an act of the script among it, `hops` the long waits since then in
    which nothing changed.
    """

    state: State
    runs: Runs
    usually: int = 0
    steps: int = 0
    calls: int = 0
    hops: int = 0
    _before: tuple[int, int] = (0, 0)

    @classmethod
    def of(cls, state: State) -> Self:
        """Return a walk that begins at a state."""
        return cls(state, {})

    def look(self) -> list[str]:
        """Let everybody go on as far as he can, and return what is wrong."""
        self.state = settle(self.state, self.runs)
        wrong = [*invariants.standing(self.state), *expiry.wrong(self.state)]
        if self.state.past.wrong:
            self.state = self.state._replace(past=self.state.past._replace(wrong=()))
        if self.is_endless:
            wrong.append("the world does not come to rest, or the issuer is called without an end")
        return wrong

    @property
    def is_endless(self) -> bool:
        """Whether it goes on and on."""
        return self.steps > STEPS or self.calls > CALLS

    def next(self) -> Move | None:
        """Return what happens next if nothing goes wrong; None at the end."""
        if self.hops >= HOPS and not self.state.acts:
            return None
        move = usual(self.state, self.runs, soon=SOON if self.hops < IMPATIENT else 0.0)
        if move is not None and move.what == "time":
            now = (id(self.state.store.objects), id(self.state.issuer.clients))
            waits = move.seconds
            if waits > SOON or (waits >= _LONG and now == self._before):
                self.hops += 1
            self._before = now
        return move

    def rests(self, move: Move | None) -> list[str]:
        """Return what is wrong with being at rest, where `move` says that this is so."""
        if move is None:
            return list(rest.ending(self.state))
        return list(rest.resting(self.state)) if move.what == "act" else []

    def make(self, move: Move, *, surprise: bool = False) -> bool:
        """Go on by a move, if it is possible."""
        after = made(self.state, move, self.runs)
        if after is None:
            return False
        self.state = after
        alive = {(p.number, t.number) for p in after.processes if not p.asleep for t in p.tasks}
        for key in self.runs.keys() - alive:
            self.runs.pop(key).drop()
        self.usually = 0 if surprise else self.usually + 1
        self.steps += 1
        self.calls += move.label.startswith("exchange")
        if surprise or move.what == "act":
            self.steps = self.calls = self.hops = 0
        return True

    def give_up(self) -> None:
        """Take it that nothing new will come of waiting."""
        self.hops = max(self.hops, HOPS)

    def end(self) -> None:
        """Go on no more."""
        for run in self.runs.values():
            run.drop()
        self.runs.clear()
