"""Long ways with many surprises, at random by a seed; and what of a way is needed for what was found on it."""

import random
from collections.abc import Iterator

from tests.exploration.acts import ACTS
from tests.exploration.found import Found, Trace, Violation
from tests.exploration.moves import Move, surprises
from tests.exploration.scenario import Scenario, replay
from tests.exploration.walk import Walk

STEPS = 250
"""Steps in which something surprising may happen; then nothing does, and the world has to come to rest."""


def wander(scenario: Scenario, seed: str, found: Found) -> None:
    """Go one way, with people who may do whatever can be done."""
    chance = random.Random(seed)
    often = chance.choice((0.01, 0.03, 0.1))
    walk, trace, wrong = Walk.of(scenario.start()), Trace(), set[str]()
    found.runs += 1
    try:
        for step in range(STEPS * 10):
            kinds = walk.look()
            found.states += 1
            move = None
            surprise = step < STEPS and chance.random() < often
            if surprise:
                move = _surprise(walk, chance)
            usually = walk.usually
            if move is None:
                surprise, move = False, walk.next()
                kinds += walk.rests(move)
            if move is None and step < STEPS:
                # At rest: somebody does something.
                surprise, move = True, _surprise(walk, chance)
            for kind in kinds:
                if kind not in wrong:
                    wrong.add(kind)
                    found.take(Violation(kind, scenario.name, trace))
            if move is None or walk.is_endless:
                break
            if walk.make(move, surprise=surprise) and surprise:
                trace = trace.then(usually, move)
        found.depth = max(found.depth, step)
    finally:
        walk.end()


def shrunk(scenario: Scenario, violation: Violation) -> Violation:
    """Return a violation of the same kind by a way from which nothing can be left out."""
    trace = violation.trace
    while (shorter := next((t for t in _shorter(trace) if _has(scenario, t, violation.kind)), None)) is not None:
        trace = shorter
    moves = [step.move for step in replay(scenario, trace) if step.surprise and step.move is not None]
    named = Trace(tuple((n, m) for (n, _), m in zip(trace.moves, moves, strict=False)))
    return Violation(violation.kind, violation.scenario, named)


def _surprise(walk: Walk, chance: random.Random) -> Move | None:
    """Choose a kind of surprise first: there are many more faults of a call than other things."""
    possible = list(surprises(walk.state, walk.runs, tuple(ACTS)))
    kinds = sorted({move.what for move in possible})
    if not kinds:
        return None
    kind = chance.choice([*kinds, *(["call", "call"] if "call" in kinds else [])])
    return chance.choice([move for move in possible if move.what == kind])


def _has(scenario: Scenario, trace: Trace, kind: str) -> bool:
    return any(kind in step.wrong for step in replay(scenario, trace))


def _shorter(trace: Trace) -> Iterator[Trace]:
    """Iterate over ways that leave something out: a surprise, or steps before one."""
    moves = trace.moves
    for place in range(len(moves)):
        steps, _ = moves[place]
        after = moves[place + 1 :]
        if after:
            # Those that follow come when they came.
            yield Trace((*moves[:place], (after[0][0] + steps, after[0][1]), *after[1:]))
        yield Trace((*moves[:place], *after))
    for place, (steps, move) in enumerate(moves):
        for fewer in sorted({0, steps // 2, steps - 1}):
            if 0 <= fewer < steps:
                yield Trace((*moves[:place], (fewer, move), *moves[place + 1 :]))
