"""Host names to addresses, off the event loop, once per exchange; it judges nothing and remembers nothing."""

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Sequence
from ipaddress import ip_address
from typing import Any, Final

from ..errors import NameNotAsked, NameNotResolved
from ..fair_queue import FairQueue
from .addresses import Address
from .local_errors import is_local, objection, shortage

AddressInfo = Sequence[tuple[int, int, int, str, tuple[Any, ...]]]

_MOST_AT_ONCE: Final = 128
_SHARE: Final = 4
"""One tenant may have so many lookups under way that they are this part of the places that are left."""
NO_PLACE: Final = "too many other host names are being looked up, and their name servers do not answer"

_Found = tuple[Address, ...] | NameNotResolved


class Resolver:
    """Resolve names in threads of their own.

    A lookup cannot be cancelled: the C library waits as long as resolv.conf says, longer than any exchange. So each has
    a daemon thread, that neither holds up the end of the process nor the executor that others use, and all who ask for
    one name wait for one lookup.

    Threads are few, and tenants choose the names. A tenant whose lookups are a quarter of the places left gets no
    other, at once: the more there are that do not end, the smaller everybody's share, and there is a place for who has
    none. Where nothing is left at all, tenants wait for their turn.
    """

    def __init__(self, getaddrinfo: Callable[..., AddressInfo] = socket.getaddrinfo) -> None:
        self._getaddrinfo = getaddrinfo
        self._under_way: dict[str, asyncio.Future[_Found]] = {}
        self._of: Counter[Hashable] = Counter()
        self._reserved = 0
        self._waiting: FairQueue[asyncio.Future[None]] = FairQueue()

    async def resolve(self, host: str, tenant: Hashable = None) -> tuple[Address, ...]:
        """Return every address of a host, in the system's order of preference.

        Raises:
            NameNotAsked: the tenant has its share of lookups, or our own side cannot look up anything.
            NameNotResolved: there is none.
        """
        return await (await self.begin(host, tenant))

    async def begin(self, host: str, tenant: Hashable = None) -> Awaitable[tuple[Address, ...]]:
        """Begin a lookup, or join one, once there is a place for it, and return what waits for its end.

        Raises:
            NameNotAsked: the tenant has its share.
        """
        if host not in self._under_way:
            await self._place(tenant)
            if host not in self._under_way:
                self._start(host, tenant)
            else:
                # Somebody began it meanwhile: the place is not needed.
                self._pass_on()
        return self._addresses(self._under_way[host])

    async def _place(self, tenant: Hashable) -> None:
        if self._has_its_share(tenant):
            raise NameNotAsked(NO_PLACE)
        if self._left > 0:
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.add(turn, tenant, None)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                # It came in the same moment.
                self._reserved -= 1
                self._pass_on()
            raise
        self._reserved -= 1
        if self._has_its_share(tenant):
            # Others of the same tenant had their turn meanwhile.
            self._pass_on()
            raise NameNotAsked(NO_PLACE)

    @property
    def _left(self) -> int:
        return _MOST_AT_ONCE - len(self._under_way) - self._reserved

    def _has_its_share(self, tenant: Hashable) -> bool:
        # A program that is nobody's tenant has all of them.
        return tenant is not None and self._of[tenant] >= max(1, self._left // _SHARE)

    def _start(self, host: str, tenant: Hashable) -> None:
        lookup: asyncio.Future[_Found] = asyncio.get_running_loop().create_future()
        threading.Thread(target=self._look_up, args=(host, tenant, lookup), name="resolve", daemon=True).start()
        self._under_way[host] = lookup
        self._of[tenant] += 1

    @staticmethod
    async def _addresses(lookup: "asyncio.Future[_Found]") -> tuple[Address, ...]:
        found = await asyncio.shield(lookup)
        if isinstance(found, NameNotResolved):
            # A new one for each: an exception that is raised twice drags the first one's traceback along.
            raise type(found)(str(found))
        return found

    def _look_up(self, host: str, tenant: Hashable, lookup: "asyncio.Future[_Found]") -> None:
        found = self._found(host)
        try:
            lookup.get_loop().call_soon_threadsafe(self._settle, host, tenant, lookup, found)
        except RuntimeError:
            # The loop is closed: nobody waits any more.
            return

    def _found(self, host: str) -> _Found:
        try:
            answers = self._getaddrinfo(host, None, type=socket.SOCK_STREAM)
            return tuple(dict.fromkeys(ip_address(answer[4][0]) for answer in answers))
        except OSError as error:
            local = error if is_local(error) else shortage()
            if local is not None:
                return NameNotAsked(str(objection(local)))
            return NameNotResolved(f"{host} cannot be resolved: {error.strerror or 'not a name'}")
        except ValueError:
            return NameNotResolved(f"{host} cannot be resolved: not a name")

    def _settle(self, host: str, tenant: Hashable, lookup: "asyncio.Future[_Found]", found: _Found) -> None:
        del self._under_way[host]
        self._of[tenant] -= 1
        if not self._of[tenant]:
            # Tenants come and go.
            del self._of[tenant]
        if not lookup.done():
            lookup.set_result(found)
        self._pass_on()

    def _pass_on(self) -> None:
        """Give the places that are free to those whose turn it is."""
        while len(self._waiting) and len(self._under_way) + self._reserved < _MOST_AT_ONCE:
            turn = self._waiting.next()
            self._waiting.done(turn, 0.0)
            # One that is done waits no more: its exchange has ended.
            if not turn.done():
                self._reserved += 1
                turn.set_result(None)
