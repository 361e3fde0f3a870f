"""Each point of a life is hit once, in one lane or another, and after each the books are looked at."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Final

from tests.cluster.crash.accounts import Course, complaints
from tests.cluster.crash.lane import Lane
from tests.cluster.crash.points import Point
from tests.cluster.crash.stage import Life, Stage
from tests.parts.processes import ProcessError
from tests.parts.relay import Fault

_WITHIN: Final = 120.0
"""Seconds for a life with a fault in it: what a lost registration waits for, several times over."""
_TRIES: Final = 3
"""So often a point is gone for: how often something is looked at again may be the clock's choice."""
_BY_CHANCE: Final = 10
"""No more than this part of a life's points may be there by chance."""


@dataclass(kw_only=True)
class Tried:
    """One run: a life, led with a fault at a point; `wrong` is what was not as it must be."""

    life: Life
    course: Course
    point: Point
    fault: Fault
    stage: Stage | None = None
    """None where the point was not come to."""
    wrong: list[str] = field(default_factory=list)

    def look(self) -> list[str]:
        """Look at the books, and return what is wrong."""
        if self.stage is not None and not self.wrong:
            self.wrong = list(complaints(self.stage, self.life, self.course, self.point, self.fault))
        return [f"{self.life.name}, {self.fault.name} at {self.point}: {what}" for what in self.wrong]


@dataclass(frozen=True, kw_only=True)
class Hits:
    """What came of one fault at each point of one life."""

    life: Life
    fault: Fault
    course: Course
    tried: list[Tried]
    apart: Counter[str]

    @property
    def wrong(self) -> list[str]:
        """What was wrong after a fault, or is by now: whatever came since changed nothing for the worse."""
        return [line for tried in self.tried for line in tried.look()]

    @property
    def passed_by(self) -> list[Point]:
        """The points that no other life than the first came to."""
        return [tried.point for tried in self.tried if tried.stage is None]

    @property
    def missed(self) -> list[str]:
        """The points of those that each life has: how often a few are come to once more is the clock's choice."""
        too_many = len(self.passed_by) > max(1, len(self.course) // _BY_CHANCE)
        return [str(point) for point in self.passed_by if too_many or point.number == 1]

    def __str__(self) -> str:
        hit, part = len(self.tried) - len(self.passed_by), len(self.tried) < len(self.course)
        enumerated = f"{len(self.tried)} of {len(self.course)}" if part else f"{len(self.course)}"
        apart = ", ".join(f"{number} {what}" for what, number in sorted(self.apart.items()))
        return (
            f"{self.life.name}, {self.fault.value}: {hit} points hit / {enumerated} points enumerated"
            f" (apart: {apart or 'none'})"
        )


@dataclass(kw_only=True)
class Lanes:
    """Several lanes, and a thread for each."""

    free: SimpleQueue[Lane]
    pool: ThreadPoolExecutor
    courses: dict[str, tuple[Course, Counter[str]]] = field(default_factory=dict)

    def hit(self, life: Life, fault: Fault, *, where: Callable[[Point], bool] = lambda _: True) -> Hits:
        """Make a fault at each point of a life, or at those `where` it is asked for, one run for each."""
        if life.name not in self.courses:
            self.courses[life.name] = self.pool.submit(self._enumerated, life).result()
        course, apart = self.courses[life.name]
        tried = [Tried(life=life, course=course, point=point, fault=fault) for point in course if where(point)]
        runs = [self.pool.submit(self._try, one) for one in tried]
        # A lane that one of them is in is not ended because another one failed.
        wait(runs)
        for run in runs:
            run.result()
        return Hits(life=life, fault=fault, course=course, tried=tried, apart=apart)

    @contextmanager
    def _one(self) -> Iterator[Lane]:
        lane = self.free.get()
        try:
            yield lane
        finally:
            self.free.put(lane)

    def _enumerated(self, life: Life) -> tuple[Course, Counter[str]]:
        with self._one() as lane:
            stage = Stage(lane=lane)
            _lead(life, stage, None, None)
            # Told to end, it finishes what it is about: nothing comes after that.
            lane.stop()
            course, apart = lane.watchman.disarm()
            assert list(complaints(stage, life, course, None, None)) == []
            return course, apart

    def _try(self, tried: Tried) -> None:
        with self._one() as lane:
            for _ in range(_TRIES):
                stage = Stage(lane=lane)
                try:
                    _lead(tried.life, stage, tried.point, tried.fault)
                except (TimeoutError, ProcessError) as error:
                    tried.wrong = [str(error)]
                lane.watchman.disarm()
                if lane.watchman.made.is_set():
                    tried.stage = stage
                    tried.look()
                    return


def _lead(life: Life, stage: Stage, point: Point | None, fault: Fault | None) -> None:
    """Lead a life to its end; a process that was killed in it is followed by another one."""
    lane = stage.lane
    if life.of_everything:
        lane.stop()
    else:
        lane.until_at_work()
    life.prepare(stage)
    name = None if life.of_everything else stage.name
    lane.watchman.arm(name=name, uid=stage.uid, clients=stage.known(), at=point, fault=fault)
    life.begin(stage)
    if life.of_everything:
        lane.begin()

    def seen() -> object:
        return stage.room.read(stage.name).get("status") if stage.room.exists(stage.name) else None

    def over() -> bool:
        if not lane.running():
            lane.begin()
        return lane.at_work() and life.over(stage)

    made = lane.watchman.made
    lane.room.wait_until(lambda: made.is_set() or life.over(stage), "the fault is made", within=_WITHIN, seen=seen)
    if point is not None and not made.is_set():
        # The point may be what is written last: told to end, the process finishes what it is about.
        lane.stop()
    lane.room.wait_until(over, f"{life.name} is over", within=_WITHIN, seen=seen)
