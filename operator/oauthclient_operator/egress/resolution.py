"""Host names to addresses, off the event loop, once per exchange; it judges nothing and remembers nothing."""

import asyncio
import socket
import threading
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import Any, Final

from ..errors import NameNotResolved, TooManyNames
from .addresses import Address

AddressInfo = Sequence[tuple[int, int, int, str, tuple[Any, ...]]]

_MOST_AT_ONCE: Final = 128


class Resolver:
    """Resolve names in threads of their own.

    A lookup cannot be cancelled: the C library waits as long as resolv.conf says. So each has a daemon thread, that
    neither holds up the end of the process nor the executor that others use, and all who ask for one name wait for
    one lookup: a name server that never answers costs one thread per name, and nobody else anything.
    """

    def __init__(self, getaddrinfo: Callable[..., AddressInfo] = socket.getaddrinfo) -> None:
        self._getaddrinfo = getaddrinfo
        self._under_way: dict[str, asyncio.Future[tuple[Address, ...] | NameNotResolved]] = {}

    async def resolve(self, host: str) -> tuple[Address, ...]:
        """Return every address of a host, in the system's order of preference.

        Raises:
            NameNotResolved: there is none.
        """
        lookup = self._under_way.get(host)
        if lookup is None:
            if len(self._under_way) >= _MOST_AT_ONCE:
                raise TooManyNames("too many names wait for a name server that does not answer")
            lookup = asyncio.get_running_loop().create_future()
            threading.Thread(target=self._look_up, args=(host, lookup), name="resolve", daemon=True).start()
            self._under_way[host] = lookup
        found = await asyncio.shield(lookup)
        if isinstance(found, NameNotResolved):
            raise NameNotResolved(str(found))
        return found

    def _look_up(self, host: str, lookup: asyncio.Future[tuple[Address, ...] | NameNotResolved]) -> None:
        found: tuple[Address, ...] | NameNotResolved
        try:
            answers = self._getaddrinfo(host, None, type=socket.SOCK_STREAM)
            found = tuple(dict.fromkeys(ip_address(answer[4][0]) for answer in answers))
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else None
            found = NameNotResolved(f"{host} cannot be resolved: {reason or 'not a name'}")
        loop = lookup.get_loop()
        try:
            loop.call_soon_threadsafe(self._settle, host, lookup, found)
        except RuntimeError:
            # The loop is closed: nobody waits any more.
            return

    def _settle(
        self,
        host: str,
        lookup: asyncio.Future[tuple[Address, ...] | NameNotResolved],
        found: tuple[Address, ...] | NameNotResolved,
    ) -> None:
        del self._under_way[host]
        if not lookup.done():
            lookup.set_result(found)
