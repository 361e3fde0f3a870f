"""The way to a connection: resolve once, judge every address, connect to one that was judged, look who answered."""

import asyncio
import os
import socket
from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address
from typing import Final

import httpcore

from ..errors import EgressRefused, NameNotResolved, Objected, TooManyNames, Withheld
from .addresses import Address
from .passage import Passage
from .policy import Policy
from .resolution import Resolver
from .stream import PlainStream
from .url import Destination

_PATIENCE: Final = 3.0
"""Seconds for an address while there is another one to try."""
_MOST_ADDRESSES: Final = 8


class VettedNetwork(httpcore.AsyncNetworkBackend):
    """httpcore's network for one exchange with one destination."""

    def __init__(self, to: Destination, policy: Policy, resolver: Resolver, passage: Passage) -> None:
        self._to = to
        self._policy = policy
        self._resolver = resolver
        self._passage = passage

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002 - httpcore's; the exchange has one deadline
        local_address: str | None = None,  # noqa: ARG002 - as above
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 - as above
    ) -> httpcore.AsyncNetworkStream:
        """Connect to an address of the destination that was judged.

        Raises:
            EgressRefused: one of its addresses is not allowed; then none is connected to.
            Withheld: it has no address, or none of them answers.
        """
        if (host, port) != (self._to.host, self._to.port):
            raise ValueError("a passage has one destination")
        sock = await self._connect(await self._vetted())
        return PlainStream(sock, self._passage, self._to.host)

    async def _vetted(self) -> tuple[Address, ...]:
        if self._to.address is not None:
            found: tuple[Address, ...] = (self._to.address,)
        else:
            try:
                found = await self._resolver.resolve(self._to.host)
            except TooManyNames as error:
                raise Objected(str(error)) from None
            except NameNotResolved as error:
                raise Withheld(str(error)) from None
        # All are judged, not only the one that would be taken: a name that also means a forbidden address is a trap.
        for address in found:
            self._policy.admit_address(self._to, address)
        return found[:_MOST_ADDRESSES]

    async def _connect(self, addresses: tuple[Address, ...]) -> socket.socket:
        cause = f"{self._to.host} has no address"
        for number, address in enumerate(addresses, start=1):
            try:
                async with asyncio.timeout(None if number == len(addresses) else _PATIENCE):
                    return await self._connect_to(address)
            except TimeoutError:
                cause = f"{self._to.host} does not answer on port {self._to.port}"
            except OSError as error:
                # Not the error's own words: asyncio puts the address into them.
                words = os.strerror(error.errno).lower() if error.errno else "no answer"
                cause = f"{self._to.host} cannot be connected to on port {self._to.port}: {words}"
        raise Withheld(cause)

    async def _connect_to(self, address: Address) -> socket.socket:
        family = socket.AF_INET6 if isinstance(address, IPv6Address) else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        self._passage.opened(sock)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(sock, (str(address), self._to.port))
        peer = sock.getpeername()
        if ip_address(peer[0]) != address or peer[1] != self._to.port:
            raise EgressRefused(f"{self._to.host} was connected to at another address than the one that was judged")
        return sock
