"""Sockets to the API server: that its machine, or the way to it, is gone without a word is noticed by the kernel.

A connection that nobody closes looks as one on which nothing happens: a watch would wait for its next bookmark, and a
write for its answer, as long as either may take.
"""

import socket
from typing import Final

import aiohttp

_IDLE: Final = 15
"""Seconds after which it is asked whether the other end is there, while nothing is sent."""
_ASKED_EVERY: Final = 5
UNACKNOWLEDGED: Final = 15.0
"""Seconds for which nothing may come back of what was sent, be it that question."""
NOTICED_WITHIN: Final = _IDLE + UNACKNOWLEDGED + _ASKED_EVERY
_OPTIONS: Final = (
    ("TCP_KEEPIDLE", _IDLE),
    ("TCP_KEEPALIVE", _IDLE),
    ("TCP_KEEPINTVL", _ASKED_EVERY),
    ("TCP_KEEPCNT", int(UNACKNOWLEDGED / _ASKED_EVERY)),
    ("TCP_USER_TIMEOUT", int(UNACKNOWLEDGED * 1000)),
)
"""Of these each system has its own: the second is another name for the first."""


def watched_over(address: aiohttp.AddrInfoType) -> socket.socket:
    """Return a socket for an address, of which the kernel tells when the other end is gone."""
    family, kind, protocol, _, _ = address
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _OPTIONS:
        if (option := getattr(socket, name, None)) is not None:
            made.setsockopt(socket.IPPROTO_TCP, option, value)
    return made
