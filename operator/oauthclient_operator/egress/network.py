"""The way to a connection: resolve once, judge every address, connect to one that was judged, look who answered."""

import asyncio
import os
import socket
from collections.abc import Hashable, Iterable
from ipaddress import IPv6Address, ip_address
from typing import Final

import httpcore

from ..errors import EgressRefused, NameNotAsked, NameNotResolved, Objected, Withheld
from .addresses import Address
from .exchange_progress import ExchangeProgress
from .local_errors import is_local, objection
from .policy import Policy
from .resolution import NO_PLACE, Resolver
from .stream import PlainStream
from .tolerant_stream import TolerantStream
from .url import Destination

_TIMEOUT: Final = 3.0
"""Seconds for an address while there is another one to try; the last one has until the exchange's deadline."""
_MOST_ADDRESSES: Final = 8


class VettedNetwork(httpcore.AsyncNetworkBackend):
    """httpcore's network for one exchange with one destination."""

    def __init__(
        self, to: Destination, policy: Policy, resolver: Resolver, progress: ExchangeProgress, tenant: Hashable
    ) -> None:
        self._to = to
        self._policy = policy
        self._resolver = resolver
        self._progress = progress
        self._tenant = tenant

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002 - httpcore's; the exchange has one deadline
        local_address: str | None = None,  # noqa: ARG002 - httpcore's
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 - httpcore's
    ) -> httpcore.AsyncNetworkStream:
        """Connect to an address of the destination that was judged.

        Raises:
            EgressRefused: one of its addresses is not allowed; then none is connected to.
            Withheld: it has no address, or none of them answers.
        """
        if (host, port) != (self._to.host, self._to.port):
            raise ValueError("an exchange has one destination")
        sock = await self._connect(await self._vetted())
        return TolerantStream(PlainStream(sock, self._progress, self._to.host), self._progress)

    async def _vetted(self) -> tuple[Address, ...]:
        if self._to.address is not None:
            found: tuple[Address, ...] = (self._to.address,)
        else:
            try:
                with self._progress.held_up_by(NO_PLACE):
                    lookup = await self._resolver.begin(self._to.host, self._tenant)
                found = await lookup
            except NameNotAsked as error:
                raise Objected(str(error)) from None
            except NameNotResolved as error:
                raise Withheld(str(error)) from None
        # All are judged, not only the one that would be taken: a name with a forbidden address among others is refused.
        for address in found:
            self._policy.admit_address(self._to, address)
        return found[:_MOST_ADDRESSES]

    async def _connect(self, addresses: tuple[Address, ...]) -> socket.socket:
        cause: str | None = None
        ours: Objected | None = None
        for number, address in enumerate(addresses, start=1):
            try:
                async with asyncio.timeout(None if number == len(addresses) else _TIMEOUT):
                    return await self._connect_to(address)
            except TimeoutError:
                cause = f"{self._to.host} does not answer on port {self._to.port}"
            except OSError as error:
                if is_local(error):
                    ours = objection(error)
                    continue
                # Not the error's own words: asyncio puts the address into them.
                words = os.strerror(error.errno).lower() if error.errno else "no answer"
                cause = f"{self._to.host} cannot be connected to on port {self._to.port}: {words}"
        if cause is None and ours is not None:
            raise ours
        raise Withheld(cause or f"{self._to.host} has no address")

    async def _connect_to(self, address: Address) -> socket.socket:
        family = socket.AF_INET6 if isinstance(address, IPv6Address) else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        self._progress.opened(sock)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(sock, (str(address), self._to.port))
        peer = sock.getpeername()
        if ip_address(peer[0]) != address or peer[1] != self._to.port:
            raise EgressRefused(f"{self._to.host} was connected to at another address than the one that was judged")
        return sock
