"""The asynchronous generators of another's code that may be left where they were, ended one after another.

A task that is cancelled between two items of an `async for` leaves the generator suspended, and what it holds open
(`async with`) too. asyncio ends all that are left at the same time: one generator then ends while another still needs
it, and an error is logged of which nobody is guilty.
"""

import asyncio
import logging
import sys
from collections.abc import AsyncGenerator
from types import AsyncGeneratorType
from typing import Any, Final
from weakref import WeakValueDictionary

_LOG = logging.getLogger(__name__)
_PATIENCE: Final = 5.0
"""Seconds for one of them to end."""


class AsyncGenerators:
    """The asynchronous generators of a package that were begun in this event loop since, and have not ended.

    Must be made in the event loop, and at most once for a package.
    """

    def __init__(self, package: str) -> None:
        self._package = package
        # In the order of their beginning, which is from the outer one to those it reads from.
        self._begun: WeakValueDictionary[int, AsyncGenerator[Any, Any]] = WeakValueDictionary()
        self._count = 0
        self._ending: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()
        self._begin, self._forget = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(self._note, self._end)

    async def close(self) -> None:
        """End those that are left, the outer ones first: each ends by itself what it reads from.

        None of them may be at work: their tasks have ended. How one of them ends stops no other one.
        """
        # Referred to from here on, none of these ends in its own way in the middle of this.
        left = list(self._begun.values())
        await asyncio.sleep(0)  # What nobody referred to any more has its turn.
        if self._ending:
            await asyncio.wait(self._ending, timeout=_PATIENCE)
        for generator in left:
            await _ended(generator)

    def _is_ours(self, generator: AsyncGenerator[Any, Any]) -> bool:
        if not isinstance(generator, AsyncGeneratorType) or (frame := generator.ag_frame) is None:
            return False
        module: str = frame.f_globals.get("__name__", "")
        return module.partition(".")[0] == self._package

    def _note(self, generator: AsyncGenerator[Any, Any]) -> None:
        if self._begin is not None:
            self._begin(generator)
        if self._is_ours(generator):
            self._count += 1
            self._begun[self._count] = generator

    def _end(self, generator: AsyncGenerator[Any, Any]) -> None:
        """Do for what nobody refers to any more what asyncio does, and know of it until it has ended."""
        if not self._is_ours(generator):
            if self._forget is not None:
                self._forget(generator)
        elif not self._loop.is_closed():
            # Whichever thread collects garbage calls this.
            self._loop.call_soon_threadsafe(self._end_soon, generator)

    def _end_soon(self, generator: AsyncGenerator[Any, Any]) -> None:
        task = self._loop.create_task(_ended(generator))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


async def _ended(generator: AsyncGenerator[Any, Any]) -> None:
    try:
        await asyncio.wait_for(generator.aclose(), _PATIENCE)
    except Exception as error:  # noqa: BLE001 - another's code: what goes on does not depend on it
        # The type alone: what it says may quote what was answered to it.
        _LOG.warning("a generator did not end in order", extra={"error": type(error).__name__})
