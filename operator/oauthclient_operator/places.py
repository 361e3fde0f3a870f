"""So many places; who has held one for long holds none any more, where somebody else wants it; for one event loop."""

import asyncio
import math
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Holder = TypeVar("Holder", bound=Hashable)


class Places(Generic[Holder]):
    """Places that holders take and leave; after `lasting` seconds the oldest is taken back when another is asked for.

    Who was told that none is free is told by `again` when one may be taken back. While `unless`
    says so no time counts: then all last, for a reason that more of them would make worse.
    """

    def __init__(
        self,
        number: int,
        *,
        lasting: float = math.inf,
        again: Callable[[], None],
        unless: Callable[[], bool] = lambda: False,
    ) -> None:
        self._number = number
        self._lasting = lasting
        self._again = again
        self._unless = unless
        # Since when each is held; the oldest first.
        self._held: dict[Holder, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        """Count those that are held."""
        return len(self._held)

    def one_is_free(self) -> bool:
        """Tell whether one is, taking the oldest back from who has held it for long."""
        if len(self._held) < self._number:
            return True
        loop, oldest = asyncio.get_running_loop(), next(iter(self._held))
        left = self._held[oldest] + self._lasting - loop.time()
        if left <= 0 and self._unless():
            self._held, left = dict.fromkeys(self._held, loop.time()), self._lasting
        if left <= 0:
            del self._held[oldest]
            return True
        if self._timer is None and left < math.inf:
            self._timer = loop.call_later(left, self._look_again)
        return False

    def take(self, holder: Holder) -> None:
        """Take one that is free."""
        self._held[holder] = asyncio.get_running_loop().time()

    def leave(self, holder: Holder) -> None:
        """Leave the place, unless it was taken back."""
        self._held.pop(holder, None)

    def _look_again(self) -> None:
        self._timer = None
        self._again()
