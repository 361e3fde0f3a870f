"""Errors of the system that are our own side's: no descriptor, buffer, port or right of ours is left.

They say nothing of the server, whatever was tried with it.
"""

import errno
import os
import socket
import ssl
from typing import Final

from ..errors import Objected

_LOCAL: Final = frozenset(
    {
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOBUFS,
        errno.ENOMEM,
        # All local ports towards that address are in use.
        errno.EADDRNOTAVAIL,
        errno.EADDRINUSE,
        # A rule of this machine, or a network policy of its node, forbids it; no server answers so.
        errno.EACCES,
        errno.EPERM,
    }
)
_SPARE: Final = 4
"""Descriptors that the C library may want at once to look a name up."""


def is_local(error: OSError) -> bool:
    """Whether an error says something of our own side only."""
    # An ssl.SSLError is an OSError, too, and its number is one of OpenSSL's.
    return error.errno in _LOCAL and not isinstance(error, ssl.SSLError)


def objection(error: OSError) -> Objected:
    """Return such an error as the reason why nothing is sent."""
    # Not its own words: they may hold an address or a path.
    return Objected(f"the system that this side runs on says: {os.strerror(error.errno or 0).lower()}")


def shortage() -> OSError | None:
    """Return the error that a want of descriptors is, or None: the C library calls it a name that does not exist."""
    found: list[socket.socket] = []
    try:
        found.extend(socket.socket() for _ in range(_SPARE))
    except OSError as error:
        return error if is_local(error) else None
    finally:
        for sock in found:
            sock.close()
    return None
