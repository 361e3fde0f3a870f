"""Whose step is next on the event loop, where several tenants have much to compute.

Each group has a share of each turn of the loop. What it has to compute beyond that stands in a line, from which each
turn calls one step, of the group that was called for least. So who waits for an answer meanwhile waits for the shares
of others and for one step of the line, and not for all that there is to compute.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Generator, Hashable
from typing import Any, Final

from .fair_queue import FairQueue

PER_GROUP: Final = 0.002
"""Seconds of computing in one turn of the event loop after which the steps of a group stand in line."""
IN_ALL: Final = 0.02
"""Seconds of computing in one turn after which the steps of all do: then a probe is answered, and a watch read."""
_DEBT: Final = 0.1
"""Seconds beyond its shares that are held against a group at most, where one step took longer than a share."""


class Turns:
    """The shares of the present turn, and the line; for one event loop's thread.

    `emptied` is called when a group that had steps in line has none there any more.
    """

    def __init__(self, emptied: Callable[[], None] = lambda: None) -> None:
        self._emptied = emptied
        self._computed: dict[Hashable, float] = {}
        """Of each group, in this turn and beyond its shares of those before."""
        self._in_all = 0.0
        self._line: FairQueue[asyncio.Future[None]] = FairQueue()
        self._groups: dict[asyncio.Future[None], Hashable] = {}
        self._standing: Counter[Hashable] = Counter()
        self._called: asyncio.Future[None] | None = None
        self._is_to_end = False

    def stands(self, group: Hashable) -> bool:
        """Tell whether a step of the group stands in line."""
        return group in self._standing

    def wait(self, group: Hashable) -> Generator[Any, Any, BaseException | None]:
        """Wait until the group may begin a step, and return what was thrown meanwhile."""
        if group not in self._standing and not self._had_its_share(group):
            return None
        place = asyncio.get_running_loop().create_future()
        self._groups[place] = group
        self._standing[group] += 1
        self._line.add(place, group, None)
        self._end_soon()
        try:
            yield from place
        except BaseException as thrown:  # noqa: BLE001 - whoever waits treats it
            # A task that is cancelled cancels what it waits for.
            if not place.done() or place.cancelled():
                # It keeps its place, where it is passed over.
                place.cancel()
                self._leave(group)
            return thrown
        return None

    def spend(self, group: Hashable, seconds: float) -> None:
        """Count what a step computed."""
        self._end_soon()
        self._computed[group] = self._computed.get(group, 0.0) + seconds
        self._in_all += seconds
        if self._called is not None and self._groups[self._called] == group:
            self._charge(seconds)

    def _had_its_share(self, group: Hashable) -> bool:
        return self._in_all >= IN_ALL or self._computed.get(group, 0.0) >= PER_GROUP

    def _end_soon(self) -> None:
        """Have this turn end when all that is ready by now has had its step."""
        if not self._is_to_end:
            self._is_to_end = True
            asyncio.get_running_loop().call_soon(self._end)

    def _end(self) -> None:
        self._is_to_end = False
        left = ((group, min(seconds, _DEBT) - PER_GROUP) for group, seconds in self._computed.items())
        self._computed = {group: seconds for group, seconds in left if seconds > 0}
        self._in_all = 0.0
        self._charge(0.0)
        while self._called is None and self._line.has_next:
            self._called = self._line.next()
            if self._called.done():
                self._charge(0.0)
        if self._called is not None:
            # It is called even where others come before it, and begins its step whatever they compute.
            self._called.set_result(None)
            self._leave(self._groups[self._called])
        if len(self._line):
            self._end_soon()

    def _charge(self, seconds: float) -> None:
        """Count for the line what the step computed that was called, if there was one."""
        if self._called is not None:
            self._line.done(self._called, seconds)
            del self._groups[self._called]
            self._called = None

    def _leave(self, group: Hashable) -> None:
        self._standing[group] -= 1
        if not self._standing[group]:
            del self._standing[group]
            self._emptied()
