"""Explore without a bound: every pair of surprises, then random runs by seed, until a law is broken.

python -m tests.exploration [what a scenario's name contains]
"""

import itertools
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from tests.exploration import core
from tests.exploration.explorer import Explorer
from tests.exploration.found import Found, Violation
from tests.exploration.random_runs import shrunk, wander
from tests.exploration.scenarios import SCENARIOS

AT_ONCE = 10


def _level(name: str, surprises: int) -> Found:
    found = Found()
    with core.deterministic():
        Explorer(SCENARIOS[name], found, surprises_at_most=surprises).explore()
    return found


def _runs(name: str, first: int) -> Found:
    found = Found()
    with core.deterministic():
        for number in range(first, first + AT_ONCE):
            wander(SCENARIOS[name], f"{name} {number}", found)
    return found


def _shrunk(violation: Violation) -> Violation:
    with core.deterministic():
        return shrunk(SCENARIOS[violation.scenario], violation)


def _all(pool: ProcessPoolExecutor, names: list[str]) -> Iterator[tuple[str, Found]]:
    for surprises in (1, 2):
        for name, found in zip(names, pool.map(_level, names, itertools.repeat(surprises)), strict=True):
            yield f"{name}, {surprises} at most", found
    for first in itertools.count(0, AT_ONCE):
        for name, found in zip(names, pool.map(_runs, names, itertools.repeat(first)), strict=True):
            yield f"{name}, random runs from {first}", found


def main(part: str = "") -> int:
    """Explore until a law is broken, and say by what."""
    names = [name for name in SCENARIOS if part in name]
    pool = ProcessPoolExecutor(2)
    try:
        for what, found in _all(pool, names):
            sys.stdout.write(f"{what}: {chr(10).join(found.lines())}\n")
            sys.stdout.flush()
            broken = found.undecided()
            for violation in map(_shrunk, broken):
                sys.stdout.write(f"BROKEN [{violation.scenario}] {violation.kind}: {violation.trace}\n")
            if broken:
                return 1
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
