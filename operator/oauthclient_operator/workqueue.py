"""What has to be looked at, by key: once at a time, soon after it changed, and again when it is due.

add ──▶ waiting ──▶ in work ──▶ done
 ▲         ▲           │
 │         └───────────┘ added meanwhile: dirty
timer, one per key: the earlier one wins, and beginning work stops it, for whoever works says anew when it is due
dirty is over when the worker turns out to know of each reason why the key was added: what it wrote may be told by a
watch before it is answered
"""

import asyncio
import logging
import math
import random
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Final, Generic, TypeVar

from .backoff import Backoff
from .fair_queue import FairQueue
from .loop_time import METER, Meter, Metered
from .loop_turns import Turns
from .places import Places

_LOG = logging.getLogger(__name__)
_BACKOFF = Backoff(first=1.0, longest=300.0)
_BEGUN_AT_ONCE = 4
"""Keys begun in one turn of the event loop. Most have nothing to wait for: with all that may be in work begun at once,
whoever waits for an answer in between, as a new client does some thirty times, would wait for a hundred of them each
time."""

_MOST: Final = 4
"""Times as many keys as there are workers are in work at most, however long they last: each takes some 35 kB."""

Key = TypeVar("Key", bound=Hashable)


class WorkQueue(Generic[Key]):
    """Keys, and at most `workers` of them in work, never one twice; for one event loop's thread.

    What waits does so in a `FairQueue`; `groups` names a key's group and subgroup, of one group at most `per_group` are
    in work, and a group is charged with the time for which it keeps the event loop, and has a share of each turn of it.
    What is in work for `lasting` seconds has its worker no longer, or what hangs of some groups would keep all others
    waiting; it counts among its group's, and of all `_MOST` times the workers are in work at most. While
    `unless` says so no time counts.
    `chance` draws from 0 to 1, and `clock` tells seconds of computing.
    """

    def __init__(
        self,
        work: Callable[[Key], Awaitable[None]],
        *,
        workers: int,
        per_group: int | None = None,
        lasting: float = math.inf,
        unless: Callable[[], bool] = lambda: False,
        groups: Callable[[Key], tuple[Hashable, Hashable]] = lambda _key: (None, None),
        chance: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._work = work
        self._workers = workers
        self._groups = groups
        self._chance = chance
        self._clock = clock
        self._wake = asyncio.Event()
        self._turns = Turns(emptied=self._wake.set)
        self._waiting: FairQueue[Key] = FairQueue(at_once=per_group or workers)
        self._dirty: dict[Key, set[Hashable]] = {}
        self._in_work: dict[Key, asyncio.Task[None]] = {}
        self._places: Places[Key] = Places(workers, lasting=lasting, again=self._wake.set, unless=unless)
        self._timers: dict[Key, asyncio.TimerHandle] = {}
        self._failures: dict[Key, int] = {}
        self._stopped = False

    def __len__(self) -> int:
        """Count what waits or is in work; what is due later is not counted."""
        return len(self._waiting) + len(self._in_work)

    def add(self, key: Key, because: Hashable = None) -> None:
        """Have the key worked on soon; if it is in work, once more after that, unless the reason is disregarded."""
        if self._stopped:
            return
        if key in self._in_work:
            self._dirty.setdefault(key, set()).add(because)
        elif key not in self._waiting:
            self._waiting.add(key, *self._groups(key))
            self._wake.set()

    def disregard(self, key: Key, because: Hashable) -> None:
        """Take back that a key was added while in work, where that was for this reason alone: who works knows of it."""
        reasons = self._dirty.get(key, set())
        reasons.discard(because)
        if not reasons:
            self._dirty.pop(key, None)

    def add_after(self, key: Key, delay: float) -> None:
        """Have the key worked on in `delay` seconds, unless an earlier time is set already."""
        if self._stopped:
            return
        loop = asyncio.get_running_loop()
        timer = self._timers.get(key)
        if timer is not None:
            if timer.when() <= loop.time() + delay:
                return
            timer.cancel()
        self._timers[key] = loop.call_later(max(delay, 0.0), self._due, key)

    def add_within(self, key: Key, longest: float) -> None:
        """Have the key worked on after half of `longest` to all of it, in seconds: each of many at another moment."""
        self.add_after(key, longest * (0.5 + 0.5 * self._chance()))

    def backoff(self, key: Key) -> float:
        """Count a failure and return how many seconds to wait for it: twice as long each time, up to five minutes."""
        self._failures[key] = self._failures.get(key, 0) + 1
        return _BACKOFF.after(self._failures[key], self._chance())

    def forget(self, key: Key) -> None:
        """Count failures from zero again."""
        self._failures.pop(key, None)

    def stop(self) -> None:
        """Take nothing in any more and begin nothing; what is in work goes on, and `run` returns when that is done."""
        self._stopped = True
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._waiting.clear()
        self._dirty.clear()
        self._wake.set()

    async def run(self) -> None:
        """Work until stopped. Cancelled, it cancels what is in work and waits for its end."""
        try:
            while not (self._stopped and not self._in_work):
                if self._begin():
                    await asyncio.sleep(0)
                    continue
                await self._wake.wait()
                self._wake.clear()
        finally:
            tasks = list(self._in_work.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _due(self, key: Key) -> None:
        del self._timers[key]
        self.add(key)

    def _begin(self) -> bool:
        """Begin what this turn of the event loop may, and return whether another turn could begin more."""
        for _ in range(_BEGUN_AT_ONCE):
            key = self._waiting.next_of(self._may_begin) if self._another_may_begin() else None
            if key is None:
                return False
            timer = self._timers.pop(key, None)
            if timer is not None:
                timer.cancel()
            self._places.take(key)
            self._in_work[key] = asyncio.create_task(self._work_on(key), name=f"work on {key}")
        return True

    def _another_may_begin(self) -> bool:
        """Tell whether there is one that waits, and a worker for it."""
        return bool(self._waiting) and len(self._in_work) < _MOST * self._workers and self._places.one_is_free()

    def _may_begin(self, group: Hashable) -> bool:
        """Tell whether a group has a use for one more worker: not where what it has begun waits to compute."""
        return not self._turns.stands(group)

    async def _work_on(self, key: Key) -> None:
        meter = Meter(self._clock, group=self._groups(key)[0], turns=self._turns)
        METER.set(meter)  # A task has a context of its own.
        try:
            await Metered(lambda: self._work(key))
        except Exception as error:  # noqa: BLE001 - one key's mistake must not stop the others
            # Neither message nor traceback: nobody knows what they quote.
            what = {"key": str(key), "error": type(error).__name__, "at": _place(error)}
            _LOG.error("unexpected failure", extra=what)
            self.add_after(key, self.backoff(key))
        finally:
            del self._in_work[key]
            self._places.leave(key)
            self._waiting.done(key, meter.seconds)
            if self._dirty.pop(key, None) is not None:
                self.add(key)
            self._wake.set()


def _place(error: BaseException) -> str:
    """Return where an exception was raised: file and line."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
