"""Breadth first through a small world: no surprise, then every one, then every second one after each first one."""

from collections import Counter
from collections.abc import Iterator

from tests.exploration.fingerprint import fingerprint
from tests.exploration.found import Found, Trace, Violation
from tests.exploration.moves import made, surprises
from tests.exploration.scenario import Scenario
from tests.exploration.state import State
from tests.exploration.walk import Walk

ROUNDS = 2
"""So often a walk may come to where it was: how long ago something happened is told roughly."""


class Explorer:
    """One scenario, explored."""

    def __init__(self, scenario: Scenario, found: Found, *, surprises_at_most: int) -> None:
        self._scenario = scenario
        self._found = found
        self._most = surprises_at_most
        self._seen: set[int] = set()
        self._branched: set[int] = set()
        self._queued: set[int] = set()

    def explore(self) -> None:
        """Explore, level by level; of the last one nothing is kept."""
        level = [(self._scenario.start(), Trace())]
        if not self._most:
            list(self._path(*level[0], branch=False))
        for number in range(self._most):
            after: list[tuple[State, Trace]] = []
            for state, trace in level:
                for there in self._path(state, trace, branch=True):
                    if number + 1 < self._most:
                        after.append(there)
                    else:
                        list(self._path(*there, branch=False))
            level = after

    def _path(self, state: State, trace: Trace, *, branch: bool) -> Iterator[tuple[State, Trace]]:
        walk, depth = Walk.of(state), trace.length[1]
        self._found.runs += 1
        own: Counter[int] = Counter()
        wrong: set[str] = set()
        try:
            while True:
                mark = fingerprint(walk.state)
                own[mark] += 1
                if own[mark] > ROUNDS:
                    # It goes round in a circle: that is for ever.
                    walk.give_up()
                elif own[mark] == 1 and mark in (self._branched if branch else self._seen):
                    return
                self._seen.add(mark)
                kinds = walk.look()
                self._found.states += 1
                self._found.depth = max(self._found.depth, depth + walk.usually)
                if branch and mark not in self._branched:
                    self._branched.add(mark)
                    yield from self._surprises(walk, trace)
                move = walk.next()
                kinds += walk.rests(move)
                for kind in kinds:
                    if kind not in wrong:
                        wrong.add(kind)
                        self._found.take(Violation(kind, self._scenario.name, trace))
                if move is None or walk.is_endless:
                    return
                if move.site:
                    self._found.sites.add(move.site)
                if not walk.make(move):
                    raise AssertionError(f"{move} is not possible")
        finally:
            walk.end()

    def _surprises(self, walk: Walk, trace: Trace) -> Iterator[tuple[State, Trace]]:
        for move in surprises(walk.state, walk.runs, self._scenario.anytime):
            if not self._scenario.admits(move):
                continue
            after = made(walk.state, move, walk.runs)
            if move.fault is not None:
                (self._found.missed if after is None else self._found.hit).add((move.site, move.fault.name))
            if after is None:
                continue
            mark = fingerprint(after)
            if mark not in self._seen and mark not in self._queued:
                self._queued.add(mark)
                yield after, trace.then(walk.usually, move)
